from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marquee.booking import claims, locks, queries, rules
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import block, call_off, cancel, confirm, expire, unblock
from marquee.catalog import queries as catalog
from marquee.catalog.models import Seat, Show
from marquee.core import clock
from tests.factories import book_seats, expire_hold, make_show, usage_of


def seat(show, label):
    return Seat.objects.get(plan=show.seat_plan, label=label).pk


def left(show):
    _, version = queries.get_show_list_item(show.pk)
    return len(catalog.get_plan(show.seat_plan_id).seats) - version.taken


def states(show):
    return queries.get_availability(show.pk).states


def test_a_show_has_the_seats_left_that_nobody_has(show, alice):
    assert left(show) == 28
    book_seats(alice, show, "A1", "A2")
    hold = book_seats(alice, show, "A3", hold=True)
    block(show=show, seats={seat(show, "B1")})
    assert left(show) == 24
    expire_hold(hold)
    assert left(show) == 25
    expire(booking=hold)
    assert left(show) == 25


def test_the_taken_seats_of_many_shows_are_one_query(show, alice, django_assert_num_queries):
    other = make_show(rows=["A: sss"])
    book_seats(alice, other, "A1")
    with django_assert_num_queries(1):
        version = queries.show_list_version([other.pk, show.pk])
    assert version.seat_versions() == {other.pk: (1, 1)}
    assert queries.get_show_list_items([]) == []


def test_taken_seats_are_those_that_nobody_can_book_now(show, alice):
    book_seats(alice, show, "A1")
    expired = book_seats(alice, show, "A2", hold=True)
    book_seats(alice, show, "A3", hold=True)
    cancel(booking=book_seats(alice, show, "A4"))
    block(show=show, seats={seat(show, "A5")})
    expire_hold(expired)
    assert queries.taken_seat_ids(show.pk) == {seat(show, label) for label in ("A1", "A3", "A5")}


def test_availability_lists_each_seat_that_is_not_free(show, alice):
    book_seats(alice, show, "A1")
    book_seats(alice, show, "A2", hold=True)
    block(show=show, seats={seat(show, "A3")})
    cancel(booking=book_seats(alice, show, "A4"))
    assert states(show) == {
        seat(show, "A1"): "sold",
        seat(show, "A2"): "held",
        seat(show, "A3"): "blocked",
    }


def test_availability_of_a_show_that_nobody_booked_is_empty(show):
    now = queries.get_availability(show.pk)
    assert (now.seat_plan_id, now.version.number, now.states) == (show.seat_plan_id, 0, {})


def test_a_claim_of_a_seat_in_another_auditorium_is_not_shown(show):
    """No operation creates such a claim today; an older version may have."""
    elsewhere = Seat.objects.filter(plan=make_show().seat_plan).first()
    SeatClaim.objects.create(show=show, seat=elsewhere, state="blocked", gen=1)
    block(show=show, seats={seat(show, "A1")})
    assert states(show) == {seat(show, "A1"): "blocked"}


def test_the_version_goes_up_with_every_change_that_can_be_seen(show, alice, bob):
    """The version also rises when a hold expires, and again when the expiry is recorded."""
    versions = [queries.get_availability(show.pk).version.number]

    def seen():
        versions.append(queries.get_availability(show.pk).version.number)
        assert versions[-1] > versions[-2]

    first = book_seats(alice, show, "A1", "A2", hold=True)
    seen()
    expire_hold(first)
    seen()
    second = book_seats(bob, show, "A1", hold=True)
    seen()
    expire(booking=first)
    seen()
    expire_hold(second)
    seen()
    expire(booking=second)
    seen()
    confirm(booking=second)
    seen()
    cancel(booking=second)
    seen()
    third = book_seats(alice, show, "A2", hold=True)
    seen()
    expire_hold(third)
    seen()
    confirm(booking=third)
    seen()
    block(show=show, seats={seat(show, "A3")})
    seen()
    unblock(show=show, seats={seat(show, "A3")})
    seen()
    call_off(show=show)
    seen()


def test_the_version_stays_while_nothing_changes(show, alice):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    assert queries.get_availability(show.pk) == queries.get_availability(show.pk)
    before = queries.get_availability(show.pk)
    unblock(show=show, seats={seat(show, "A1"), seat(show, "A2")})
    assert queries.get_availability(show.pk) == before


def test_the_version_alone_is_the_version_of_the_availability(
    show, alice, django_assert_num_queries
):
    with django_assert_num_queries(1):
        known = queries.availability_version(show.pk)
    assert known == queries.get_availability(show.pk).version
    hold = book_seats(alice, show, "A1", hold=True)
    for change in (None, lambda: expire_hold(hold), lambda: expire(booking=hold)):
        change and change()
        now = queries.get_availability(show.pk)
        assert known != queries.availability_version(show.pk) == now.version
        known = now.version
    with pytest.raises(Show.DoesNotExist):
        queries.get_availability(0)


def test_a_show_in_another_auditorium_or_at_other_prices_has_another_version(show, alice):
    for change in ("seat_plan", "price_card"):
        known = queries.availability_version(show.pk)
        Show.objects.filter(pk=show.pk).update(**{change: getattr(make_show(), change)})
        assert queries.availability_version(show.pk) != known
        assert queries.get_availability(show.pk).states == {}


@pytest.mark.parametrize("recorded", [True, False])
def test_the_status_of_a_booking_is_by_the_clock(show, alice, recorded):
    held = book_seats(alice, show, "A1", hold=True)
    expired = book_seats(alice, show, "A2", hold=True)
    confirmed = book_seats(alice, show, "A3")
    cancelled = book_seats(alice, show, "A4")
    cancel(booking=cancelled)
    expire_hold(expired)
    if recorded:
        expire(booking=expired)
    expected = {
        "held": held,
        "expired": expired,
        "confirmed": confirmed,
        "cancelled": cancelled,
    }
    for status, booking in expected.items():
        assert list(Booking.objects.filter(queries.effective_status_q(status))) == [booking]
        read = queries.get_booking_details(booking.pk)
        assert rules.effective_status(read.status, read.held_until, read.now) == status


def test_a_hold_ends_at_the_very_moment_it_says():
    now = timezone.now()
    hold = Booking(status="held", held_until=now)
    assert rules.effective_status(hold.status, hold.held_until, now) == "expired"
    assert (
        rules.effective_status(hold.status, hold.held_until, now - timedelta(microseconds=1))
        == "held"
    )


def test_at_the_moment_a_hold_ends_it_is_over_for_everybody(show, alice, monkeypatch):
    hold = book_seats(alice, show, "A1", hold=True)
    (claim,) = hold.claims.all()
    set_clock(monkeypatch, claim.expires_at)
    with transaction.atomic():
        assert rules.is_expired(locks.lock_for_change(hold))
    assert queries.taken_seat_ids(show.pk) == set()
    assert usage_of(alice, show).customer_seats == 0
    assert claims.claim(show.pk, {claim.seat_id}, hold.pk, None) == {claim.seat_id}


def test_a_moment_before_a_hold_ends_it_is_not(show, alice, monkeypatch):
    hold = book_seats(alice, show, "A1", hold=True)
    (claim,) = hold.claims.all()
    set_clock(monkeypatch, claim.expires_at - timedelta(milliseconds=1))
    with transaction.atomic():
        assert not rules.is_expired(locks.lock_for_change(hold))
    assert queries.taken_seat_ids(show.pk) == {claim.seat_id}
    assert usage_of(alice, show).customer_seats == 1
    assert claims.claim(show.pk, {claim.seat_id}, hold.pk, None) == set()


def set_clock(patch, moment):
    """Make SQL statements read this moment as the database's clock."""
    patch.setattr(clock, "POSTGRESQL_NOW", f"timestamptz '{moment.isoformat()}'")
    patch.setattr(clock, "SQLITE_NOW", f"'{moment.replace(tzinfo=None)}'")


def test_bookings_are_upcoming_until_their_show_has_ended(show, alice):
    booking = book_seats(alice, show, "A1")
    rows = Booking.objects.all()
    assert (list(queries.filter_upcoming(rows)), list(queries.filter_past(rows))) == ([booking], [])
    began = timezone.now() - timedelta(minutes=1)
    Show.objects.filter(pk=show.pk).update(starts_at=began, sales_until=began)
    assert (list(queries.filter_upcoming(rows)), list(queries.filter_past(rows))) == ([booking], [])
    ended = timezone.now() - timedelta(minutes=1)
    Show.objects.filter(pk=show.pk).update(
        starts_at=ended - timedelta(hours=2), sales_until=ended - timedelta(hours=2), ends_at=ended
    )
    assert (list(queries.filter_upcoming(rows)), list(queries.filter_past(rows))) == ([], [booking])


def test_expired_holds_are_listed_the_oldest_first(show, alice):
    holds = [book_seats(alice, show, label, hold=True) for label in ("A1", "A2", "A3")]
    for hold, seconds in zip(holds, (-2, -3, -1), strict=True):
        expire_hold(hold, seconds=seconds)
    assert list(queries.expired_holds()) == [holds[1], holds[0], holds[2]]


def test_live_seats_are_those_of_one_customer_at_one_show_now(show, alice, bob):
    book_seats(alice, show, "A1", "A2")
    book_seats(alice, show, "A3", hold=True)
    expire_hold(book_seats(alice, show, "A4", hold=True))
    cancel(booking=book_seats(alice, show, "A5"))
    book_seats(bob, show, "B1")
    book_seats(alice, make_show(), "A1")
    assert usage_of(alice, show).customer_seats == 3


def test_bookings_with_all_that_a_response_needs_take_one_query(
    show, alice, django_assert_num_queries
):
    keys = [book_seats(alice, show, label, "B" + label[1]).pk for label in ("A1", "A2", "A3")]
    with django_assert_num_queries(1):
        details = queries.list_booking_details(keys)
    assert [one.show.title for one in details] == [show.movie.title] * 3
    labels = catalog.get_plan(show.seat_plan_id).by_id
    assert [[labels[ticket.seat_id].label for ticket in one.tickets] for one in details] == [
        ["A3", "B3"], ["A2", "B2"], ["A1", "B1"],
    ]  # fmt: skip
    assert queries.list_booking_details([]) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no covering keys.")
@pytest.mark.parametrize(
    "ask",
    [
        queries.taken_seat_ids,
        lambda show: queries.show_list_version([show]),
        queries.get_show_list_item,
        queries.get_availability,
    ],
    ids=["taken_seat_ids", "show_list_version", "get_show_list_item", "get_availability"],
)
def test_seats_are_counted_and_listed_from_the_key_alone(show, alice, ask):
    """The rows of one show are scattered over the table; their index entries are adjacent."""
    book_seats(alice, show, "A1")
    with CaptureQueriesContext(connection) as asked:
        ask(show.pk)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN {asked[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Index Only Scan using seat_claim_pkey" in plan
    assert "Index Scan using seat_claim_pkey" not in plan
