"""Type juggling: a value of another type is refused by its field, and never read as what it resembles."""

import json

import pytest

from tests.api.problems import check_problem
from tests.factories import all_rows, client_of, make_staff

JSON = "application/json"
ARABIC_THREE = "\u0663"
SEAT = {"tickets": [{"seat": "A1"}]}
BOOKINGS = {
    "1 for true": SEAT | {"hold": 1},
    "0 for false": SEAT | {"hold": 0},
    "'true' for true": SEAT | {"hold": "true"},
    "'' for false": SEAT | {"hold": ""},
    "[] for false": SEAT | {"hold": []},
    "{} for true": SEAT | {"hold": {}},
    "1.0 for true": SEAT | {"hold": 1.0},
    "null for false": SEAT | {"hold": None},
    "a number for a seat": {"tickets": [{"seat": 1}]},
    "true for a seat": {"tickets": [{"seat": True}]},
    "a list for a seat": {"tickets": [{"seat": ["A1"]}]},
    "an object for a seat": {"tickets": [{"seat": {"$ne": None}}]},
    "a text for a list": {"tickets": "A1"},
    "an object for a list": {"tickets": {"0": {"seat": "A1"}}},
    "true for a list": {"tickets": True},
    "a list for an object": {"tickets": [["seat", "A1"]]},
    "a list for the body": [SEAT],
    "a text for the body": "tickets",
    "a number for a type": {"tickets": [{"seat": "A1", "type": 0}]},
    "a list for a type": {"tickets": [{"seat": "A1", "type": ["adult"]}]},
    "a number for a total": SEAT | {"expected_total": {"amount": 12.5, "currency": "EUR"}},
    "1e2 for a total": SEAT | {"expected_total": {"amount": "1e2", "currency": "EUR"}},
    "NaN for a total": SEAT | {"expected_total": {"amount": "NaN", "currency": "EUR"}},
    "Infinity for a total": SEAT | {"expected_total": {"amount": "Infinity", "currency": "EUR"}},
    "a total below zero": SEAT | {"expected_total": {"amount": "-0.01", "currency": "EUR"}},
    "another script's digits": SEAT | {"expected_total": {"amount": ARABIC_THREE, "currency": "EUR"}},
    "a list for a total": SEAT | {"expected_total": []},
}  # fmt: skip


@pytest.mark.parametrize("attack", BOOKINGS)
def test_a_booking_with_a_value_of_another_type_is_refused(mallory, show, attack):
    before = all_rows()
    response = client_of(mallory).generic(
        "POST", f"/api/v1/shows/{show.pk}/bookings/", json.dumps(BOOKINGS[attack]), JSON
    )
    check_problem(response, 400, "invalid")
    assert all_rows() == before


TWINS = {
    "in lower case": "a1", "with a blank": " A1", "with a no-break space": "A1\u00a0", "full width": "\uff21\uff11",
    "with a leading zero": "A01", "another alphabet's A": "\u04101", "with a mark of no width": "A1\u200b",
    "with an accent": "A\u03011", "reversed": "\u202eA1", "with a dash": "A-1",
}  # fmt: skip


@pytest.mark.parametrize("attack", TWINS)
def test_a_seat_twice_in_two_spellings_is_refused(mallory, show, attack):
    before = all_rows()
    body = {"tickets": [{"seat": "A1"}, {"seat": TWINS[attack]}]}
    response = client_of(mallory).post(f"/api/v1/shows/{show.pk}/bookings/", body)
    assert response.status_code == 400
    assert all_rows() == before


NUMBERS = {
    "true for 1": True, "a text for a number": "90", "a fraction for a number": 90.5,
    "whole, but a fraction": 90.0, "an exponent": "9e1", "a list for a number": [90],
    "an object for a number": {}, "null for a number": None, "hexadecimal": "0x5A", "octal": "0o132",
    "with underscores": "9_0", "with blanks": " 90 ", "with a sign": "+90", "below zero": -1,
    "beyond 32 bits": 2**31, "beyond 64 bits": 2**64, "a number of 400 digits": 10**400,
}  # fmt: skip


@pytest.mark.parametrize("attack", NUMBERS)
def test_a_number_of_another_type_is_refused(db, attack):
    movie = {"title": "Metropolis", "runtime_minutes": NUMBERS[attack]}
    client = client_of(make_staff())
    before = all_rows()
    response = client.generic("POST", "/api/v1/movies/", json.dumps(movie), JSON)
    check_problem(response, 400, "invalid")
    assert all_rows() == before


LOGINS = {
    "an object for an address": {"email": {"$gt": ""}, "password": "x"},
    "an object for a password": {"email": "alice@example.com", "password": {"$ne": ""}},
    "a list for a password": {"email": "alice@example.com", "password": ["x"]},
    "true for a password": {"email": "alice@example.com", "password": True},
    "null for a password": {"email": "alice@example.com", "password": None},
    "a number for an address": {"email": 0, "password": "x"},
    "SQL in an address": {"email": "' OR 1=1 --", "password": "x"},
    "a NUL in an address": {"email": "alice@example.com\0", "password": "x"},
}


@pytest.mark.parametrize("attack", LOGINS)
def test_a_login_with_a_value_of_another_type_opens_nothing(alice, attack):
    response = client_of().post("/api/v1/auth/login/", LOGINS[attack])
    assert response.status_code in {400, 401}
    assert "access" not in response.json()
