"""Tickets without seats: what narrows the choice. And every alternative can be booked as asked."""

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from marquee.booking.errors import (
    CompanionWithoutSpace,
    NeedsAnother,
    PriceChanged,
    SeatsTaken,
    SoldOut,
    UnknownTicketType,
    WheelchairLimit,
)
from marquee.booking.proposals import propose_seats
from marquee.booking.records import SeatChoice, TicketRequest
from marquee.catalog.queries import get_plan, get_prices
from marquee.core.cache import clear_caches
from marquee.core.errors import BadInput, Refused
from marquee.core.money import Money
from tests.factories import (
    CARER_PRICES,
    assert_refused,
    book_seats,
    book_tickets,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

STANDARD_AUDITORIUM = ["A: sssss_sssss", "B: sssss_sssss", "C: ppppp_ppppp", "D: ww_cc"]
ANY, CARER = TicketRequest(), TicketRequest(type="carer")


@pytest.fixture
def show(db):
    return show_of(STANDARD_AUDITORIUM)


def show_of(rows, prices=CARER_PRICES):
    auditorium = make_auditorium(rows=rows)
    return make_show(auditorium, price_card=make_price_card(auditorium.cinema, prices))


def seats_of(result):
    tickets = sorted(result.booking.tickets.all(), key=lambda ticket: ticket.seat.id)
    return [f"{ticket.seat.label}:{ticket.type_id}" for ticket in tickets]


def test_who_asks_for_nothing_in_particular_gets_the_cheapest_category(show, alice):
    assert seats_of(book_tickets(alice, show, [ANY, ANY])) == ["B4:adult", "B5:adult"]


@pytest.mark.parametrize("choice", [SeatChoice(), SeatChoice("premium"), SeatChoice(None, 1, 1)])
def test_the_seats_proposed_are_those_that_a_booking_gets(show, alice, choice):
    plan = get_plan(show.seat_plan_id)
    prices = get_prices(show.price_card_id, show.price_card.version)
    proposed = propose_seats(plan, prices, set(), [ANY, ANY], choice)
    booking = book_tickets(alice, show, [ANY, ANY], choice=choice).booking
    assert set(booking.tickets.values_list("seat_id", flat=True)) == {seat.id for seat in proposed}


def test_or_the_category_named(show, alice):
    premium = SeatChoice(category="premium")
    assert seats_of(book_tickets(alice, show, [ANY], choice=premium)) == ["C5:adult"]
    with assert_refused(UnknownTicketType, types=["carer"], known=["adult", "child"]):
        book_tickets(alice, show, [CARER], choice=premium)


def test_a_category_that_has_too_few_seats_is_sold_out(alice):
    show = show_of(["A: ssss", "B: pp"])
    with assert_refused(SoldOut, left=2) as refused:
        book_tickets(alice, show, [ANY] * 3, choice=SeatChoice(category="premium"))
    assert str(refused.value) == "Seats left to choose from in premium: 2. Asked for: 3."


def test_a_category_that_the_auditorium_does_not_have_is_bad_input(show, alice):
    with assert_refused(BadInput) as refused:
        book_tickets(alice, show, [ANY], choice=SeatChoice(category="recliner"))
    assert refused.value.field == "category"
    assert "It has: premium, standard." in str(refused.value)


@pytest.mark.parametrize(
    ("choice", "field"),
    [(SeatChoice(category="premium"), "category"), (SeatChoice(companions=1), "accessible")],
)
def test_named_seats_are_not_narrowed(show, alice, choice, field):
    with assert_refused(BadInput) as refused:
        book_tickets(alice, show, [TicketRequest("A1")], choice=choice)
    assert refused.value.field == field


def test_a_wheelchair_space_with_a_companion_seat_for_the_carer(show, alice, bob):
    both = SeatChoice(wheelchairs=1, companions=1)
    assert seats_of(book_tickets(alice, show, [CARER, ANY], choice=both)) == [
        "D2:adult",
        "D3:carer",
    ]
    assert seats_of(book_tickets(bob, show, [ANY, CARER], choice=both)) == ["D1:adult", "D4:carer"]
    with assert_refused(SoldOut, left=0) as refused:
        book_tickets(make_user(), show, [ANY, CARER], choice=both)
    assert str(refused.value) == "Wheelchair spaces left to choose from: 0. Asked for: 1."


def test_the_others_of_an_accessible_party_sit_near_in_the_category_named(show, alice):
    choice = SeatChoice(category="premium", wheelchairs=1)
    assert seats_of(book_tickets(alice, show, [ANY, ANY], choice=choice)) == [
        "C2:adult",
        "D2:adult",
    ]


def test_the_terms_of_accessible_seats_hold_for_the_best_ones_too(show, alice):
    with assert_refused(CompanionWithoutSpace, allowed=0):
        book_tickets(alice, show, [ANY], choice=SeatChoice(companions=1))
    with assert_refused(WheelchairLimit, limit=1):
        book_tickets(alice, show, [ANY, ANY], choice=SeatChoice(wheelchairs=2))
    with assert_refused(NeedsAnother, allowed=0):
        book_tickets(alice, show, [CARER], choice=SeatChoice(wheelchairs=1))
    with assert_refused(BadInput):
        book_tickets(alice, show, [ANY], choice=SeatChoice(wheelchairs=1, companions=1))


def test_a_total_that_is_not_the_expected_one_is_refused_with_the_new_one(show, alice):
    for minor, currency in ((2499, "EUR"), (2501, "EUR"), (2500, "USD")):
        with assert_refused(PriceChanged, total={"amount": "25.00", "currency": "EUR"}):
            book_tickets(alice, show, [ANY, ANY], expected_total=Money(minor, currency))
    result = book_tickets(alice, show, [ANY, ANY], expected_total=Money(2500, "EUR"))
    assert result.booking.total == 2500


def test_alternatives_cost_what_was_asked_for_first(show, alice, bob):
    book_seats(alice, show, "B5")
    with assert_refused(SeatsTaken, alternatives=[["B4"], ["A5"], ["B6"]]):
        book_seats(bob, show, "B5")
    book_seats(alice, show, "D1")
    with assert_refused(SeatsTaken, alternatives=[["D2"]]):
        book_seats(bob, show, "D1")


def test_staff_are_offered_what_only_they_may_book(alice):
    auditorium = make_auditorium(rows=["A: ss", "B: ss"])
    prices = {("standard", "adult"): "10", ("standard", "child"): "5"}
    card = make_price_card(auditorium.cinema, prices, counter_only=[("standard", "child")])
    show = make_show(auditorium, price_card=card)
    book_seats(alice, show, "A1")
    with assert_refused(SeatsTaken, alternatives=[["A2"], ["B1"], ["B2"]]):
        book_tickets(make_staff(), show, [TicketRequest("A1", "child")])


LETTERS = st.text("sssspprwc_", min_size=1, max_size=7).filter(lambda row: row.strip("_"))
AMOUNTS = st.sampled_from(["5.00", "10.00", "15.00"])


class EveryAlternative(TestCase):
    """On random plans, prices and sales, every alternative offered is booked exactly as asked."""

    @hypothesis_settings(max_examples=40)
    @given(st.lists(LETTERS, min_size=2, max_size=4), st.data())
    def test_every_alternative_that_is_offered_can_be_booked_as_asked(self, rows, data):
        clear_caches()  # the rows of the example before were rolled back: their ids come again
        show = self.random_show(rows, data)
        labels = list(show.seat_plan.seats.values_list("label", flat=True))
        some = st.lists(st.sampled_from(labels), min_size=1, max_size=4, unique=True)
        taken, wanted = data.draw(some), data.draw(some)
        book_tickets(make_staff(), show, [TicketRequest(label) for label in taken])
        types = [data.draw(st.sampled_from([None, "child", "carer", "adult"])) for _ in wanted]
        asked = {"hold": data.draw(st.booleans())}
        alice = make_user()
        try:
            book_tickets(alice, show, list(map(TicketRequest, wanted, types)), **asked)
        except SeatsTaken as refusal:
            for group in refusal.facts["alternatives"]:
                with transaction.atomic():
                    result = book_tickets(
                        alice, show, list(map(TicketRequest, group, types)), **asked
                    )
                    assert len(result.tickets) == len(wanted)
                    transaction.set_rollback(True)
        except Refused:
            pass  # cannot be booked, whoever has the seats

    def random_show(self, rows, data):
        keys = [
            (category, type_)
            for category in ("standard", "premium", "recliner")
            for type_ in ("adult", "child", "carer")
        ]
        prices = {
            key: data.draw(AMOUNTS) for key in keys if key[1] == "adult" or data.draw(st.booleans())
        }
        sold_apart = [key for key in prices if key[1] != "adult" and data.draw(st.booleans())]
        auditorium = make_auditorium(rows=[f"{'ABCD'[y]}: {row}" for y, row in enumerate(rows)])
        card = make_price_card(
            auditorium.cinema, prices, counter_only=sold_apart, wheelchair_limit=3
        )
        return make_show(auditorium, price_card=card)
