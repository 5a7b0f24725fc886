"""Free tickets and wheelchair spaces are for those who need them: abuse is refused, fair use is not."""

import pytest

from marquee.booking.errors import (
    CompanionWithoutSpace,
    CounterOnly,
    HoldExpired,
    NeedsAnother,
    SeatsTaken,
    UnknownTicketType,
    WheelchairLimit,
)
from marquee.booking.models import Booking
from marquee.booking.operations import cancel, confirm, expire
from marquee.booking.records import TicketRequest
from marquee.catalog.models import TicketType
from marquee.catalog.operations import change_price_card, change_ticket_type
from tests.factories import (
    CARER_PRICES,
    PRICES,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
    price_lines,
)

ROWS = ["A: ssssssssss", "B: wcwc_pp"]


@pytest.fixture
def show(db):
    auditorium = make_auditorium(rows=ROWS)
    return make_show(auditorium, price_card=make_price_card(auditorium.cinema, CARER_PRICES))


@pytest.fixture(params=[False, True], ids=["book", "hold"])
def hold(request):
    return request.param


def book(user, show, *tickets, hold=False):
    """Book tickets written as "B1:adult", a seat, or ":carer", the best seat."""
    tickets = [
        TicketRequest(seat or None, type_ or None) for seat, _, type_ in map(_parts, tickets)
    ]
    return book_tickets(user, show, tickets, hold=hold).booking


def _parts(ticket):
    return ticket.partition(":")


def change_type(code, **fields):
    return change_ticket_type(ticket_type=TicketType.objects.get(code=code), **fields)


def test_nine_carers_in_standard_seats_are_refused(show, alice, hold):
    facts = {"types": ["carer"], "needs": {"kind": "wheelchair", "type": None}, "allowed": 0}
    with assert_refused(NeedsAnother, **facts):
        book(alice, show, *[f"A{n}:carer" for n in range(1, 10)], hold=hold)
    with assert_refused(NeedsAnother, **facts):
        book(alice, show, *[":carer"] * 9, hold=hold)
    with assert_refused(NeedsAnother, **facts):
        book(alice, show, "A1:carer", "A2:adult", hold=hold)


def test_a_wheelchair_user_books_a_space_alone_or_with_a_carer(show, alice, bob, hold):
    assert book(alice, show, "B1:adult", "B2:carer", hold=hold).total == 1250
    assert book(bob, show, "B3:child", hold=hold).total == 900


def test_a_companion_may_pay_like_everybody(show, alice, hold):
    assert book(alice, show, "B1", "B2", "A1", hold=hold).tickets.count() == 3


def test_each_booking_has_a_wheelchair_ticket_of_its_own(show, alice, hold):
    book(alice, show, "B1:adult", "B2:carer", hold=hold)
    with assert_refused(NeedsAnother, allowed=0):
        book(alice, show, "A1:carer", hold=hold)
    with assert_refused(CompanionWithoutSpace, seats=["B4"], allowed=0):
        book(alice, show, "B4:adult", hold=hold)


def test_nobody_takes_companion_seats_without_a_space(show, alice, hold):
    with assert_refused(CompanionWithoutSpace, seats=["B2", "B4"], allowed=0):
        book(alice, show, "B2", "B4", hold=hold)
    with assert_refused(CompanionWithoutSpace, seats=["B2", "B4"], allowed=1):
        book(alice, show, "B1", "B2", "B4", hold=hold)


def test_nobody_takes_all_wheelchair_spaces_by_one_booking_or_by_several(show, alice, bob, hold):
    with assert_refused(WheelchairLimit, limit=1, left=1):
        book(alice, show, "B1", "B3", hold=hold)
    book(alice, show, "A1", hold=hold)
    book(alice, show, "B1", hold=hold)
    with assert_refused(WheelchairLimit, limit=1, left=0):
        book(alice, show, "B3", hold=hold)
    book(alice, make_show(rows=ROWS), "B1", hold=hold)
    book(bob, show, "B3", hold=hold)


def test_a_price_card_may_allow_more_spaces_or_none(show, alice):
    change_price_card(price_card=show.price_card, wheelchair_limit=0)
    with assert_refused(WheelchairLimit, limit=0, left=0):
        book(alice, show, "B1")
    change_price_card(price_card=show.price_card, wheelchair_limit=2)
    assert book(alice, show, "B1", "B3", "B2:carer", "B4:carer").total == 2500


def test_a_space_that_was_given_up_can_be_had_again(show, alice):
    cancel(booking=book(alice, show, "B1"))
    expire_hold(book(alice, show, "B1", hold=True))
    assert book(alice, show, "B3").status == "confirmed"


def test_staff_at_the_counter_book_what_customers_cannot(show, hold):
    change_type("senior", counter_only=True)
    lines = price_lines(CARER_PRICES | {("standard", "senior"): "8.00"})
    change_price_card(price_card=show.price_card, prices=lines)
    staff = make_staff()
    for tickets in (["A1:carer"], ["B2"], ["B1", "B3"], ["A2:senior"], [":senior"]):
        assert book(staff, show, *tickets, hold=hold).pk


def test_a_type_kept_for_the_counter_is_refused_to_customers(show, alice, hold):
    change_type("child", counter_only=True)
    with assert_refused(CounterOnly, types=["child"]):
        book(alice, show, "A1:child", "A2:adult", hold=hold)
    with assert_refused(CounterOnly, types=["child"]):
        book(alice, show, ":child", hold=hold)
    assert book(alice, show, "A1:adult", hold=hold).total == 1250


def test_a_card_may_keep_a_price_for_the_counter(show, alice):
    lines = price_lines(CARER_PRICES, counter_only={("standard", "child")})
    change_price_card(price_card=show.price_card, prices=lines)
    with assert_refused(CounterOnly, types=["child"]):
        book(alice, show, "A1:child")
    assert book(alice, show, "B5:child").total == 1150
    # The seat is one that customers can book for a child, though others are better.
    assert book(alice, show, ":child").tickets.get().seat.label == "B6"


def test_the_types_that_are_offered_instead_are_not_kept_for_the_counter(alice):
    auditorium = make_auditorium(rows=["A: r"])
    prices = {("recliner", type_): "10" for type_ in ("adult", "senior", "child")}
    card = make_price_card(auditorium.cinema, prices, counter_only={("recliner", "senior")})
    with assert_refused(UnknownTicketType, types=["student"], known=["adult", "child"]):
        book(alice, make_show(auditorium, price_card=card), "A1:student")


def test_a_type_may_need_a_ticket_of_another_type(show, alice):
    change_type("child", needs_type=TicketType.objects.get(code="adult"))
    with assert_refused(NeedsAnother, needs={"kind": None, "type": "adult"}, allowed=1):
        book(alice, show, "A1:child", "A2:child", "A3:adult")
    with assert_refused(NeedsAnother, allowed=0):
        book(alice, show, ":child")
    assert book(alice, show, ":child", ":adult").total == 2150


def test_a_changed_type_counts_for_the_next_booking_whatever_is_cached(show, alice):
    change_type("carer", needs_kind="")
    assert book(alice, show, "A1:carer").total == 0
    change_type("carer", needs_kind="wheelchair")
    with assert_refused(NeedsAnother, types=["carer"]):
        book(alice, show, "A2:carer")


def test_a_hold_that_lives_keeps_the_terms_it_was_made_by(show, alice):
    change_type("carer", needs_kind="")
    held = book(alice, show, "A1:carer", hold=True)
    change_type("carer", needs_kind="wheelchair")
    confirm(booking=held)
    assert Booking.objects.get(pk=held.pk).status == "confirmed"


@pytest.fixture(params=[False, True], ids=["expired", "recorded"])
def let_expire(request):
    def let_expire(booking):
        expire_hold(booking)
        if request.param:
            expire(booking=booking)
        return Booking.objects.get(pk=booking.pk)

    return let_expire


def test_an_expired_hold_is_confirmed_only_by_the_terms_of_a_new_booking(show, alice, let_expire):
    change_type("carer", needs_kind="")
    held = let_expire(book(alice, show, "A1:carer", hold=True))
    change_type("carer", needs_kind="wheelchair")
    with assert_refused(NeedsAnother, types=["carer"], allowed=0):
        confirm(booking=held)
    change_price_card(price_card=show.price_card, prices=price_lines(PRICES))
    with assert_refused(HoldExpired, seats=["A1"]):  # no price: nobody can book it so
        confirm(booking=held)
    change_price_card(price_card=show.price_card, prices=price_lines(CARER_PRICES))
    change_type("carer", needs_kind="", counter_only=True)
    with assert_refused(CounterOnly, types=["carer"]):
        confirm(booking=held)
    change_type("carer", counter_only=False)
    confirm(booking=held)


def test_an_expired_hold_is_refused_what_its_card_now_keeps_for_the_counter(
    show, alice, let_expire
):
    held = let_expire(book(alice, show, "A1:child", hold=True))
    lines = price_lines(CARER_PRICES, counter_only={("standard", "child")})
    change_price_card(price_card=show.price_card, prices=lines)
    with assert_refused(CounterOnly, types=["child"]):
        confirm(booking=held)


def test_an_expired_hold_of_a_space_counts_towards_the_limit_again(show, alice, let_expire):
    held = let_expire(book(alice, show, "B1", "B2:carer", hold=True))
    other = book(alice, show, "B3")
    with assert_refused(WheelchairLimit, limit=1, left=0):
        confirm(booking=held)
    cancel(booking=other)
    confirm(booking=held)
    assert Booking.objects.get(pk=held.pk).status == "confirmed"


def test_an_expired_hold_of_staff_is_confirmed_as_they_may_book_anew(show, let_expire):
    held = let_expire(book(make_staff(), show, "A1:carer", "B1", "B3", hold=True))
    confirm(booking=held)
    assert Booking.objects.get(pk=held.pk).status == "confirmed"


def test_alternatives_to_a_space_are_spaces_and_can_be_booked_as_asked(show, alice, bob):
    book(alice, show, "B1", "B2:carer")
    with assert_refused(SeatsTaken, seats=["B2"], alternatives=[["B3", "B4", "A3"]]):
        book(bob, show, "B3:adult", "B2:carer", "A3:child")
    with assert_refused(SeatsTaken, alternatives=[["B3", "B4"]]):
        book(bob, show, "B1:adult", "B2:carer")
    assert book(bob, show, "B3:adult", "B4:carer").total == 1250


def test_there_is_no_alternative_to_the_last_space(alice, bob):
    show = make_show(rows=["A: ssss", "B: wcc"])
    book_seats(alice, show, "B1")
    with assert_refused(SeatsTaken, alternatives=[]):
        book_seats(bob, show, "B1", "B2")


def test_alternatives_are_sold_as_the_types_asked_for(alice, bob):
    auditorium = make_auditorium(rows=["A: rr", "B: ss", "C: rr", "D: ss"])
    show = make_show(auditorium)
    book_seats(alice, show, "B1")
    with assert_refused(SeatsTaken, alternatives=[["D1", "D2"]]):
        book(bob, show, "B1:child", "B2:adult")
    assert book(bob, show, "D1:child", "D2:adult").total == 2150
