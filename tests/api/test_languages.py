"""The language of mails: that of the booking, else of the account (docs/mails.md)."""

import pytest

from marquee.accounts.models import User
from marquee.booking.models import Booking
from tests.factories import client_of, make_staff

pytestmark = pytest.mark.django_db
PERSON = {"email": "zoe@example.com", "password": "correct horse battery", "name": "Zoe"}
# What a request asks for, and which of the languages that there are it gets.
REQUESTED = [
    ("de", "de"),
    ("de-AT", "de"),
    ("DE-ch;q=0.9", "de"),
    ("fr, de;q=0.5", "de"),
    ("en-US,en;q=0.9", "en"),
    ("fr", ""),
    ("zz", ""),
    ("*", ""),
    ("", ""),
    ("de;q=0", ""),
    ("de\t-, ;;q=", ""),
    ("x" * 5000, ""),
]


@pytest.mark.parametrize(("asked", "language"), REQUESTED)
def test_a_booking_keeps_the_language_that_its_request_asks_for(
    alice_client, show, asked, language
):
    body = {"tickets": [{"seat": "A1"}]}
    url = f"/api/v1/shows/{show.pk}/bookings/"
    response = alice_client.post(url, body, HTTP_ACCEPT_LANGUAGE=asked)
    booking = Booking.objects.get(reference=response.json()["reference"])
    assert booking.language == language


def test_a_booking_without_the_header_has_no_language_of_its_own(alice_client, show):
    alice_client.post(f"/api/v1/shows/{show.pk}/bookings/", {"tickets": [{"seat": "A1"}]})
    assert Booking.objects.get().language == ""


def test_the_language_is_no_part_of_what_a_key_repeats(alice_client, show):
    url, body = f"/api/v1/shows/{show.pk}/bookings/", {"tickets": [{"seat": "A1"}]}
    for language in ("de", "en"):
        response = alice_client.post(
            url, body, HTTP_IDEMPOTENCY_KEY="one", HTTP_ACCEPT_LANGUAGE=language
        )
        assert response.status_code == 201
    assert Booking.objects.get().language == "de"


def test_a_booking_at_the_counter_keeps_the_language_of_its_request(show):
    url = f"/api/v1/shows/{show.pk}/counter-bookings/"
    body = {"tickets": [{"seat": "A1"}], "tender": "cash"}
    response = client_of(make_staff()).post(url, body, HTTP_ACCEPT_LANGUAGE="de")
    assert response.status_code == 201, response.content
    assert Booking.objects.get().language == "de"


@pytest.mark.parametrize(("asked", "language"), REQUESTED)
def test_an_account_begins_with_the_language_that_its_request_asks_for(client, asked, language):
    response = client.post(
        "/api/v1/auth/signup/", PERSON, "application/json", HTTP_ACCEPT_LANGUAGE=asked
    )
    assert response.json()["user"]["language"] == language
    user = User.objects.get(email=PERSON["email"])
    assert user.language == user.events.get().language == language


@pytest.mark.parametrize(("asked", "language"), REQUESTED[:2])
def test_so_does_a_guest(client, asked, language):
    guest = {"email": "zoe@example.com", "name": "Zoe"}
    response = client.post(
        "/api/v1/auth/guest/", guest, "application/json", HTTP_ACCEPT_LANGUAGE=asked
    )
    assert response.json()["user"]["language"] == language
    assert User.objects.get(contact_email=guest["email"]).language == language


def test_customers_choose_their_language(alice_client, alice):
    response = alice_client.patch("/api/v1/me/", {"language": "de"})
    assert (response.status_code, response.json()["language"]) == (200, "de")
    assert alice_client.get("/api/v1/me/").json()["language"] == "de"
    alice.refresh_from_db()
    assert alice.language == "de"


@pytest.mark.parametrize("language", ["fr", "DE", "de-AT", "zz", "", None, 1, ["de"]])
def test_a_language_that_there_is_not_is_bad_input(alice_client, alice, language):
    response = alice_client.patch("/api/v1/me/", {"language": language, "name": "Al"})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "language"
    alice.refresh_from_db()
    assert (alice.language, alice.name) == ("", "Alice")
