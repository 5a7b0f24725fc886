"""A transaction that falls to a deadlock is run again, and its effects happen once (DESIGN 5)."""

from contextlib import nullcontext

import pytest
from django.db import OperationalError, connection

from marquee.booking.models import Booking, BookingEvent, SeatClaim
from marquee.booking.operations import admit, call_off, cancel, confirm, expire
from marquee.core import transactions
from tests.races import books
from tests.races.stage import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


class Deadlock(Exception):
    sqlstate = "40P01"


class Fault:
    """Makes one statement fail the first time it is reached, COMMIT being the last."""

    def __init__(self, at: int, cause: Exception, *, after_commit: bool = False) -> None:
        self.at, self.cause, self.after_commit = at, cause, after_commit
        self.reached = 0
        self.struck = False

    def execute(self, execute, sql, params, many, context):
        self.strike()
        return execute(sql, params, many, context)

    def strike(self):
        self.reached += 1
        if self.reached > self.at and not self.struck:
            self.struck = True
            raise OperationalError("told to fail") from self.cause

    def run(self, act):
        """Do it with the fault in its way."""
        commit = connection._commit

        def failing_commit():
            if self.after_commit and not self.struck:
                commit()
                self.at = 0
            self.strike()
            commit()

        connection._commit = failing_commit
        try:
            with connection.execute_wrapper(self.execute):
                return act()
        finally:
            del connection._commit


def book(stage):
    return lambda: stage.book(stage.alice, "A1", "A2", key=f"key {stage.show.pk}")


def book_the_best(stage):
    return lambda: stage.book_best(stage.alice, 2)


def confirm_a_hold(stage):
    held = stage.hold(stage.alice, "A1", "A2")
    return lambda: confirm(booking=held)


def confirm_late(stage):
    lapsed = stage.lapsed_hold(stage.alice, "A1", "A2")
    return lambda: confirm(booking=lapsed)


def cancel_a_booking(stage):
    booked = stage.book(stage.alice, "A1", "A2")
    return lambda: cancel(booking=booked)


def tidy_up(stage):
    lapsed = stage.lapsed_hold(stage.alice, "A1", "A2")
    return lambda: expire(booking=lapsed)


def admit_a_ticket(stage):
    ticket = stage.book(stage.alice, "A1", "A2").tickets.first()
    return lambda: admit(ticket=ticket)


def call_off_a_show(stage):
    stage.book(stage.alice, "A1", "A2")
    return lambda: call_off(show=stage.show)


ACTS = {
    book: ["confirmed"],
    book_the_best: ["confirmed"],
    confirm_a_hold: ["held", "confirmed"],
    confirm_late: ["held", "confirmed"],
    cancel_a_booking: ["confirmed", "cancelled"],
    tidy_up: ["held", "expired"],
    admit_a_ticket: ["confirmed", "admitted"],
    call_off_a_show: ["confirmed", "called_off"],
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(transactions, "PAUSE_SECONDS", 0)


def events(stage):
    found = BookingEvent.objects.filter(booking__show=stage.show).order_by("id")
    return [event.kind for event in found]


def faults_at_each_statement(make, cause):
    """Yield the stage and what came of it, for a fault at each statement that there is."""
    at, struck = 0, True
    while struck:
        stage = Stage()
        act, fault = make(stage), Fault(at, cause)
        try:
            result = fault.run(act)
        except OperationalError as error:
            result = error
        struck = fault.struck
        yield stage, result
        at += 1


@pytest.mark.parametrize("act", ACTS)
def test_a_deadlock_at_any_statement_is_tried_again_and_changes_nothing_twice(act):
    for stage, result in faults_at_each_statement(act, Deadlock()):
        assert not isinstance(result, Exception)
        assert events(stage) == ACTS[act]
        books.check(stage.show)


@pytest.mark.parametrize("act", ACTS)
def test_control_never_tried_again_the_caller_is_left_with_the_deadlock(act, monkeypatch):
    monkeypatch.setattr(transactions, "TRIES", 1)
    _, result = next(faults_at_each_statement(act, Deadlock()))
    assert isinstance(result, OperationalError)


def test_control_run_again_without_a_transaction_a_cancellation_stays_half_done(monkeypatch):
    monkeypatch.setattr(transactions.transaction, "atomic", lambda **how: nullcontext())
    half_done = 0
    for stage, _ in faults_at_each_statement(cancel_a_booking, Deadlock()):
        sold = SeatClaim.objects.filter(show=stage.show, state="sold").exists()
        half_done += sold and Booking.objects.get(show=stage.show).status == "cancelled"
    assert half_done


@pytest.mark.parametrize("act", ACTS)
def test_a_connection_lost_at_any_statement_is_never_tried_again_and_leaves_all_or_nothing(act):
    before = ACTS[act][:-1]
    for stage, result in faults_at_each_statement(act, ConnectionError()):
        if isinstance(result, OperationalError):
            assert events(stage) == before
        else:
            assert events(stage) == ACTS[act]
        books.check(stage.show)


def test_an_answer_lost_after_the_commit_is_found_again_by_its_key():
    stage = Stage()
    act = book(stage)
    with pytest.raises(OperationalError):
        Fault(10**6, ConnectionError(), after_commit=True).run(act)
    assert act() == Booking.objects.get(show=stage.show)
    assert events(stage) == ["confirmed"]
