"""A guest's data is deleted by a link in a mail, which the page of a booking asks for."""

import pytest
from django.test import Client

from marquee.accounts.models import AccountEvent, User
from marquee.accounts.operations import make_link
from marquee.accounts.states import LinkPurpose
from marquee.booking.links import booking_link_token
from tests.factories import book_seats
from tests.web.html import GERMAN, all_tables, heading, text

pytestmark = pytest.mark.django_db

PAGE = "/delete-account/"


@pytest.fixture
def guest(db) -> User:
    return User.objects.create(email=None, contact_email="gus@example.com", name="Gus")


@pytest.fixture
def booking(guest, show):
    return book_seats(guest, show, "A1", "A2")


def link_of(guest):
    return make_link(user=guest, purpose=LinkPurpose.CLOSE, email=guest.contact_email)


def open_booking(client, booking):
    return client.get("/bookings/link/", {"token": booking_link_token(booking)}, follow=True)


def open_link(client, guest):
    return client.get(PAGE, {"token": link_of(guest)}, follow=True)


# --- Asking ---------------------------------------------------------------------------------------


def test_the_page_of_a_guests_booking_offers_to_delete_the_data(client, booking):
    page = open_booking(client, booking)
    url = f"/bookings/{booking.reference}/delete-data/"
    assert f'href="{url}"' in page.content.decode()
    before = all_tables()
    assert heading(client.get(url)) == "Delete my data"
    assert all_tables() == before

    response = client.post(url, headers=GERMAN)

    assert (response.status_code, heading(response)) == (200, "Sehen Sie in Ihre Mail")
    event = AccountEvent.objects.get(kind="close_asked")
    assert (event.user, event.email, event.language) == (
        booking.user,
        "gus@example.com",
        "de",
    )


def test_the_data_of_an_account_is_not_deleted_from_a_booking(client, alice, show):
    booking = book_seats(alice, show, "A1")
    page = open_booking(client, booking)
    url = f"/bookings/{booking.reference}/delete-data/"
    before = all_tables()

    assert url not in page.content.decode()
    assert (client.get(url).status_code, client.post(url).status_code) == (404, 404)
    assert all_tables() == before


def test_asking_needs_the_link_of_the_booking_and_the_csrf_token(client, booking):
    url = f"/bookings/{booking.reference}/delete-data/"
    assert client.post(url).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    open_booking(strict, booking)
    assert strict.post(url).status_code == 403
    assert not AccountEvent.objects.filter(kind="close_asked").exists()


# --- The link -------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "head"])
def test_opening_the_link_changes_nothing_in_any_table(client, guest, booking, method):
    token = link_of(guest)
    before = all_tables()

    getattr(client, method)(PAGE, {"token": token}, follow=True)

    assert all_tables() == before


def test_the_page_asks_what_becomes_of_bookings_to_come(client, guest, booking):
    says = text(open_link(client, guest))

    assert "What becomes of your bookings for shows to come?" in says
    assert f"{booking.reference}: 2 tickets" in says


def test_without_bookings_to_come_there_is_nothing_to_choose(client, guest):
    assert "bookings" not in text(open_link(client, guest))

    response = client.post(PAGE, follow=True)

    assert heading(response) == "Your data is deleted"
    guest.refresh_from_db()
    assert (guest.name, guest.contact_email, guest.is_active) == ("", "", False)


def test_the_choice_is_needed_and_asked_for_beside_it(client, guest, booking):
    open_link(client, guest)
    before = all_tables()

    response = client.post(PAGE)

    assert response.status_code == 400
    assert "Choose one of the two." in text(response)
    assert all_tables() == before


@pytest.mark.parametrize("choice", ["everything", "\x00", "x" * 5000])
def test_another_choice_is_refused(client, guest, booking, choice):
    open_link(client, guest)
    before = all_tables()

    assert client.post(PAGE, {"bookings": choice}).status_code == 400
    assert all_tables() == before


@pytest.mark.parametrize(("choice", "status"), [("cancel", "cancelled"), ("keep", "confirmed")])
def test_the_button_does_what_was_chosen(client, guest, booking, choice, status):
    open_link(client, guest)

    response = client.post(PAGE, {"bookings": choice}, follow=True)

    assert (response.status_code, heading(response)) == (200, "Your data is deleted")
    booking.refresh_from_db()
    guest.refresh_from_db()
    assert booking.status == status
    assert (guest.name, guest.contact_email) == ("", "")
    assert heading(client.get(PAGE)) == "Your data is deleted"


def test_the_link_is_used_once(client, guest):
    token = link_of(guest)
    for browser in (client, Client()):
        browser.get(PAGE, {"token": token})
    client.post(PAGE)
    before = all_tables()

    response = Client().get(PAGE, {"token": token}, follow=True)

    assert response.status_code in {400, 410}
    assert all_tables() == before


def test_the_page_speaks_german(client, guest, booking):
    open_link(client, guest)

    response = client.get(PAGE, headers=GERMAN)

    assert heading(response) == "Meine Daten löschen"
    assert f"{booking.reference}: 2 Karten" in text(response)
