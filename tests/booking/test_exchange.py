"""Changing the seats of a booking: the new ones or none, and what stays keeps its price and code."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from marquee.accounts.states import Role
from marquee.booking import exchange_rules
from marquee.booking.errors import (
    AlreadyUsed,
    CompanionWithoutSpace,
    CoolingDown,
    CounterOnly,
    ExchangeCostsMore,
    HoldExpired,
    HoldLimit,
    NotAdmitted,
    NotHeld,
    SalesClosed,
    SalesNotOpen,
    SeatsTaken,
    ShowCalledOff,
    SingleGap,
    TooLateToExchange,
    UnknownSeat,
    UnknownTicketType,
    WheelchairLimit,
)
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import (
    admit,
    block,
    call_off,
    cancel,
    confirm,
    exchange,
    lost_exchange,
)
from marquee.booking.records import CounterTerms, TicketRequest
from marquee.catalog.models import Show
from marquee.catalog.operations import change_cinema, change_price_card
from marquee.core.errors import BadInput
from tests.factories import (
    CARER_PRICES,
    PRICES,
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
    price_lines,
    usage_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def accessible_show():
    auditorium = make_auditorium(rows=["A: ssss", "B: wcwc"])
    return make_show(auditorium, price_card=make_price_card(auditorium.cinema, CARER_PRICES))


def change(booking, *seats):
    """Ask for these seats, such as "A1" or "A1 child"."""
    return exchange(booking=booking, tickets=[TicketRequest(*seat.split()) for seat in seats])


def tickets_of(booking, status="valid"):
    rows = booking.tickets.filter(status=status).order_by("pk")
    return list(rows.values_list("seat__label", "type", "price"))


def states(show):
    rows = SeatClaim.objects.filter(show=show).order_by("seat")
    return dict(rows.values_list("seat__label", "state"))


def events_of(booking):
    return list(booking.events.values_list("kind", flat=True))


@pytest.mark.parametrize("hold", [True, False])
def test_some_tickets_change_their_seats_and_the_others_stay(show, alice, bob, hold):
    booking = book_seats(alice, show, "A1", "A2", hold=hold)
    before = Booking.objects.get(pk=booking.pk)
    kept = booking.tickets.get(seat__label="A1")
    given_up = booking.tickets.get(seat__label="A2")
    assert change(booking, "A4", "A1") is True
    booking.refresh_from_db()
    assert (booking.status, booking.total) == (before.status, before.total)
    assert booking.held_until == before.held_until
    new = booking.tickets.get(seat__label="A4", status="valid")
    assert booking.tickets.get(seat__label="A1") == kept
    assert new.code not in {kept.code, given_up.code}
    given_up.refresh_from_db()
    assert (given_up.status, given_up.released_at) == ("void", booking.events.last().at)
    state = "held" if hold else "sold"
    assert states(show) == {"A1": state, "A2": "free", "A4": state}
    claim = SeatClaim.objects.get(seat__label="A4")
    assert (claim.booking, claim.expires_at) == (booking, before.held_until)
    assert events_of(booking)[1:] == ["exchanged"]
    assert usage_of(alice, show).customer_seats == 2
    assert book_seats(bob, show, "A2").pk


def test_the_same_again_changes_nothing(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    change(booking, "A3", "A4")
    before = all_rows()
    assert change(booking, "A4", "A3 adult") is False
    assert all_rows() == before


def test_new_tickets_cost_what_is_asked_now_and_kept_ones_what_they_did(show, alice):
    booking = book_seats(alice, show, "A1", "B1", "B2")
    lower = PRICES | {("standard", "adult"): "10.00", ("premium", "adult"): "11.00"}
    change_price_card(price_card=show.price_card, prices=price_lines(lower))
    change(booking, "A1", "B1", "A2")
    booking.refresh_from_db()
    assert tickets_of(booking) == [
        ("A1", "adult", 1250), ("B1", "adult", 1500), ("A2", "adult", 1000),
    ]  # fmt: skip
    assert booking.total == 3750


def test_a_higher_total_is_refused_with_both_totals(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    facts = {
        "total": {"amount": "27.50", "currency": "EUR"},
        "current_total": {"amount": "25.00", "currency": "EUR"},
    }
    with assert_refused(ExchangeCostsMore, **facts):
        change(booking, "A1", "B1")


def test_a_cheaper_seat_for_one_pays_for_another(show, alice):
    booking = book_seats(alice, show, "A1", "B1")
    assert change(booking, "B2", "A2")
    booking.refresh_from_db()
    assert booking.total == 2750


def test_types_that_are_left_out_are_those_of_the_tickets_given_up(show, alice):
    tickets = [TicketRequest("A1", "child"), TicketRequest("A2"), TicketRequest("A3", "child")]
    booking = book_tickets(alice, show, tickets).booking
    change(booking, "A3", "A4", "A5")
    assert tickets_of(booking) == [
        ("A3", "child", 900), ("A4", "child", 900), ("A5", "adult", 1250),
    ]  # fmt: skip
    change(booking, "A3", "A6", "A7 child")
    assert tickets_of(booking)[1:] == [("A6", "adult", 1250), ("A7", "child", 900)]


def test_a_type_can_change_without_the_seat(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    change(booking, "A1 child", "A2")
    booking.refresh_from_db()
    assert (booking.total, states(show)) == (2150, {"A1": "sold", "A2": "sold"})
    assert SeatClaim.objects.get(seat__label="A1").gen == 1


def test_seats_that_others_have_are_named_with_alternatives_that_can_be_had(show, alice, bob):
    booking = book_seats(alice, show, "A1", "A2")
    book_seats(bob, show, "A4")
    with assert_refused(SeatsTaken, seats=["A4"], own_bookings=[]) as refused:
        change(booking, "A3", "A4")
    assert "Somebody else has A4." in str(refused.value)
    alternatives = refused.value.facts["alternatives"]
    assert alternatives
    for group in alternatives:
        with transaction.atomic():
            assert change(booking, *group)
            transaction.set_rollback(True)


def test_a_seat_for_which_no_ticket_is_left_stays_without_a_type():
    request = TicketRequest("A1")
    assert exchange_rules.settle_types([], [request]) == [request]


def test_a_booking_cancelled_while_a_refusal_is_explained_is_offered_nothing(show, alice):
    booking = book_seats(alice, show, "A1")
    cancel(booking=booking)
    lost = SeatsTaken("Taken", seats=["A2"], alternatives=[], own_bookings=[])
    assert lost_exchange.explain(booking, [TicketRequest("A2")], lost) is lost


def test_blocked_seats_and_those_of_another_booking_of_ones_own_are_taken(show, alice):
    booking, other = book_seats(alice, show, "A1"), book_seats(alice, show, "A2")
    with assert_refused(SeatsTaken, own_bookings=[other.reference]):
        change(booking, "A2")
    block(show=show, seats={show.seat_plan.seats.get(label="A3").pk})
    with assert_refused(SeatsTaken, seats=["A3"]) as refused:
        change(booking, "A3")
    assert "Not for sale: A3." in str(refused.value)


@pytest.mark.parametrize(
    ("seats", "error"),
    [
        (["A1"], BadInput),
        (["A1", "A2", "A3"], BadInput),
        (["A3", "A3"], BadInput),
        (["Z9", "A1"], UnknownSeat),
        (["A1 pilot", "A2"], UnknownTicketType),
        (["R1", "A2"], UnknownSeat),
    ],
)
def test_as_many_known_seats_are_named_each_once(show, alice, seats, error):
    booking = book_seats(alice, show, "A1", "A2")
    with assert_refused(error) as refused:
        change(booking, *seats)
    assert refused.value.field == "tickets"


def test_every_ticket_names_its_seat(show, alice):
    booking = book_seats(alice, show, "A1")
    with assert_refused(BadInput):
        exchange(booking=booking, tickets=[TicketRequest()])
    with assert_refused(BadInput):
        exchange(booking=booking, tickets=[])


def test_seats_change_until_the_deadline_of_cancelling(show, alice):
    booking = book_seats(alice, show, "A1")
    late = timezone.now() - timedelta(seconds=1)
    Booking.objects.filter(pk=booking.pk).update(cancel_until=late)
    with assert_refused(TooLateToExchange) as refused:
        change(booking, "A2")
    assert "cancel_until" in refused.value.facts


def test_a_hold_has_no_deadline_but_its_own_end(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    Booking.objects.filter(pk=hold.pk).update(cancel_until=timezone.now())
    assert change(hold, "A2")
    confirm(booking=hold)
    assert tickets_of(hold) == [("A2", "adult", 1250)]
    expired = book_seats(alice, show, "A3", hold=True)
    expire_hold(expired)
    with assert_refused(NotHeld):
        change(expired, "A4")


def test_seats_change_only_while_the_show_is_on_sale(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    now = timezone.now()
    # SQLite's clock has no microseconds: within a millisecond, it may not have reached `now`.
    Show.objects.filter(pk=show.pk).update(sales_until=now - timedelta(milliseconds=2))
    with assert_refused(SalesClosed):
        change(hold, "A2")
    tomorrow = now + timedelta(days=1)
    Show.objects.filter(pk=show.pk).update(sales_from=tomorrow, sales_until=tomorrow)
    with assert_refused(SalesNotOpen):
        change(hold, "A2")


def test_a_booking_that_is_cancelled_or_called_off_has_no_seats_to_change(show, alice):
    cancelled, called_off = book_seats(alice, show, "A1"), book_seats(alice, show, "A2")
    cancel(booking=cancelled)
    with assert_refused(NotHeld):
        change(cancelled, "A3")
    call_off(show=show)
    with assert_refused(ShowCalledOff):
        change(called_off, "A3")


def test_a_used_ticket_keeps_its_seat_and_the_others_may_change(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    admit(ticket=booking.tickets.get(seat__label="A1"), reason="test")
    with assert_refused(AlreadyUsed) as refused:
        change(booking, "A2", "A3")
    assert "used_at" in refused.value.facts
    assert change(booking, "A1", "A3")
    assert tickets_of(booking, "used") == [("A1", "adult", 1250)]


def test_a_ticket_that_was_exchanged_admits_nobody(show, alice):
    booking = book_seats(alice, show, "A1", "A4")
    old = booking.tickets.get(seat__label="A1")
    change(booking, "A2", "A4")
    cancel(booking=booking, tickets=["A4"])
    change(booking, "A3")
    with assert_refused(NotAdmitted, reference=booking.reference, seats=["A3"]) as refused:
        admit(ticket=old, reason="test")
    assert f"was exchanged: booking {booking.reference} has A3 now" in refused.value.detail
    with assert_refused(NotAdmitted) as refused:
        admit(ticket=booking.tickets.get(seat__label="A4"), reason="test")
    assert refused.value.detail == "This ticket was cancelled."
    admit(ticket=booking.tickets.get(status="valid"), reason="test")


def test_all_tickets_together_meet_the_terms(accessible_show, alice):
    booking = book_seats(alice, accessible_show, "A1", "A2")
    with assert_refused(CompanionWithoutSpace, seats=["B2"], allowed=0):
        change(booking, "A1", "B2")
    assert change(booking, "B1", "B2")
    with assert_refused(CompanionWithoutSpace):
        change(booking, "A1", "B2")


def test_the_wheelchair_spaces_of_all_bookings_count_once(accessible_show, alice):
    limit = accessible_show.price_card.wheelchair_limit
    assert limit == 1
    booking = book_seats(alice, accessible_show, "B1")
    assert change(booking, "B3")
    other = book_seats(alice, accessible_show, "A1")
    with assert_refused(WheelchairLimit, limit=limit, left=0):
        change(other, "B1")


def test_what_only_the_counter_sells_is_not_had_by_an_exchange(alice):
    auditorium = make_auditorium()
    card = make_price_card(auditorium.cinema, counter_only=[("standard", "child")])
    booking = book_seats(alice, make_show(auditorium, price_card=card), "A1")
    with assert_refused(CounterOnly, types=["child"]):
        change(booking, "A2 child")


def test_seats_given_up_too_often_cool_down(show, alice, settings):
    settings.COOLING_DOWN_AFTER = 2
    booking = book_seats(alice, show, "A1")
    for seats in ("A2", "A1", "A3"):
        change(booking, seats)
    with assert_refused(CoolingDown, seats=["A1"]):
        change(booking, "A1")


def test_the_seats_of_a_booking_change_so_many_times_an_hour(show, alice, settings):
    settings.HOLD_LIMIT = 2
    booking = book_seats(alice, show, "A1")
    for seat in ("A2", "A3"):
        change(booking, seat)
    with assert_refused(HoldLimit, limit=2, left=0) as refused:
        change(booking, "A4")
    assert "until" in refused.value.facts
    booking.events.filter(kind="exchanged").update(at=timezone.now() - timedelta(hours=2))
    assert change(booking, "A4")
    settings.HOLD_LIMIT = 0
    assert all(change(booking, seat) for seat in ("A5", "A6", "A7"))


@pytest.mark.parametrize("policy", ["refuse", "advise"])
def test_a_choice_that_leaves_a_seat_alone_is_refused_where_bookings_are(show, alice, bob, policy):
    change_cinema(cinema=show.auditorium.cinema, single_gaps=policy)
    booking = book_seats(alice, show, "A1", "A2")
    book_seats(bob, show, "A6", "A7")
    if policy == "advise":
        assert change(booking, "A3", "A4")
        return
    with assert_refused(SingleGap, left_alone=["A5"]) as refused:
        change(booking, "A3", "A4")
    assert change(booking, *refused.value.facts["alternatives"][0])


def test_alternatives_leave_no_seat_alone_where_that_is_refused(show, alice, bob):
    change_cinema(cinema=show.auditorium.cinema, single_gaps="refuse")
    booking = book_seats(alice, show, "A1")
    book_seats(bob, show, "A6", "A7")
    with assert_refused(SeatsTaken, seats=["A6"]) as refused:
        change(booking, "A6")
    alternatives = refused.value.facts["alternatives"]
    assert alternatives
    assert all(group not in (["A9"], ["A4"]) for group in alternatives)
    assert change(booking, *alternatives[0])


def test_staff_have_no_limits_of_customers(accessible_show):
    staff = make_staff(Role.COUNTER)
    booking = book_seats(staff, accessible_show, "A1", "A2")
    assert change(booking, "B2", "B4")


def test_blocked_seats_that_the_counter_sold_are_blocked_again(show, settings):
    block(show=show, seats={show.seat_plan.seats.get(label="A1").pk})
    staff = make_staff(Role.COUNTER)
    tickets = [TicketRequest("A1"), TicketRequest("A2")]
    sale = book_tickets(staff, show, tickets, counter=CounterTerms()).booking
    assert change(sale, "A3", "A4")
    assert states(show) == {"A1": "blocked", "A2": "free", "A3": "sold", "A4": "sold"}


def test_a_hold_that_runs_out_and_is_taken_over_meanwhile_changes_nothing(
    show, alice, bob, monkeypatch
):
    """Somebody takes the seat over after the check, before the claims: see the races."""
    hold = book_seats(alice, show, "A1", hold=True)
    book_seats(bob, show, "A2", hold=True)
    check = exchange_rules.check_may_exchange

    def check_then_lose(locked):
        check(locked)
        theirs = SeatClaim.objects.get(seat__label="A2").booking_id
        SeatClaim.objects.filter(seat__label="A1").update(booking_id=theirs)

    monkeypatch.setattr(exchange_rules, "check_may_exchange", check_then_lose)
    with assert_refused(HoldExpired, seats=["A1"]):
        change(hold, "A3")


def test_cancelling_by_seat_finds_the_ticket_of_now(show, alice):
    booking = book_seats(alice, show, "A1", "A2")
    change(booking, "A3", "A2")
    change(booking, "A1", "A2")
    assert cancel(booking=booking, tickets=["A1"])
    assert tickets_of(booking) == [("A2", "adult", 1250)]
