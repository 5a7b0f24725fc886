from datetime import timedelta

import pytest

from marquee.booking.errors import SalesClosed, SeatsTaken, ShowCalledOff, SoldOut
from marquee.booking.models import SeatClaim
from marquee.booking.operations import block, call_off, confirm, unblock
from marquee.booking.records import TicketRequest
from marquee.catalog.models import Seat
from tests.factories import (
    all_rows,
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_show,
)


def seats(show, *labels):
    return set(
        Seat.objects.filter(plan=show.seat_plan, label__in=labels).values_list("pk", flat=True)
    )


def states(show):
    claims = SeatClaim.objects.filter(show=show).order_by("seat")
    return dict(claims.values_list("seat__label", "state"))


def test_blocked_seats_are_not_for_sale(show, alice):
    block(show=show, seats=seats(show, "A1", "A2"))
    assert states(show) == {"A1": "blocked", "A2": "blocked"}
    with assert_refused(SeatsTaken, seats=["A2"]):
        book_seats(alice, show, "A2", "A3")


def test_blocked_seats_are_not_picked(alice):
    show = make_show(rows=["A: ss"])
    block(show=show, seats=seats(show, "A1"))
    with assert_refused(SoldOut, left=1):
        book_tickets(alice, show, [TicketRequest(), TicketRequest()])


def test_seats_are_blocked_for_one_show_only(show, alice):
    other = make_show()
    block(show=show, seats=seats(show, "A1"))
    assert book_seats(alice, other, "A1").status == "confirmed"


@pytest.mark.parametrize("hold", [True, False])
def test_seats_are_blocked_all_or_none(show, alice, hold):
    book_seats(alice, show, "A2", hold=hold)
    with assert_refused(SeatsTaken, seats=["A2"]):
        block(show=show, seats=seats(show, "A1", "A2", "A3"))


def test_seats_of_a_show_called_off_are_not_blocked(show):
    call_off(show=show)
    with assert_refused(ShowCalledOff):
        block(show=show, seats=seats(show, "A1"))


def test_seats_of_a_show_that_is_over_are_not_blocked(db):
    show = make_show(starts_in=-timedelta(days=1))
    with assert_refused(SalesClosed):
        block(show=show, seats=seats(show, "A1"))


def test_seats_of_a_running_show_are_blocked(db):
    show = make_show(starts_in=-timedelta(minutes=5))
    block(show=show, seats=seats(show, "A1"))
    assert states(show) == {"A1": "blocked"}


def test_a_seat_that_is_blocked_already_is_not_free_to_block(show):
    block(show=show, seats=seats(show, "A1"))
    with assert_refused(SeatsTaken, seats=["A1"]):
        block(show=show, seats=seats(show, "A1", "A2"))


def test_staff_are_told_why_a_seat_is_not_free_to_block(show, alice):
    held, sold = book_seats(alice, show, "A1", hold=True), book_seats(alice, show, "A2")
    block(show=show, seats=seats(show, "A3"))
    with assert_refused(SeatsTaken, seats=["A1", "A2", "A3"]) as refused:
        block(show=show, seats=seats(show, "A1", "A2", "A3", "A4"))
    assert str(refused.value) == (
        f"Not free to block: A1 (held, booking {held.reference}), A2 (sold, booking {sold.reference}), "
        "A3 (blocked already)."
    )


def test_the_seat_of_an_expired_hold_can_be_blocked(show, alice):
    expire_hold(book_seats(alice, show, "A1", hold=True))
    block(show=show, seats=seats(show, "A1"))
    assert states(show) == {"A1": "blocked"}


def test_unblocked_seats_are_for_sale_again(show, alice):
    block(show=show, seats=seats(show, "A1", "A2"))
    unblock(show=show, seats=seats(show, "A1"))
    assert states(show) == {"A1": "free", "A2": "blocked"}
    book_seats(alice, show, "A1")
    assert states(show) == {"A1": "sold", "A2": "blocked"}


def test_unblocking_leaves_seats_alone_that_are_not_blocked(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    book_seats(alice, show, "A2")
    before = all_rows()
    unblock(show=show, seats=seats(show, "A1", "A2", "A3"))  # A3: nobody ever had it
    assert all_rows() == before
    confirm(booking=hold)
    assert states(show) == {"A1": "sold", "A2": "sold"}
