import signal
import subprocess
import sys
import time

import pytest
from django.core.management import call_command
from django.db import OperationalError

from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import expire as real_expire
from marquee.catalog.models import Show
from marquee.worker import loop, tasks
from marquee.worker.tasks import TASKS, Every
from tests.factories import book_seats, expire_hold, make_show, make_user


def run_once(command="run_worker"):
    with pytest.raises(SystemExit) as ended:
        call_command(command, "--once")
    return ended.value.code


@pytest.mark.django_db
def test_the_worker_expires_holds_that_have_ended_and_no_others():
    show, alice = make_show(), make_user()
    expired = book_seats(alice, show, "A1", hold=True)
    held = book_seats(alice, show, "A2", hold=True)
    expire_hold(expired)

    assert run_once() == 0

    expired.refresh_from_db()
    held.refresh_from_db()
    assert (expired.status, held.status) == ("expired", "held")
    states = dict(SeatClaim.objects.values_list("seat__label", "state"))
    assert states == {"A1": "free", "A2": "held"}


@pytest.mark.django_db
def test_a_hold_that_cannot_be_expired_stops_no_other(monkeypatch):
    show, alice = make_show(), make_user()
    poison, fine = (book_seats(alice, show, seat, hold=True) for seat in ("A1", "A2"))
    for hold in (poison, fine):
        expire_hold(hold)

    def expire(*, booking):
        if booking == poison:
            raise ValueError("a bug, or a row that SQL changed")
        real_expire(booking=booking)

    monkeypatch.setattr(tasks, "expire", expire)
    with pytest.raises(ValueError, match="a bug"):
        tasks.expire_holds()

    fine.refresh_from_db()
    assert fine.status == "expired"


@pytest.mark.django_db
def test_the_worker_cancels_bookings_of_a_show_that_was_called_off_in_the_database():
    show = make_show()
    booking = book_seats(make_user(), show, "A1")
    Show.objects.update(state="called_off")

    assert run_once() == 0

    booking.refresh_from_db()
    assert booking.status == Booking.Status.CANCELLED
    assert not SeatClaim.objects.exclude(state="free").exists()


@pytest.mark.django_db
def test_with_nothing_to_do_the_worker_sends_one_query_a_task(django_assert_num_queries):
    for task in TASKS.values():
        if isinstance(task, Every):
            task.next_at = 0.0
    # Logins have two ways to end, and old addresses two places.
    with django_assert_num_queries(len(TASKS) + 2):
        assert loop.run_once(TASKS)


@pytest.mark.django_db
def test_a_task_that_fails_does_not_stop_the_others(caplog):
    done = []

    def fails():
        raise OSError("the disk is full")

    tasks = {"fails": fails, "works": lambda: done.append("works") or 1}
    assert not loop.run_once(tasks)

    assert done == ["works"]
    assert "the disk is full" in caplog.text


@pytest.mark.django_db  # it closes the connection that a test before has left open
def test_a_database_that_is_down_is_one_line_a_task_without_a_traceback(caplog):
    def fails():
        raise OperationalError("the server closed the connection")

    assert not loop.run_once({"fails": fails})

    [line] = caplog.records
    assert line.getMessage().endswith("OperationalError: the server closed the connection")
    assert line.exc_info is None


@pytest.mark.django_db
def test_a_failure_sets_the_exit_code(monkeypatch):
    monkeypatch.setitem(TASKS, "fails", lambda: 1 / 0)

    assert run_once() == 1


@pytest.mark.django_db
def test_the_former_name_of_the_command_still_works():
    assert run_once("work") == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_loop_between_two_rounds(number):
    program = (
        "from marquee.worker import loop;"
        "loop.run({'print': lambda: print('round', flush=True) or 0}, every_seconds=60);"
        "print('ended')"
    )
    setup = f"import django; django.setup(); {program}"
    worker = subprocess.Popen([sys.executable, "-c", setup], stdout=subprocess.PIPE, text=True)
    assert worker.stdout.readline() == "round\n"
    time.sleep(0.1)

    worker.send_signal(number)

    assert worker.communicate(timeout=20)[0] == "ended\n"
    assert worker.returncode == 0
