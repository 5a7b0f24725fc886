"""A transaction is retried after a deadlock, and has its effects once (DESIGN 5)."""

from collections import Counter
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import OperationalError, connection

from marquee.booking.models import Booking, BookingEvent, SeatClaim
from marquee.booking.operations import (
    admit,
    block,
    call_off,
    cancel,
    confirm,
    expire,
    unblock,
)
from marquee.catalog.models import Movie, PriceCard, Seat, Show
from marquee.catalog.operations import PriceLine, change_price_card, change_show, delete_show
from marquee.core import transactions
from tests.factories import EARLY, make_movie, make_show
from tests.races import audit
from tests.races.scenario import Scenario, shared_show

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("history", "with_retries"),
]


class Deadlock(Exception):
    sqlstate = "40P01"


class Fault:
    """A fault that makes one statement fail once; the last statement is COMMIT.

    A fault that `lasts` fails all later statements, too, as a lost connection does.
    """

    def __init__(
        self, at: int, cause: Exception, *, after_commit: bool = False, lasts: bool = False
    ) -> None:
        self.at, self.cause, self.after_commit, self.lasts = at, cause, after_commit, lasts
        self.reached = 0
        self.struck = False

    def execute(self, execute, sql, params, many, context):
        self.strike()
        return execute(sql, params, many, context)

    def strike(self):
        self.reached += 1
        if self.reached > self.at and (self.lasts or not self.struck):
            self.struck = True
            raise OperationalError("made to fail") from self.cause

    def run(self, act):
        """Run the function with the fault."""
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


def book(scenario):
    return lambda: scenario.book(scenario.alice, "A1", "A2", key=f"key {scenario.show.pk}")


def book_the_best(scenario):
    return lambda: scenario.book_best(scenario.alice, 2)


def confirm_a_hold(scenario):
    held = scenario.hold(scenario.alice, "A1", "A2")
    return lambda: confirm(booking=held)


def confirm_late(scenario):
    expired = scenario.expired_hold(scenario.alice, "A1", "A2")
    return lambda: confirm(booking=expired)


def cancel_a_booking(scenario):
    booked = scenario.book(scenario.alice, "A1", "A2")
    return lambda: cancel(booking=booked)


def record_expiry(scenario):
    expired = scenario.expired_hold(scenario.alice, "A1", "A2")
    return lambda: expire(booking=expired)


def admit_a_ticket(scenario):
    ticket = scenario.book(scenario.alice, "A1", "A2").tickets.first()
    return lambda: admit(ticket=ticket, reason=EARLY)


def call_off_a_show(scenario):
    scenario.book(scenario.alice, "A1", "A2")
    return lambda: call_off(show=scenario.show)


ACTS = {
    book: ["confirmed"],
    book_the_best: ["confirmed"],
    confirm_a_hold: ["held", "confirmed"],
    confirm_late: ["held", "confirmed"],
    cancel_a_booking: ["confirmed", "cancelled"],
    record_expiry: ["held", "expired"],
    admit_a_ticket: ["confirmed", "admitted"],
    call_off_a_show: ["confirmed", "called_off"],
}


def block_a_seat(scenario):
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    return lambda: block(show=scenario.show, seats={seat.pk})


def unblock_a_seat(scenario):
    block_a_seat(scenario)()
    seat = Seat.objects.get(plan=scenario.show.seat_plan_id, label="A1")
    return lambda: unblock(show=scenario.show, seats={seat.pk})


def add_a_show(scenario):
    starts_at = scenario.show.starts_at + timedelta(hours=6)
    return lambda: make_show(
        scenario.show.auditorium,
        movie=scenario.show.movie,
        price_card=scenario.show.price_card,
        starts_at=starts_at,
    )


def change_the_show(scenario):
    return lambda: change_show(show=scenario.show, language="fr")


def remove_the_show(scenario):
    return lambda: delete_show(show=scenario.show)


def change_the_prices(scenario):
    line = PriceLine("standard", "adult", Decimal(9))
    return lambda: change_price_card(price_card=scenario.show.price_card, prices=[line])


def add_a_movie(scenario):
    return lambda: make_movie(title=f"{scenario.show.pk}", genres=[f"{scenario.show.pk}"])


def states(scenario):
    return list(SeatClaim.objects.filter(show=scenario.show).values_list("state", flat=True))


def version(scenario):
    return PriceCard.objects.get(pk=scenario.show.price_card_id).version


# What staff do, and what shows how often it was done.
BY_STAFF = {
    block_a_seat: states,
    unblock_a_seat: states,
    add_a_show: lambda scenario: Show.objects.filter(starts_at__gt=scenario.show.starts_at).count(),
    change_the_show: lambda scenario: Show.objects.get(pk=scenario.show.pk).language,
    remove_the_show: lambda scenario: Show.objects.filter(pk=scenario.show.pk).count(),
    change_the_prices: version,
    add_a_movie: lambda scenario: Movie.objects.filter(title=f"{scenario.show.pk}").count(),
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(transactions, "BACKOFF_SECONDS", 0)


def events(scenario):
    found = BookingEvent.objects.filter(booking__show=scenario.show).order_by("id")
    return [event.kind for event in found]


def faults_at_each_statement(make, cause, look=events, **how):
    """Yield the scenario and the result, for a fault at each statement."""
    at, struck = 0, True
    while struck:
        scenario = Scenario()
        act, fault = make(scenario), Fault(at, cause, **how)
        scenario.before = look(scenario)
        try:
            result = fault.run(act)
        except OperationalError as error:
            result = error
        struck, scenario.after = fault.struck, look(scenario)
        yield scenario, result
        at += 1


@pytest.mark.parametrize("act", ACTS)
def test_a_deadlock_at_any_statement_is_tried_again_and_changes_nothing_twice(act):
    for scenario, result in faults_at_each_statement(act, Deadlock()):
        assert not isinstance(result, Exception)
        assert events(scenario) == ACTS[act]
        audit.check(scenario.show)


@pytest.mark.parametrize("act", BY_STAFF)
def test_a_change_by_staff_that_falls_to_a_deadlock_is_tried_again(act):
    look = BY_STAFF[act]
    outcomes = []
    for scenario, result in faults_at_each_statement(act, Deadlock(), look):
        assert not isinstance(result, Exception)
        assert scenario.after != scenario.before
        outcomes.append(difference(scenario))
    assert len(outcomes) > 2
    assert len(set(map(str, outcomes))) == 1, "each time as when nothing failed"


def difference(scenario):
    """Return by how much a count rose, or the new value."""
    return scenario.after - scenario.before if isinstance(scenario.after, int) else scenario.after


@pytest.mark.parametrize("act", BY_STAFF)
def test_a_change_by_staff_that_loses_its_connection_fails_and_is_not_made(act):
    look = BY_STAFF[act]
    *struck, _ = faults_at_each_statement(act, ConnectionError(), look, lasts=True)
    for scenario, result in struck:
        assert isinstance(result, OperationalError)
        assert scenario.after == scenario.before
    assert len(struck) > 1


@pytest.mark.parametrize("act", [*ACTS, *BY_STAFF])
def test_control_never_tried_again_the_caller_is_left_with_the_deadlock(act, monkeypatch):
    monkeypatch.setattr(transactions, "MAX_ATTEMPTS", 1)
    _, result = next(faults_at_each_statement(act, Deadlock()))
    assert isinstance(result, OperationalError)


def test_control_run_again_without_a_transaction_a_cancellation_stays_half_done(monkeypatch):
    shared_show()  # making the scenario needs transactions
    monkeypatch.setattr(transactions.transaction, "atomic", lambda **how: nullcontext())
    half_done = 0
    for scenario, _ in faults_at_each_statement(cancel_a_booking, Deadlock()):
        sold = SeatClaim.objects.filter(show=scenario.show, state="sold").exists()
        half_done += sold and Booking.objects.get(show=scenario.show).status == "cancelled"
    assert half_done


@pytest.mark.parametrize("act", ACTS)
def test_a_connection_lost_at_any_statement_is_never_tried_again_and_leaves_all_or_nothing(act):
    *struck, (scenario, result) = faults_at_each_statement(act, ConnectionError())
    assert not isinstance(result, Exception)  # no statement was left to fail
    assert events(scenario) == ACTS[act]
    for scenario, result in struck:
        assert isinstance(result, OperationalError)
        assert events(scenario) == ACTS[act][:-1]
        audit.check(scenario.show)


@pytest.mark.parametrize("act", ACTS)
def test_a_connection_lost_after_the_commit_is_never_tried_again(act):
    scenario, result = lost_after_commit(act)
    assert isinstance(result, OperationalError)
    assert events(scenario) == ACTS[act]
    audit.check(scenario.show)


def lost_after_commit(make):
    """Return the scenario and the result when the response to COMMIT is lost."""
    scenario = Scenario()
    act = make(scenario)
    try:
        return scenario, Fault(10**6, ConnectionError(), after_commit=True).run(act)
    except OperationalError as error:
        return scenario, error


def try_lost_connections_again(patch):
    patch.setattr(transactions, "RETRYABLE_SQLSTATES", {None})


@pytest.mark.parametrize("act", ACTS)
def test_control_tried_again_a_lost_connection_looks_like_success(act, monkeypatch):
    try_lost_connections_again(monkeypatch)
    _, result = next(faults_at_each_statement(act, ConnectionError()))
    assert not isinstance(result, Exception)


def test_control_tried_again_after_the_commit_the_best_seats_are_booked_twice(monkeypatch):
    try_lost_connections_again(monkeypatch)
    scenario, _ = lost_after_commit(book_the_best)
    assert events(scenario) == ["confirmed", "confirmed"]


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_what_postgresql_ended_for_another_is_tried_five_times_and_then_raised(code):
    tries = Counter()

    def work():
        tries["all"] += 1
        raise OperationalError from fault_of(code)

    with pytest.raises(OperationalError):
        transactions.run_in_transaction(work)
    assert tries["all"] == 5


@pytest.mark.parametrize("code", ["55P03", "57014", "57P01", "08006", "25P02", None])
def test_nothing_else_is_tried_again(code):
    """Timeouts are not retried, either: the statement would take as long again."""
    tries = Counter()

    def work():
        tries["all"] += 1
        raise OperationalError from fault_of(code)

    with pytest.raises(OperationalError):
        transactions.run_in_transaction(work)
    assert tries["all"] == 1


def test_within_another_transaction_nothing_is_tried_again():
    tries = Counter()

    def work():
        tries["all"] += 1
        raise OperationalError from Deadlock()

    with pytest.raises(OperationalError), transactions.transaction.atomic():
        transactions.run_in_transaction(work)
    assert tries["all"] == 1


def fault_of(code):
    fault = Deadlock()
    fault.sqlstate = code
    return fault


def test_a_response_lost_after_the_commit_is_found_again_by_its_key():
    scenario = Scenario()
    act = book(scenario)
    with pytest.raises(OperationalError):
        Fault(10**6, ConnectionError(), after_commit=True).run(act)
    assert act() == Booking.objects.get(show=scenario.show)
    assert events(scenario) == ["confirmed"]
