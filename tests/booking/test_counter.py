"""Bookings that staff make for customers at the counter."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from marquee.accounts.states import Role
from marquee.booking import queries
from marquee.booking.errors import KeyReused, SalesClosed, SeatsTaken, ShowCalledOff, SoldOut
from marquee.booking.models import CounterSale, SeatClaim
from marquee.booking.operations import block, call_off, cancel, close_account
from marquee.booking.records import Actor, CounterTerms, TicketRequest
from marquee.catalog.models import Seat
from marquee.core.errors import BadInput
from tests.factories import (
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    make_show,
    make_staff,
    usage_of,
)

pytestmark = pytest.mark.django_db


NOTHING_PAID = CounterTerms()


@pytest.fixture
def staff():
    return make_staff(Role.COUNTER)


def sell(staff, show, *labels, terms=NOTHING_PAID, **options):
    tickets = [TicketRequest(label) for label in labels]
    actor = Actor.staff(staff.pk)
    return book_tickets(staff, show, tickets, counter=terms, actor=actor, **options).booking


def block_seats(show, *labels):
    seats = Seat.objects.filter(plan=show.seat_plan, label__in=labels)
    block(show=show, seats=set(seats.values_list("pk", flat=True)))


def states(show):
    return dict(SeatClaim.objects.filter(show=show).values_list("seat__label", "state"))


def test_the_counter_sells_beyond_the_limits_and_terms_of_customers(settings, show, staff):
    settings.SEAT_LIMIT = settings.UNPAID_SEAT_LIMIT = 2
    booking = sell(staff, show, *[f"A{n}" for n in range(1, 11)], "B1", "C3")  # a companion seat
    assert (booking.channel, booking.status) == ("counter", "confirmed")
    sell(staff, show, "B2")
    assert usage_of(staff, show).customer_seats == 0
    book_seats(staff, show, "B3", "B4")  # the seller's own limit is untouched


def test_who_sold_and_what_was_paid_are_recorded(show, staff):
    terms = CounterTerms("cash", Decimal("20.00"), "EUR", "Ada", "ada@example.com")
    booking = sell(staff, show, "A1", "A2", terms=terms)
    sale = CounterSale.objects.get(booking=booking)
    assert (sale.tender, sale.amount, sale.currency) == ("cash", 2000, "EUR")
    assert (sale.customer_name, sale.customer_email) == ("Ada", "ada@example.com")
    event = booking.events.get()
    assert (event.kind, event.by, event.actor) == ("confirmed", "staff", staff)
    assert booking.total == 2500  # no money logic yet


def test_an_amount_left_out_is_the_total_and_without_a_tender_nothing_is_paid(show, staff):
    paid = CounterSale.objects.get(booking=sell(staff, show, "A1", terms=CounterTerms("card")))
    assert (paid.amount, paid.currency) == (1250, "EUR")
    unpaid = CounterSale.objects.get(booking=sell(staff, show, "A2"))
    assert (unpaid.tender, unpaid.amount, unpaid.currency) == ("", None, "")


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (CounterTerms(amount=Decimal(1)), "tender"),
        (CounterTerms("cash", Decimal(1), "USD"), "currency"),
        (CounterTerms("cash", Decimal("1.005")), "amount"),
    ],
)
def test_what_was_paid_must_make_sense(show, staff, terms, field):
    with assert_refused(BadInput) as refused:
        sell(staff, show, "A1", terms=terms)
    assert refused.value.field == field


def test_blocked_seats_are_sold_by_name_and_blocked_again_when_given_back(show, staff, alice):
    block_seats(show, "A1", "A2")
    booking = sell(staff, show, "A1", "A2", "A3")
    assert states(show) == dict.fromkeys(["A1", "A2", "A3"], "sold")
    with assert_refused(SeatsTaken, seats=["A1"]):
        book_seats(alice, show, "A1")
    cancel(booking=booking, tickets=["A1"])
    assert states(show)["A1"] == "blocked"
    cancel(booking=booking)
    assert states(show) == {"A1": "blocked", "A2": "blocked", "A3": "free"}


def test_the_best_seats_at_the_counter_are_not_blocked_ones(staff):
    show = make_show(rows=["A: ss"])
    block_seats(show, "A1")
    with assert_refused(SoldOut, left=1):
        sell(staff, show, None, None)


def test_seats_of_customers_are_not_sold_again(show, staff, alice):
    booking = book_seats(alice, show, "A1", hold=True)
    with assert_refused(SeatsTaken, seats=["A1"], own_bookings=[]):
        sell(staff, show, "A1", "A2")
    assert booking.claims.get().state == "held"


def test_the_counter_sells_until_the_show_ends(staff):
    started = make_show(starts_in=timedelta(minutes=-30))
    assert sell(staff, started, "A1").pk
    with assert_refused(SalesClosed):
        book_seats(staff, started, "A2")
    with assert_refused(SalesClosed):
        sell(staff, make_show(starts_in=timedelta(hours=-3)), "A1")
    call_off(show=started)
    with assert_refused(ShowCalledOff):
        sell(staff, started, "A3")


def test_the_same_key_makes_one_booking_of_the_same_sale(show, staff):
    terms = CounterTerms("cash", Decimal("12.50"))
    first = sell(staff, show, "A1", terms=terms, key="k")
    before = all_rows()
    assert sell(staff, show, "A1", terms=terms, key="k") == first
    assert all_rows() == before
    for other in (CounterTerms("card", Decimal("12.50")), CounterTerms()):
        with assert_refused(KeyReused):
            sell(staff, show, "A1", terms=other, key="k")
    with assert_refused(KeyReused):
        book_seats(staff, show, "A1", key="k")


def test_what_staff_sold_stays_when_their_account_is_closed(show, staff):
    sold = sell(staff, show, "A1")
    assert not queries.count_upcoming_tickets(staff)
    own = book_seats(staff, show, "A2")
    close_account(user=staff, upcoming="cancel")
    sold.refresh_from_db()
    own.refresh_from_db()
    assert (sold.status, own.status) == ("confirmed", "cancelled")


def test_the_database_refuses_an_amount_without_a_tender(show, staff):
    booking = sell(staff, show, "A1", terms=CounterTerms("cash"))
    for change in ({"tender": ""}, {"amount": None}, {"currency": ""}, {"tender": "gold"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CounterSale.objects.filter(booking=booking).update(**change)
