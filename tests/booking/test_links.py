"""The link to a booking in its mails opens that booking alone, until it is revoked or too old."""

from datetime import timedelta

import pytest
from django.core.signing import Signer

from marquee.accounts.errors import BadLink
from marquee.booking.links import booking_link_token, booking_of_token, opens
from marquee.booking.models import Booking
from marquee.booking.operations import revoke_links
from tests.factories import assert_refused, book_seats

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(show, alice) -> Booking:
    return book_seats(alice, show, "A1")


def test_a_link_opens_its_booking(booking, show):
    found = booking_of_token(booking_link_token(booking), show.starts_at)
    assert (found, found.user) == (booking, booking.user)


def test_a_link_is_good_until_30_days_after_the_show(booking, show):
    token, end = booking_link_token(booking), show.ends_at + timedelta(days=30)
    assert booking_of_token(token, end - timedelta(seconds=1)) == booking
    with assert_refused(BadLink):
        booking_of_token(token, end)


def test_a_revoked_link_opens_nothing_and_the_next_one_does(booking, show):
    before = booking_link_token(booking)
    revoke_links(booking=booking)
    with assert_refused(BadLink):
        booking_of_token(before, show.starts_at)
    booking.refresh_from_db()
    assert booking_of_token(booking_link_token(booking), show.starts_at) == booking


def test_links_of_other_bookings_stay_when_one_is_revoked(booking, show, bob):
    theirs = book_seats(bob, show, "A2")
    revoke_links(booking=booking)
    assert booking_of_token(booking_link_token(theirs), show.starts_at) == theirs


def test_a_link_that_was_made_up_cut_off_or_changed_opens_nothing(booking, show, bob):
    theirs, token = book_seats(bob, show, "A2"), booking_link_token(booking)
    content = f"{booking.reference}.0"
    bad = [
        "",
        token[:-1],
        token[1:],
        token.lower(),
        f"{token}A",
        f"{token}\n",
        f" {token}",
        content,
        f"{content}.",
        token.replace(booking.reference, theirs.reference),
        token.replace(".0.", ".1."),
        Signer(sep=".").sign(content),  # signed for something else
        "\x00",
        "\ud800.x",
        "x.\ud800",
        "ß." * 5000,
        booking_link_token(Booking(reference="K7Q2MXW4")),  # of a booking that is not there
    ]
    for made_up in bad:
        with assert_refused(BadLink):
            booking_of_token(made_up, show.starts_at)


def test_a_token_can_stand_in_a_url_as_it_is(booking):
    assert set(booking_link_token(booking)) < set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    )


def test_a_booking_that_was_read_is_opened_by_its_own_link_while_that_works(booking, show, bob):
    theirs, token = book_seats(bob, show, "A2"), booking_link_token(booking)
    last = show.ends_at + timedelta(days=30)

    def is_open(token, now=show.starts_at):
        return opens(token, booking, show_ends_at=show.ends_at, now=now)

    assert is_open(token, last - timedelta(seconds=1))
    assert not is_open(token, last)
    assert not is_open(booking_link_token(theirs))
    assert not is_open(token[:-1])
    revoke_links(booking=booking)
    booking.refresh_from_db()
    assert not is_open(token)
