"""The page of a booking: opened by the link in its mails, without a login."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from marquee.booking.links import booking_link_token
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import call_off, cancel, move_show, revoke_links
from marquee.web.storefront import bookings
from tests.factories import (
    book_seats,
    end_show,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_movie,
    make_show,
    make_user,
)
from tests.web.html import GERMAN, all_tables, heading, text

pytestmark = pytest.mark.django_db

EVENING = datetime(2031, 6, 14, 20, 15, tzinfo=ZoneInfo("Europe/Vienna"))


@pytest.fixture
def show():
    auditorium = make_auditorium(make_cinema(name="Gartenbaukino"), name="Screen One")
    return make_show(auditorium, movie=make_movie(title="Vertigo"), starts_at=EVENING)


@pytest.fixture
def booking(alice, show) -> Booking:
    return book_seats(alice, show, "A1", "A2")


def open_booking(client, booking, **options):
    """Open the link of a mail as a browser does."""
    token = booking_link_token(booking)
    return client.get("/bookings/link/", {"token": token}, follow=True, **options)


def url(booking):
    return f"/bookings/{booking.reference}/"


# --- Opening --------------------------------------------------------------------------------------


def test_the_link_leads_to_the_booking_without_the_token(client, booking):
    token = booking_link_token(booking)
    response = client.get("/bookings/link/", {"token": token, "utm_campaign": "x"})

    assert (response.status_code, response["Location"]) == (302, url(booking))
    cookie = response.cookies["link"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (url(booking), True, "Lax")
    page = client.get(url(booking))
    assert (page.status_code, page["Cache-Control"]) == (200, "private, no-store")
    assert token not in page.content.decode()


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_a_booking_changes_nothing_in_any_table(client, booking, method):
    before = all_tables()

    getattr(client, method)("/bookings/link/", {"token": booking_link_token(booking)}, follow=True)
    getattr(client, method)(f"{url(booking)}cancel/")

    assert all_tables() == before


def test_the_page_says_what_was_booked_in_the_cinemas_time(client, booking):
    says = text(open_booking(client, booking))

    for part in (
        "Booked", "Vertigo", "Saturday, 14 June 2031, 20:15", "Vienna time", "Gartenbaukino, Vienna",
        "Screen One", "A1, Adult, €12.50", booking.reference, "€25.00", "You can cancel until",
    ):  # fmt: skip
        assert part in says


def test_the_page_speaks_german(client, booking):
    says = text(open_booking(client, booking, headers=GERMAN))

    for part in (
        "Gebucht", "Samstag, 14. Juni 2031, 20:15 Uhr", "Ortszeit Wien", "Saal", "A1, Erwachsene",
        "Buchungscode", "Plätze",
    ):  # fmt: skip
        assert part in says
    assert "€ 25,00" in says.replace("\xa0", " ")


def test_two_bookings_are_open_at_once_in_one_browser(client, booking, show, alice):
    other = book_seats(alice, show, "B1")
    open_booking(client, booking)
    response = client.get("/bookings/link/", {"token": booking_link_token(other)})
    assert response.cookies["link"]["path"] == url(other)


@pytest.mark.parametrize("path", ["", "cancel/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_booking_without_its_link_is_like_one_that_is_not_there(client, booking, path, method):
    before = all_tables()
    there = getattr(client, method)(f"{url(booking)}{path}")
    missing = getattr(client, method)(f"/bookings/AAAAAAAA/{path}")

    assert there.status_code == missing.status_code
    assert text(there).replace(booking.reference, "AAAAAAAA") == text(missing)
    assert "Vertigo" not in text(there)
    assert all_tables() == before


def test_the_link_of_one_booking_opens_no_other(client, booking, show):
    theirs = book_seats(make_user("Bob"), show, "B1")
    client.cookies["link"] = booking_link_token(booking)

    for path in (url(theirs), f"{url(theirs)}cancel/"):
        assert client.get(path).status_code == 404
    assert client.post(f"{url(theirs)}cancel/").status_code == 404
    theirs.refresh_from_db()
    assert theirs.status == "confirmed"


# --- Links that do not work -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", ["", "x", "a.b.c", "a" * 5000, "a\x00b", "<script>", "a\r\nSet-Cookie: x=y", "ß"]
)
def test_a_made_up_link_is_a_400(client, bad):
    response = client.get("/bookings/link/", {"token": bad})

    assert (response.status_code, heading(response)) == (400, "This link is not complete")


def test_a_link_that_was_cut_off_is_a_400(client, booking):
    response = client.get("/bookings/link/", {"token": booking_link_token(booking)[:-3]})

    assert (response.status_code, heading(response)) == (400, "This link is not complete")


def test_the_page_of_the_link_without_a_token_asks_for_it(client):
    assert client.get("/bookings/link/").status_code == 400


def test_a_revoked_link_is_a_410_and_closes_the_page(client, booking):
    open_booking(client, booking)
    revoke_links(booking=booking)

    assert client.get(url(booking)).status_code == 404
    response = open_booking(Client(), Booking.objects.get())
    assert response.status_code == 200
    response = client.get("/bookings/link/", {"token": booking_link_token(booking)})
    assert (response.status_code, heading(response)) == (410, "This link is no longer valid")


def test_a_link_of_long_ago_is_a_410(client, booking, monkeypatch):
    token = booking_link_token(booking)
    monkeypatch.setattr(bookings, "database_now", lambda: EVENING + timedelta(days=40))

    response = client.get("/bookings/link/", {"token": token})

    assert (response.status_code, heading(response)) == (410, "This link has expired")


# --- What has become of it ------------------------------------------------------------------------


def test_a_hold_says_until_when(client, alice, show):
    says = text(open_booking(client, book_seats(alice, show, "A1", hold=True)))

    assert "Held, not booked yet" in says
    assert "The seats are held until" in says


def test_an_expired_hold_says_so_and_offers_nothing(client, alice, show):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    page = open_booking(client, hold)

    assert "No longer held" in text(page)
    assert "cancel/" not in page.content.decode()


def test_a_called_off_show_says_so_and_why(client, booking, show):
    call_off(show=show, reason="The projector is <b>broken</b>.")
    says = open_booking(client, booking).content.decode()

    assert "Called off by the cinema" in says
    assert "The projector is &lt;b&gt;broken&lt;/b&gt;." in says
    assert "cancel/" not in says


def test_a_moved_show_says_both_times(client, booking, show):
    move_show(show=show, starts_at=EVENING + timedelta(days=1), confirm_bookings=1)
    says = text(open_booking(client, booking))

    assert "Booked, at a new time" in says
    assert "New time Sunday, 15 June 2031, 20:15" in says
    assert "Booked for Saturday, 14 June 2031, 20:15" in says


def test_a_ticket_cancelled_by_itself_is_shown_as_such(client, booking):
    cancel(booking=booking, tickets=["A1"])
    says = text(open_booking(client, booking))

    assert "A1, Adult cancelled" in says
    assert "€12.50" in says


def test_a_show_that_is_over_says_so(client, booking):
    end_show(booking.show)
    says = text(open_booking(client, booking))

    assert "The show is over" in says
    assert "Ask at the box office" not in says


# --- Cancelling -----------------------------------------------------------------------------------


def test_cancelling_asks_first_and_then_cancels_all_seats(client, booking):
    open_booking(client, booking)
    asked = client.get(f"{url(booking)}cancel/")
    assert heading(asked) == "Cancel this booking?"
    assert "A1, A2" in text(asked)

    response = client.post(f"{url(booking)}cancel/", follow=True)
    assert "Your booking is cancelled." in text(response)

    assert response.redirect_chain == [(url(booking), 302)]
    assert "Cancelled" in text(response)
    booking.refresh_from_db()
    assert booking.status == "cancelled"
    event = booking.events.last()
    assert (event.kind, event.by, event.actor_id) == ("cancelled", "customer", booking.user_id)


def test_cancelling_twice_changes_nothing(client, booking):
    open_booking(client, booking)
    client.post(f"{url(booking)}cancel/")
    before = all_tables()

    assert client.post(f"{url(booking)}cancel/", follow=True).status_code == 200
    assert client.get(f"{url(booking)}cancel/")["Location"] == url(booking)
    assert all_tables() == before


def test_cancelling_needs_the_csrf_token(booking):
    client = Client(enforce_csrf_checks=True)
    open_booking(client, booking)

    assert client.post(f"{url(booking)}cancel/").status_code == 403
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def too_late(booking):
    Booking.objects.update(cancel_until=timezone.now() - timedelta(seconds=1))


def admitted(booking):
    Ticket.objects.update(status="used", used_at=timezone.now())


@pytest.mark.parametrize(
    ("what", "says"),
    [(too_late, "It is too late to cancel"), (admitted, "A ticket was used already")],
)
def test_what_may_not_be_cancelled_is_refused_and_not_offered(client, booking, what, says):
    open_booking(client, booking)
    what(booking)
    before = all_tables()

    page = client.get(url(booking))
    assert "cancel/" not in page.content.decode()
    assert "Ask at the box office" in text(page)
    assert client.get(f"{url(booking)}cancel/")["Location"] == url(booking)
    response = client.post(f"{url(booking)}cancel/")

    assert (response.status_code, heading(response)) == (409, says)
    assert all_tables() == before


def test_a_hold_can_be_given_back_and_an_expired_one_cannot(client, alice, show):
    hold = book_seats(alice, show, "A1", hold=True)
    open_booking(client, hold)
    assert "cancel/" in client.get(url(hold)).content.decode()
    expire_hold(hold)

    response = client.post(f"{url(hold)}cancel/")

    assert (response.status_code, heading(response)) == (
        409,
        "These seats are free for others again",
    )
