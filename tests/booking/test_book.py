import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import User
from marquee.booking import queries, seat_rules
from marquee.booking.errors import (
    SalesClosed,
    SalesNotOpen,
    SeatLimit,
    SeatsTaken,
    ShowCalledOff,
    SoldOut,
    UnknownSeat,
    UnknownTicketType,
)
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import block, call_off, cancel, confirm
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Seat, Show
from marquee.catalog.operations import PriceLine, change_price_card
from marquee.core import codes
from marquee.core.errors import BadInput
from marquee.core.zones import isoformat_in
from tests.factories import (
    PRICES,
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_price_card,
    make_show,
    make_staff,
    usage_of,
)


def seats_of(booking):
    return list(booking.tickets.values_list("seat__label", flat=True))


def claims_of(show):
    claims = SeatClaim.objects.filter(show=show).order_by("seat")
    return [(claim.seat.label, claim.state, claim.booking_id) for claim in claims]


def test_a_seat_is_booked_by_its_label(show, alice):
    booking = book_seats(alice, show, "B3")
    booking.refresh_from_db()
    assert (booking.status, booking.held_until, booking.user) == ("confirmed", None, alice)
    assert seats_of(booking) == ["B3"]
    assert claims_of(show) == [("B3", "sold", booking.pk)]


def test_several_seats_are_one_booking_with_a_ticket_each(show, alice):
    made = book_tickets(
        alice, show, [TicketRequest("B3", "child"), TicketRequest("A1"), TicketRequest("C8")]
    )
    assert seats_of(made.booking) == ["A1", "B3", "C8"]
    assert [(ticket.type_id, ticket.price, ticket.status) for ticket in made.tickets] == [
        ("adult", 1250, "valid"),
        ("child", 1150, "valid"),
        ("adult", 1990, "valid"),
    ]
    assert (made.booking.total, made.booking.currency) == (1250 + 1150 + 1990, "EUR")
    assert len({ticket.code for ticket in made.tickets}) == 3
    assert [(state, owner) for _, state, owner in claims_of(show)] == [
        ("sold", made.booking.pk)
    ] * 3


def test_a_taken_seat_is_named_and_others_together_are_offered(show, alice, bob):
    book_seats(alice, show, "B3")
    with assert_refused(SeatsTaken, seats=["B3"], alternatives=[["B6"], ["B8"], ["B10"]]):
        book_seats(bob, show, "B3")


def test_no_seat_that_is_blocked_held_or_sold_is_offered_instead(alice, bob):
    show = make_show(rows=["A: sssssss"])
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A1").pk})
    book_seats(alice, show, "A3", hold=True)
    book_seats(alice, show, "A4", "A5")
    expire_hold(book_seats(alice, show, "A6", hold=True))
    with assert_refused(SeatsTaken, seats=["A4"], alternatives=[["A2"], ["A6"], ["A7"]]):
        book_seats(bob, show, "A4")


def test_no_seat_of_an_auditorium_that_the_show_left_is_offered(show, alice, monkeypatch):
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="B3").pk})
    elsewhere = queries.get_availability(make_show(rows=["A: ss"]).pk)
    monkeypatch.setattr(queries, "get_availability", lambda _: elsewhere)
    with assert_refused(SeatsTaken, seats=["B3"], alternatives=[]):
        book_seats(alice, show, "B3")


def test_ones_own_hold_and_booking_are_named_as_such(show, alice, bob):
    hold, booking = book_seats(alice, show, "A1", "A2", hold=True), book_seats(alice, show, "A3")
    book_seats(bob, show, "A4")
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A5").pk})
    with assert_refused(SeatsTaken, own_bookings=[hold.reference]) as refused:
        book_seats(alice, show, "A1", "A2")
    until = hold.held_until.astimezone(show.auditorium.cinema.tzinfo)
    assert str(refused.value) == (
        f"You hold A1, A2 already, until {until:%H:%M} in booking {hold.reference}: confirm or cancel "
        "that. Choose other seats."
    )
    own = sorted([hold.reference, booking.reference])
    with assert_refused(SeatsTaken, own_bookings=own) as refused:
        book_seats(alice, show, "A1", "A3", "A4", "A5")
    for sentence in (
        f"You have A3 already, in booking {booking.reference}.",
        "Somebody else has A4.",
        "Not for sale: A5.",
    ):
        assert sentence in str(refused.value)


def test_ones_own_seats_are_named_rather_than_the_limit_they_count_for(settings, show, alice):
    settings.SEAT_LIMIT = 3
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    own = {"alternatives": [], "own_bookings": [hold.reference]}
    with assert_refused(SeatsTaken, seats=["A1", "A2"], **own) as refused:
        book_seats(alice, show, "A1", "A2")
    assert str(refused.value).endswith(f"in booking {hold.reference}: confirm or cancel that.")
    with assert_refused(SeatLimit, left=1):
        book_seats(alice, show, "A3", "A4")


def test_staff_are_told_that_a_seat_is_blocked(show):
    block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A1").pk})
    with assert_refused(SeatsTaken, own_bookings=[]) as refused:
        book_seats(make_staff(), show, "A1")
    assert str(refused.value).startswith("Blocked by staff: A1.")


def test_no_other_seats_are_recommended_where_there_are_none(alice, bob):
    show = make_show(rows=["A: s"])
    book_seats(alice, show, "A1")
    with assert_refused(SeatsTaken, alternatives=[]) as refused:
        book_seats(bob, show, "A1")
    assert str(refused.value) == "Somebody else has A1."


def test_a_seat_that_is_free_again_by_the_time_of_the_refusal_is_said_to_be(show, alice, bob):
    told = seat_rules.seats_taken(["A1"], {}, [], user_id=1, is_staff=False, zone="UTC")
    assert str(told) == "Free again by now: A1. Try once more."


def test_all_the_seats_are_booked_or_none(show, alice, bob):
    book_seats(alice, show, "B2", "B4")
    with assert_refused(SeatsTaken, seats=["B2", "B4"]):
        book_seats(bob, show, "B1", "B2", "B3", "B4", "B5")
    assert usage_of(bob, show).customer_seats == 0


def test_ones_own_seat_cannot_be_booked_twice(show, alice):
    book_seats(alice, show, "A1")
    with assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(alice, show, "A1")


def test_the_same_seat_at_another_show_is_another_seat(alice, bob, show):
    later = make_show(show.auditorium, price_card=show.price_card, starts_in=timedelta(days=2))
    book_seats(alice, show, "A1")
    assert seats_of(book_seats(bob, later, "A1")) == ["A1"]


def test_a_held_seat_is_taken_until_the_hold_runs_out(show, alice, bob):
    hold = book_seats(alice, show, "A1", hold=True)
    with assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(bob, show, "A1")
    expire_hold(hold)
    booking = book_seats(bob, show, "A1")
    assert claims_of(show) == [("A1", "sold", booking.pk)]


def test_the_best_seats_together_are_picked_when_none_is_named(alice):
    show = make_show(rows=[f"{row}: sssssss" for row in "ABCD"])
    first = book_tickets(alice, show, [TicketRequest(), TicketRequest(), TicketRequest()])
    assert seats_of(first.booking) == ["C3", "C4", "C5"]
    second = book_tickets(alice, show, [TicketRequest(), TicketRequest(type="child")])
    assert seats_of(second.booking) == ["B3", "B4"]
    assert sorted(ticket.type_id for ticket in second.tickets) == ["adult", "child"]


def test_the_best_seats_are_among_those_sold_as_the_types_asked_for(alice):
    show = make_show(rows=["A: ss", "B: rr", "C: rr"])
    made = book_tickets(alice, show, [TicketRequest(type="child"), TicketRequest()])
    assert seats_of(made.booking) == ["A1", "A2"]
    with assert_refused(SoldOut, left=0) as refused:
        book_tickets(alice, show, [TicketRequest(type="child")])
    assert "Seats left to choose from in standard: 0. Asked for: 1." in str(refused.value)
    with assert_refused(UnknownTicketType, types=["senior"], known=["adult", "child"]):
        book_tickets(alice, show, [TicketRequest(type="senior")])


def test_too_few_seats_to_pick_from_is_sold_out_and_says_how_many_are_left(alice, bob):
    show = make_show(rows=["A: sss", "B: wc"])
    book_seats(alice, show, "A1")
    with assert_refused(SoldOut, left=2):
        book_tickets(bob, show, [TicketRequest(), TicketRequest(), TicketRequest()])
    assert seats_of(book_tickets(bob, show, [TicketRequest(), TicketRequest()]).booking) == [
        "A2",
        "A3",
    ]
    with assert_refused(SoldOut, left=0):
        book_tickets(bob, show, [TicketRequest()])


def test_a_wheelchair_space_is_booked_by_name(alice, show):
    assert seats_of(book_seats(alice, show, "C1", "C3")) == ["C1", "C3"]


def test_a_type_left_out_is_the_price_cards_default(alice):
    auditorium = make_auditorium(rows=["A: ss"])
    card = make_price_card(
        auditorium.cinema,
        {("standard", "adult"): "10", ("standard", "senior"): "7"},
        default_type="senior",
    )
    show = make_show(auditorium, price_card=card)
    made = book_tickets(alice, show, [TicketRequest("A1"), TicketRequest("A2", "adult")])
    assert [(ticket.type_id, ticket.price) for ticket in made.tickets] == [
        ("senior", 700),
        ("adult", 1000),
    ]


def test_a_type_the_show_does_not_sell_is_refused(show, alice):
    with assert_refused(UnknownTicketType, types=["child"], known=["adult"]):
        book_tickets(alice, show, [TicketRequest("A1", "child"), TicketRequest("C8", "child")])


def test_prices_are_in_the_currency_of_the_cinema(alice):
    auditorium = make_auditorium(make_cinema(currency="JPY"), rows=["A: s"])
    card = make_price_card(auditorium.cinema, {("standard", "adult"): "1900"})
    booking = book_seats(alice, make_show(auditorium, price_card=card), "A1")
    assert (booking.total, booking.currency) == (1900, "JPY")


def test_a_price_stays_as_it_was_when_the_seat_was_held(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    dearer = [PriceLine(*key, Decimal(amount) * 2) for key, amount in PRICES.items()]
    change_price_card(price_card=show.price_card, prices=dearer)
    hold.refresh_from_db()
    assert (hold.total, hold.tickets.get().price) == (1250, 1250)
    assert book_seats(alice, show, "A2").total == 2500


def test_the_dearest_seats_there_can_be_add_up(alice):
    auditorium = make_auditorium(rows=["A: ss"])
    dearest = "21474836.47"  # as many cents as a price can have
    card = make_price_card(auditorium.cinema, {("standard", "adult"): dearest})
    booking = book_seats(alice, make_show(auditorium, price_card=card), "A1", "A2")
    booking.refresh_from_db()
    assert booking.total == 2 * (2**31 - 1)


def test_a_customer_gets_as_many_seats_as_the_limit_and_no_more(settings, show, alice, bob):
    settings.SEAT_LIMIT = 3
    with assert_refused(SeatLimit, limit=3, left=3):
        book_seats(alice, show, "A1", "A2", "A3", "A4")
    book_seats(alice, show, "A1", "A2", "A3")
    with assert_refused(SeatLimit, limit=3, left=0):
        book_tickets(alice, show, [TicketRequest()])
    book_seats(bob, show, "B1", "B2", "B3")


def test_more_seats_than_the_limit_are_refused_before_the_seats_are_looked_up(
    settings, show, alice
):
    settings.SEAT_LIMIT = 3
    book_seats(alice, show, "A1")
    with assert_refused(SeatLimit, limit=3, left=2):
        book_seats(alice, show, "A1", "A2", "A3", "Z9")
    with assert_refused(SeatLimit, limit=3, left=2):
        book_tickets(alice, show, [TicketRequest()] * 100)


def test_the_limit_counts_holds_and_bookings_of_the_show_together(settings, show, alice):
    settings.SEAT_LIMIT = 3
    book_seats(alice, show, "A1", hold=True)
    book_seats(alice, show, "A2")
    with assert_refused(SeatLimit, limit=3, left=1):
        book_seats(alice, show, "A3", "A4")
    book_seats(alice, make_show(), "A1", "A2", "A3")
    book_seats(alice, show, "A3")


def test_cancelled_bookings_and_expired_holds_do_not_count(settings, show, alice):
    settings.SEAT_LIMIT = 2
    expire_hold(book_seats(alice, show, "A1", "A2", hold=True))
    cancel(booking=book_seats(alice, show, "A3", "A4"))
    assert seats_of(book_seats(alice, show, "A1", "A5")) == ["A1", "A5"]


def test_sales_close_when_the_show_starts(alice):
    show = make_show(starts_in=timedelta(seconds=-1))
    with assert_refused(SalesClosed, sales_until=isoformat_in(show.starts_at, "Europe/Vienna")):
        book_seats(alice, show, "A1")


def test_sales_may_close_sooner_or_later_than_the_start(show, alice):
    now = show.starts_at - timedelta(days=1)
    early = make_show(starts_at=show.starts_at, sales_until=now - timedelta(minutes=1))
    late = make_show(starts_at=now - timedelta(minutes=30), sales_until=now + timedelta(minutes=30))
    with assert_refused(SalesClosed):
        book_seats(alice, early, "A1")
    assert book_seats(alice, late, "A1").status == "confirmed"


@pytest.mark.parametrize("hold", [True, False])
def test_sales_open_when_the_show_says(show, alice, hold):
    opens = timezone.now().replace(microsecond=0) + timedelta(minutes=10)
    Show.objects.filter(pk=show.pk).update(sales_from=opens)
    with assert_refused(SalesNotOpen, sales_from=isoformat_in(opens, "Europe/Vienna")):
        book_seats(alice, show, "A1", hold=hold)
    Show.objects.filter(pk=show.pk).update(sales_from=timezone.now() - timedelta(seconds=1))
    assert book_seats(alice, show, "A1", hold=hold).pk


def test_an_expired_hold_is_not_confirmed_before_sales_open(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    opens = timezone.now() + timedelta(minutes=10)
    Show.objects.filter(pk=show.pk).update(sales_from=opens)
    with assert_refused(SalesNotOpen):
        confirm(booking=hold)


def test_a_show_called_off_sells_nothing(show, alice):
    call_off(show=show)
    with assert_refused(ShowCalledOff):
        book_seats(alice, show, "A1")


def test_a_seat_that_the_auditorium_does_not_have_is_refused_by_name(show, alice):
    with assert_refused(UnknownSeat, seats=["D1", "A0"]):
        book_seats(alice, show, "A1", "D1", "A0")


def test_a_seat_of_another_auditorium_is_unknown_in_this_one(show, alice):
    make_auditorium(rows=["Z: ss"])
    with assert_refused(UnknownSeat, seats=["Z1"]):
        book_seats(alice, show, "Z1")


@pytest.mark.parametrize(
    "tickets",
    [[], [TicketRequest("A1"), TicketRequest("A1")], [TicketRequest("A1"), TicketRequest()]],
    ids=["nothing", "a seat twice", "seats named in part"],
)
def test_requests_that_make_no_sense_are_bad_input(show, alice, tickets):
    with assert_refused(BadInput):
        book_tickets(alice, show, tickets)


@pytest.mark.parametrize("change", [{"is_active": False}, {"token_epoch": 7}])
def test_an_account_closed_since_its_token_was_made_books_nothing(show, alice, change):
    User.objects.filter(pk=alice.pk).update(**change)
    with assert_refused(AccountClosed):
        book_seats(alice, show, "A1")


def test_an_account_that_is_gone_books_nothing(show, alice):
    key = alice.pk
    alice.delete()
    alice.pk = key
    with assert_refused(AccountClosed):
        book_seats(alice, show, "A1")


def test_a_show_that_is_gone_is_no_show(alice):
    before = all_rows()
    with pytest.raises(Show.DoesNotExist):
        book_seats(alice, Show(pk=10**17), "A1")
    assert all_rows() == before


def test_a_reference_that_is_in_use_is_drawn_again(show, alice, monkeypatch):
    taken = book_seats(alice, show, "A1").reference
    drawn = iter([taken, taken, "NEWNEWNE"])
    monkeypatch.setattr(codes, "new_reference", lambda: next(drawn))
    assert book_seats(alice, show, "A2").reference == "NEWNEWNE"
    assert Booking.objects.count() == 2
    assert [label for label, _, _ in claims_of(show)] == ["A1", "A2"]


def late_reads(monkeypatch, times):
    """Read this many times that no seat is taken; return the size of each random choice."""
    late = iter([set()] * times)
    taken, choices = queries.taken_seat_ids, []
    monkeypatch.setattr(queries, "taken_seat_ids", lambda show_id: next(late, taken(show_id)))
    monkeypatch.setattr(random, "randrange", lambda among: choices.append(among) or 0)
    return choices


def test_who_loses_a_race_for_the_best_seats_gets_the_next_best(show, alice, bob, monkeypatch):
    best = book_tickets(alice, show, [TicketRequest(), TicketRequest()]).booking
    choices = late_reads(monkeypatch, 1)
    booking = book_tickets(bob, show, [TicketRequest(), TicketRequest()]).booking
    assert len(set(seats_of(best)) | set(seats_of(booking))) == 4
    assert len(choices) == 2


def test_each_race_lost_widens_the_choice_until_the_sixth(show, alice, bob, monkeypatch):
    book_tickets(alice, show, [TicketRequest()])
    choices = late_reads(monkeypatch, 6)
    with assert_refused(SeatsTaken, alternatives=[]):
        book_tickets(bob, show, [TicketRequest()])
    assert choices == [1, 4, 16, 64, 256, 1024]


def test_who_names_a_seat_that_is_lost_is_given_no_other(show, alice, bob, monkeypatch):
    book_seats(alice, show, "A1")
    choices = late_reads(monkeypatch, 6)
    with assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(bob, show, "A1")
    assert choices == []
