"""What the database's constraints refuse, and the version order of each seat (`gen`)."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from marquee.booking import claims
from marquee.booking.errors import HoldExpired, SeatsTaken
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import block, call_off, cancel, confirm, expire, unblock
from marquee.catalog.models import Seat
from tests.factories import assert_refused, book_seats, expire_hold

INSERT = "INSERT INTO seat_claim (show_id, seat_id, state, booking_id, expires_at, gen) VALUES "


def seat(show, label="A1"):
    return Seat.objects.get(plan=show.seat_plan, label=label).pk


def gen():
    return SeatClaim.objects.get(seat__label="A1").gen


def insert(show, state, booking=None, expires_at=None, generation=1):
    """Insert a claim without our code, as a bug or somebody at psql would."""
    values = [show.pk, seat(show), state, booking and booking.pk, expires_at, generation]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(INSERT + "(%s, %s, %s, %s, %s, %s)", values)


def test_the_version_of_a_seat_goes_up_by_one_with_each_change(show, alice, bob):
    a1 = {seat(show)}
    held = book_seats(alice, show, "A1", hold=True)
    assert gen() == 1
    expire_hold(held)
    taken_over = book_seats(bob, show, "A1", hold=True)
    assert gen() == 2
    confirm(booking=taken_over)
    assert gen() == 3
    cancel(booking=taken_over)
    assert gen() == 4
    block(show=show, seats=a1)
    assert gen() == 5
    unblock(show=show, seats=a1)
    assert gen() == 6
    expired = book_seats(alice, show, "A1", hold=True)
    expire_hold(expired)
    expire(booking=expired)
    assert gen() == 8
    confirm(booking=expired)
    assert gen() == 9
    call_off(show=show)
    assert gen() == 10


def test_releasing_all_frees_what_bookings_have_and_nothing_else(show, alice):
    book_seats(alice, show, "A1")
    book_seats(alice, show, "A2", hold=True)
    block(show=show, seats={seat(show, "A3")})
    cancel(booking=book_seats(alice, show, "A4"))
    had = {seat(show, label) for label in ("A1", "A2")}
    others = SeatClaim.objects.exclude(seat__in=had).order_by("seat")
    before = list(others.values())
    everything = {claim.seat_id for claim in SeatClaim.objects.all()}
    assert claims.release_all(show.pk, everything) == had
    assert list(others.values()) == before
    found = SeatClaim.objects.filter(seat__in=had).values_list("state", "booking", "expires_at")
    assert set(found) == {("free", None, None)}


def test_the_version_of_a_seat_stays_when_nothing_changes(show, alice, bob):
    booking = book_seats(alice, show, "A1", hold=True)
    confirm(booking=booking)
    confirm(booking=booking)
    expire(booking=booking)
    unblock(show=show, seats={seat(show)})
    with assert_refused(SeatsTaken):
        book_seats(bob, show, "A1")
    assert gen() == 2


def test_a_refused_confirmation_leaves_the_versions_of_all_its_seats(show, alice, bob):
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    expire_hold(hold)
    book_seats(bob, show, "A2")
    with assert_refused(HoldExpired):
        confirm(booking=hold)
    assert gen() == 1


def test_the_database_refuses_a_second_claim_of_a_seat(show, alice):
    booking = book_seats(alice, show, "A1")
    with pytest.raises(IntegrityError):
        insert(show, "sold", booking)
    with pytest.raises(IntegrityError):
        insert(show, "free")
    assert SeatClaim.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "has_booking", "expires"),
    [
        ("sold", False, False),
        ("sold", True, True),
        ("held", True, False),
        ("held", False, True),
        ("free", True, False),
        ("free", False, True),
        ("blocked", True, False),
        ("blocked", False, True),
        ("lost", False, False),
    ],
)
def test_the_database_refuses_a_claim_that_lacks_what_its_state_needs(
    show, alice, state, has_booking, expires
):
    booking = book_seats(alice, show, "A2") if has_booking else None
    with pytest.raises(IntegrityError):
        insert(show, state, booking, timezone.now() if expires else None)
    assert not SeatClaim.objects.filter(seat__label="A1").exists()


@pytest.mark.parametrize(
    ("state", "has_booking", "expires"),
    [
        ("sold", True, False),
        ("held", True, True),
        ("free", False, False),
        ("blocked", False, False),
    ],
)
def test_the_database_takes_a_claim_that_is_whole(show, alice, state, has_booking, expires):
    booking = book_seats(alice, show, "A2") if has_booking else None
    insert(show, state, booking, timezone.now() if expires else None)
    assert SeatClaim.objects.get(seat__label="A1").state == state


@pytest.mark.parametrize(
    "change",
    [
        {"status": "held"},
        {"held_until": timezone.now()},
        {"status": "lost"},
        {"status": "expired", "held_until": timezone.now()},
    ],
)
def test_the_database_refuses_a_booking_whose_status_and_time_do_not_match(show, alice, change):
    booking = book_seats(alice, show, "A1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=booking.pk).update(**change)
    booking.refresh_from_db()
    assert (booking.status, booking.held_until) == ("confirmed", None)


@pytest.mark.parametrize("change", [{"status": "used"}, {"used_at": timezone.now()}])
def test_the_database_refuses_a_ticket_used_at_no_time_or_unused_at_one(show, alice, change):
    tickets = book_seats(alice, show, "A1").tickets
    with pytest.raises(IntegrityError), transaction.atomic():
        tickets.update(**change)
    assert (tickets.get().status, tickets.get().used_at) == ("valid", None)


def test_the_database_refuses_one_key_for_two_bookings_of_a_user(show, alice, bob):
    first = book_seats(alice, show, "A1", key="one")
    second = book_seats(alice, show, "A2", key="two")
    book_seats(bob, show, "A3", key="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=second.pk).update(idempotency_key="one")
    keys = Booking.objects.filter(user=alice).order_by("pk").values_list("idempotency_key")
    assert list(keys) == [("one",), ("two",)]
    assert first.pk < second.pk


def test_the_database_refuses_a_code_or_a_reference_that_is_in_use(show, alice):
    first, second = book_seats(alice, show, "A1"), book_seats(alice, show, "A2")
    with pytest.raises(IntegrityError), transaction.atomic():
        second.tickets.update(code=first.tickets.get().code)
    with pytest.raises(IntegrityError), transaction.atomic():
        Booking.objects.filter(pk=second.pk).update(reference=first.reference)
    assert first.tickets.get().code != second.tickets.get().code
    assert Booking.objects.get(pk=second.pk).reference == second.reference


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no covering keys.")
@pytest.mark.django_db
def test_the_key_is_show_and_seat_whatever_else_its_index_has():
    migration = import_module("marquee.booking.migrations.0002_covering_key")
    plain, covering = (
        "PRIMARY KEY (show_id, seat_id)",
        "PRIMARY KEY (show_id, seat_id) INCLUDE (state, expires_at, gen)",
    )
    assert key() == covering
    with connection.schema_editor() as editor:
        migration.uncover(apps, editor)
        assert key() == plain
        migration.cover(apps, editor)
    assert key() == covering


def key():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'seat_claim'::regclass AND contype = 'p'"
        )
        return cursor.fetchone()[0]
