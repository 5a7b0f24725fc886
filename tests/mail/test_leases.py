"""No mail goes twice with two workers, and none is lost when one of them dies."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import IntegrityError, connection

from marquee.mail import outbox, planning, sending
from marquee.mail.models import Message
from marquee.mail.states import MessageState
from tests.factories import book_seats, make_show, make_user
from tests.mail.conftest import add_event, due_now
from tests.mail.smtp_server import mail_server
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
MAILS = 40


def many_due():
    for number in range(MAILS):
        add_event(make_user(email=f"user{number}@example.com"), "password")
    planning.plan_account_mails()
    assert Message.objects.count() == MAILS


def copies(smtp):
    """Return how often each mail arrived."""
    return Counter(mail["Message-ID"] for mail in smtp.mails)


def send_until_nothing_is_due():
    while sending.send_due_mails():
        pass


def test_four_workers_send_each_mail_once(smtp, settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 10
    monkeypatch.setattr(sending, "BATCH_SIZE", 3)
    many_due()

    assert at_once(4, send_until_nothing_is_due) == [None] * 4

    assert set(copies(smtp).values()) == {1}
    assert len(copies(smtp)) == MAILS
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_four_workers_send_an_unverified_address_no_more_than_may_go(smtp, settings, monkeypatch):
    settings.EMAIL_TIMEOUT, settings.BOOKING_MAIL_LIMIT = 10, 3
    monkeypatch.setattr(sending, "BATCH_SIZE", 1)
    zoe, show = make_user(), make_show()
    for seat in range(1, 9):
        book_seats(zoe, show, f"A{seat}")
    planning.plan_booking_mails()

    assert at_once(4, send_until_nothing_is_due) == [None] * 4

    assert len(smtp.mails) == 3
    assert Message.objects.filter(state="due", attempts=0).count() == 5


def claim_without_guard(*, limit):
    """Take mails as `claim` does, but read first and write later, without a lock or a condition."""
    now = outbox.database_now()
    due = list(Message.objects.filter(state="due", next_at__lte=now).order_by("id")[:limit])
    time.sleep(0.05)
    for one in due:
        one.state, one.next_at = MessageState.SENDING, now + outbox.LEASE
        one.save()
    return due


def test_control_without_the_lease_mails_go_twice(smtp, settings, monkeypatch):
    settings.EMAIL_TIMEOUT = 10
    monkeypatch.setattr(outbox, "claim", claim_without_guard)
    many_due()

    at_once(4, send_until_nothing_is_due)

    assert max(copies(smtp).values()) > 1


def test_four_workers_plan_each_mail_once():
    for number in range(MAILS):
        add_event(make_user(email=f"user{number}@example.com"), "password")

    results = at_once(4, planning.plan_account_mails)

    assert not [one for one in results if isinstance(one, Exception)]
    assert Message.objects.count() == MAILS


def test_control_the_unique_key_keeps_a_second_plan_off():
    event = add_event(make_user(), "password")
    planning.plan_account_mails()
    again = Message(
        account_event=event, kind="password", recipient="customer",
        created_at=event.at, next_at=event.at,
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        again.save()

    planning._insert([again])  # as a worker would that read before the other wrote
    assert Message.objects.count() == 1

    _drop_constraint("message_once_for_an_account_event")
    try:
        again.pk = None
        again.save()
        assert Message.objects.count() == 2  # so it was the key
    finally:
        Message.objects.all().delete()
        _add_constraint("message_once_for_an_account_event")


def _constraint(name):
    return next(one for one in Message._meta.constraints if one.name == name)


def _drop_constraint(name):
    with connection.schema_editor() as editor:
        editor.remove_constraint(Message, _constraint(name))


def _add_constraint(name):
    with connection.schema_editor() as editor:
        editor.add_constraint(Message, _constraint(name))


def test_a_worker_killed_between_sending_and_noting_loses_nothing():
    """The mail goes again when the lease has ended, by the same Message-ID."""
    add_event(make_user(email="alice@example.com"), "password")
    add_event(make_user(email="bob@example.com"), "password")
    planning.plan_account_mails()
    with mail_server() as server:
        worker = start_worker(server.port)

        def kill_the_worker(mail):
            server.handler.mails.append(mail)
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
            return "250 Taken"

        server.handler.data = kill_the_worker
        worker.communicate(timeout=60)
        assert worker.returncode == -signal.SIGKILL
        assert [mail["To"] for mail in server.handler.mails] == ["alice@example.com"]
        assert set(Message.objects.values_list("state", flat=True)) == {"sending"}

        server.handler.data = "250 Taken"
        assert run_worker(server.port) == 0  # the leases have not ended
        due_now()
        assert run_worker(server.port) == 2

        counts = Counter(mail["To"] for mail in server.handler.mails)
        assert counts == {"alice@example.com": 2, "bob@example.com": 1}
        assert len(copies(server.handler)) == 2
    states = Message.objects.order_by("pk").values_list("state", "attempts")
    assert list(states) == [("sent", 1), ("sent", 1)]


def start_worker(port):
    database = connection.settings_dict
    url = f"sqlite:///{database['NAME']}"
    if connection.vendor == "postgresql":
        user, password = database["USER"], database["PASSWORD"]
        host = database["HOST"].replace("/", "%2F")
        url = f"postgres://{user}:{password}@{host}:{database['PORT']}/{database['NAME']}"
    environment = {
        "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings", "EMAIL_BACKEND": "smtp",
        "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port),
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "tests.mail.worker_that_sends"],
        cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def run_worker(port):
    worker = start_worker(port)
    return int(worker.communicate(timeout=60)[0])
