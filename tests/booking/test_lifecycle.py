"""Random operations on the bookings of one show, compared with a model in pure Python.

Hypothesis chooses the operations, and shrinks a failure to a few steps. The model has the clock:
when it advances, every time in the database moves back instead, so the test never waits.
"""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from hypothesis import HealthCheck, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marquee.booking import operations, queries, rules
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.records import TicketRequest
from marquee.catalog import queries as catalog
from marquee.catalog.models import Show
from marquee.catalog.operations import PriceLine, change_price_card
from marquee.core.clock import DatabaseNow
from marquee.core.errors import Refused
from tests.booking.reference_model import HELD, Model
from tests.booking.reference_model import Booking as Modelled
from tests.factories import EARLY, book_tickets, make_show, make_user, usage_of

ROWS = ["A: sss_ss", "B: ppp"]
LABELS = ["A1", "A2", "A3", "A4", "A5", "B1", "B2", "B3"]
USERS = ["Alice", "Bob"]
LIMIT = 3  # low, so that it is often reached
# The clock moves by multiples of three minutes, and no deadline is one, so there are no ties.
TICK, STARTS, CANCEL = 3, 100, 30
PRICES = {"standard": 1250, "premium": 1500}

labels = st.lists(st.sampled_from(LABELS), min_size=1, max_size=3, unique=True)
few = st.lists(st.sampled_from(LABELS), min_size=1, max_size=2, unique=True)
keys = st.none() | st.sampled_from(["one", "two"])


class Life(RuleBasedStateMachine):
    """One show with eight seats, and two customers who want them."""

    bookings = Bundle("bookings")

    def __init__(self):
        super().__init__()
        self.prices = dict(PRICES)
        self.show = make_show(rows=ROWS, starts_in=timedelta(minutes=STARTS))
        self.users = {name: make_user(name) for name in USERS}
        prices = {label: PRICES["standard" if label < "B" else "premium"] for label in LABELS}
        lasts = (self.show.ends_at - self.show.starts_at) // timedelta(minutes=1)
        self.model = Model(
            prices,
            starts=STARTS,
            ends=STARTS + lasts,
            limit=LIMIT,
            hold=settings.HOLD_MINUTES,
            cancel=CANCEL,
        )
        self.real: dict[Modelled, Booking] = {}
        self.seen: tuple[int, dict[str, str]] = (0, {})
        self.has_stepped = False

    def do(self, expected, act):
        """Run the operation, and assert that it is refused as expected, or succeeds."""
        try:
            act()
        except Refused as refusal:
            got = type(refusal).__name__
            note(f"{got}: {refusal}")
            assert got in expected.refusals, f"refused with {got}, not {expected.refusals}"
        else:
            assert not expected.refusals, f"done, not refused with {expected.refusals}"

    def stored(self, booking):
        return self.real[booking]

    # --- Customers --------------------------------------------------------------------------------

    def book(self, user, requests, *, hold, key):
        expected = self.model.ask(user, requests, hold=hold, key=key)
        made = []
        self.do(expected, lambda: made.append(self.really_book(user, requests, hold=hold, key=key)))
        if not made:
            return multiple()
        assert made[0].is_replay == (expected.booking is not None)
        if expected.booking is not None:
            assert made[0].booking.pk == self.real[expected.booking].pk
            return expected.booking
        seats = catalog.get_plan(self.show.seat_plan_id).by_id
        got = [seats[ticket.seat_id].label for ticket in made[0].tickets]
        if requests[0] is not None:
            assert sorted(got) == sorted(requests)
        booking = self.model.book(user, requests, got, hold=hold, key=key)
        self.real[booking] = made[0].booking
        return booking

    def really_book(self, user, requests, *, hold, key):
        seats = [TicketRequest(seat=label) for label in requests]
        return book_tickets(self.users[user], self.show, seats, hold=hold, key=key)

    @rule(target=bookings, user=st.sampled_from(USERS), wanted=labels, hold=st.booleans(), key=keys)
    def book_these(self, user, wanted, hold, key):
        return self.book(user, wanted, hold=hold, key=key)

    @rule(
        target=bookings,
        user=st.sampled_from(USERS),
        count=st.integers(1, 3),
        hold=st.booleans(),
        key=keys,
    )
    def book_the_best(self, user, count, hold, key):
        return self.book(user, [None] * count, hold=hold, key=key)

    @rule(booking=bookings)
    def confirm(self, booking):
        real = self.stored(booking)
        self.do(self.model.confirm(booking), lambda: operations.confirm(booking=real))

    @rule(booking=bookings)
    def cancel(self, booking):
        real = self.stored(booking)
        self.do(self.model.cancel(booking), lambda: operations.cancel(booking=real))

    # --- Staff, the door, the worker, the clock ---------------------------------------------------

    @rule(booking=bookings, data=st.data())
    def admit(self, booking, data):
        label = data.draw(st.sampled_from(sorted(booking.tickets)))
        ticket = self.stored(booking).tickets.get(seat__label=label)
        expected = self.model.admit(booking, label)
        self.do(expected, lambda: operations.admit(ticket=ticket, reason=EARLY))

    @rule(booking=bookings, data=st.data())
    def undo_admission(self, booking, data):
        label = data.draw(st.sampled_from(sorted(booking.tickets)))
        ticket = self.stored(booking).tickets.get(seat__label=label)
        expected = self.model.undo_admission(booking, label)
        undo = {"ticket": ticket, "reason": "A mistake."}
        self.do(expected, lambda: operations.undo_admission(**undo))

    @rule(wanted=few)
    def block(self, wanted):
        seats = self.seats(wanted)
        expected = self.model.block(wanted)
        self.do(expected, lambda: operations.block(show=self.show, seats=seats))

    @rule(wanted=labels)
    def unblock(self, wanted):
        self.model.unblock(wanted)
        operations.unblock(show=self.show, seats=self.seats(wanted))

    def seats(self, wanted):
        return {catalog.get_plan(self.show.seat_plan_id).by_label[label].id for label in wanted}

    @rule(rise=st.integers(1, 300))
    def change_prices(self, rise):
        self.prices = {category: price + rise for category, price in self.prices.items()}
        for label in LABELS:
            self.model.prices[label] += rise
        lines = [
            PriceLine(category, "adult", Decimal(price) / 100)
            for category, price in self.prices.items()
        ]
        change_price_card(price_card=self.show.price_card, prices=lines)

    @precondition(lambda self: len(self.model.bookings) > 2)
    @rule(sure=st.integers(0, 19))
    def call_off(self, sure):
        if sure == 0:  # seldom, since little can happen after it
            self.model.call_off()
            operations.call_off(show=self.show)

    @rule()
    def record_expiry(self):
        self.model.expire()
        for hold in queries.expired_holds().filter(show=self.show):
            operations.expire(booking=hold)

    @rule(ticks=st.integers(1, 12))
    def pass_time(self, ticks):
        minutes = ticks * TICK
        self.model.now += minutes
        earlier = timedelta(minutes=minutes)
        for booking in Booking.objects.filter(show=self.show):
            moved = {
                name: getattr(booking, name) and getattr(booking, name) - earlier
                for name in ("held_until", "cancel_until", "sold_starts_at")
            }
            Booking.objects.filter(pk=booking.pk).update(**moved)
        for claim in SeatClaim.objects.filter(show=self.show, expires_at__isnull=False):
            later = claim.expires_at - earlier
            SeatClaim.objects.filter(show=self.show, seat=claim.seat_id).update(expires_at=later)
        show = Show.objects.get(pk=self.show.pk)
        times = ("starts_at", "ends_at", "occupied_until", "sales_until")
        moved = {name: getattr(show, name) - earlier for name in times}
        Show.objects.filter(pk=show.pk).update(**moved)

    # --- What must be true after every step -------------------------------------------------------

    @invariant()
    def seats_are_whose_the_model_says(self):
        there = SeatClaim.objects.filter(show=self.show).select_related("seat")
        claims = {claim.seat.label: claim for claim in there}
        for label, seat in self.model.seats.items():
            claim = claims.get(label)
            if claim is None:
                assert seat.gen == 0, f"{label} has no claim, {seat}"
                continue
            owner = seat.owner and self.real[seat.owner].pk
            assert (claim.state, claim.booking_id, claim.gen) == (seat.state, owner, seat.gen), (
                label
            )

    @invariant()
    def bookings_are_as_the_model_says(self):
        rows = Booking.objects.filter(show=self.show).prefetch_related("tickets__seat", "events")
        found = {row.pk: row for row in rows}
        assert found.keys() == {real.pk for real in self.real.values()}
        for booking, real in self.real.items():
            row = found[real.pk]
            assert (row.status, row.total) == (booking.status, booking.total), row
            assert {one.seat.label: one.status for one in row.tickets.all()} == booking.tickets
            assert [event.kind for event in row.events.all()] == booking.events
            assert (row.held_until is not None) == (booking.status == HELD)
            assert (
                rules.effective_status(row.status, row.held_until, self.now()) == "expired"
            ) == self.model.has_expired(booking)

    @invariant()
    def customers_have_what_the_model_says(self):
        for name, user in self.users.items():
            live = usage_of(user, self.show).customer_seats
            assert live == self.model.live_seats(name) <= LIMIT

    @invariant()
    def what_everybody_sees_is_right_and_its_version_rises(self):
        plan = catalog.get_plan(self.show.seat_plan_id)
        now = queries.get_availability(self.show.pk)
        visible = {plan.by_id[seat].label: state for seat, state in now.states.items()}
        assert visible == self.model.visible()
        _, (taken, _) = queries.get_show_list_item(self.show.pk)
        listed = queries.show_list_version([self.show.pk]).seat_versions()
        assert taken == listed.get(self.show.pk, queries.SeatVersion()).taken == len(visible)
        version, before = self.seen
        assert now.version.number >= version
        assert visible == before or now.version.number > version, (
            "seen to change, with the same version"
        )
        self.seen = (now.version.number, visible)

    def now(self):
        return Show.objects.annotate(now=DatabaseNow()).get(pk=self.show.pk).now


EXAMPLES = hypothesis_settings(
    max_examples=25,
    stateful_step_count=35,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture
def a_small_limit(settings):
    settings.SEAT_LIMIT = LIMIT
    # tests/booking/test_limits.py tests these limits.
    settings.HOLD_LIMIT = settings.COOLING_DOWN_AFTER = settings.LAPSED_SEAT_LIMIT = 0


def test_bookings_live_as_the_model_says(db, a_small_limit):
    run_state_machine_as_test(Life, settings=EXAMPLES)
