"""Ids and references of others: a stranger reads and changes nothing, and learns nothing by the answer."""

import json
import re
from uuid import uuid4

import pytest
from django.core.signing import Signer
from django.test import Client

from marquee.booking.links import booking_link_token
from marquee.web import visitors
from tests.api.problems import check_problem
from tests.attacks.conftest import all_but_sessions
from tests.factories import all_rows, book_seats, client_of, make_staff

JSON = "application/json"
API = {
    "read a booking": ("GET", "bookings/{}/", None),
    "cancel a booking": ("POST", "bookings/{}/cancel/", {}),
    "cancel one ticket": ("POST", "bookings/{}/cancel/", {"tickets": ["C5"]}),
    "confirm a hold": ("POST", "bookings/{}/confirm/", {}),
    "keep a hold for longer": ("POST", "bookings/{}/extend/", None),
    "exchange its seats": ("POST", "bookings/{}/exchange/", {"tickets": [{"seat": "A1"}]}),
}


@pytest.mark.parametrize("attack", API)
def test_a_booking_of_somebody_else_is_as_unknown_as_none_in_the_api(held, mallory, attack):
    method, path, body = API[attack]
    client = client_of(mallory)
    before = all_rows()
    problems = []
    for reference in (held.reference, "K7Q2MXW4"):
        content = b"" if body is None else json.dumps(body).encode()
        response = client.generic(method, f"/api/v1/{path.format(reference)}", content, JSON)
        problems.append(check_problem(response, 404, "not_found"))
    assert problems[0] == problems[1]
    assert all_rows() == before


@pytest.mark.parametrize("attack", API)
def test_not_even_staff_act_on_bookings_by_the_customers_endpoints(held, attack):
    method, path, body = API[attack]
    before = all_rows()
    client = client_of(make_staff())
    content = b"" if body is None else json.dumps(body).encode()
    after_staff = all_rows()
    response = client.generic(method, f"/api/v1/{path.format(held.reference)}", content, JSON)
    check_problem(response, 404, "not_found")
    assert all_rows() == after_staff
    assert before["Booking"] == after_staff["Booking"]


PAGES = {
    "open a booking": ("get", "bookings/{}/"),
    "open its cancelling": ("get", "bookings/{}/cancel/"),
    "cancel it": ("post", "bookings/{}/cancel/"),
    "open its change of seats": ("get", "bookings/{}/seats/"),
    "change its seats": ("post", "bookings/{}/seats/"),
    "ask to delete its data": ("post", "bookings/{}/delete-data/"),
    "open a checkout": ("get", "checkout/{}/"),
    "check out a hold": ("post", "checkout/{}/"),
    "keep a hold for longer": ("post", "checkout/{}/extend/"),
    "give back its seats": ("post", "checkout/{}/release/"),
}
BROWSERS = {
    "nobody": lambda _: {},
    "another account": lambda mallory: {"user": mallory},
    "another visitor": lambda _: {"visitor": visitors._signer().sign(uuid4().hex)},
    "a visitor with a forged signature": lambda _: {
        "visitor": Signer(key="x" * 40, salt=visitors.SALT).sign(uuid4().hex)
    },
}


def browser_of(who, mallory):
    browser = Client()
    given = BROWSERS[who](mallory)
    if "user" in given:
        browser.force_login(given["user"])
    if "visitor" in given:
        browser.cookies[visitors.COOKIE] = given["visitor"]
    return browser


@pytest.mark.parametrize("attack", PAGES)
def test_a_booking_of_somebody_else_is_as_unknown_as_none_on_pages(held, mallory, attack):
    browsers = [browser_of(who, mallory) for who in BROWSERS]
    before = all_but_sessions()
    for browser in browsers:
        check_unknown(browser, held, *PAGES[attack])
    assert all_but_sessions() == before


def check_unknown(browser, held, method, path):
    """Check that the pages of a booking and of no booking answer alike, and show nothing of it."""
    statuses = []
    for reference in (held.reference, "K7Q2MXW4"):
        form = {"seat": "A1", "name": "M", "email": "m@example.com", "step": "confirm"}
        response = getattr(browser, method)(f"/{path.format(reference)}", form)
        html = response.content.decode()
        assert held.user.email not in html
        assert not re.search(r"\bC5\b", html)  # the CSRF token may have it inside
        statuses.append(response.status_code)
    assert statuses[0] == statuses[1]
    assert statuses[0] in {302, 404, 405}


LINKS = {
    "cut off": lambda token, _: token[:-4],
    "with another booking's id": lambda token, other: other.split(":")[0] + ":" + ":".join(token.split(":")[1:]),
    "signed by another key": lambda token, _: Signer(key="x" * 40).sign(token.split(":")[0]),
    "empty": lambda *_: "",
    "a NUL": lambda token, _: token + "\0",
    "very long": lambda token, _: token * 500,
}  # fmt: skip


@pytest.mark.parametrize("attack", LINKS)
def test_a_changed_link_opens_no_booking(held, mallory, show, attack):
    other = book_seats(mallory, show, "A1")
    token = LINKS[attack](booking_link_token(held), booking_link_token(other))
    browser = Client()
    response = browser.get("/bookings/link/", {"token": token}, follow=True)
    assert response.status_code in {200, 400, 403, 404, 410}
    assert not re.search(r"\bC5\b", response.content.decode())
    assert browser.get(f"/bookings/{held.reference}/").status_code in {302, 404}


def test_lists_have_only_ones_own(held, mallory):
    response = client_of(mallory).get("/api/v1/bookings/")
    assert response.json()["results"] == []
    response = client_of(mallory).get("/api/v1/me/export/")
    assert held.reference not in response.content.decode()
    browser = Client()
    browser.force_login(mallory)
    for path in ("/bookings/", "/account/", "/account/sessions/", "/account/export/"):
        assert held.reference not in browser.get(path).content.decode()


@pytest.mark.parametrize("path", ["bookings/{}/", "me/"])
def test_an_etag_of_somebody_else_says_nothing(held, alice, mallory, path):
    path = f"/api/v1/{path.format(held.reference)}"
    etag = client_of(alice).get(path)["ETag"]
    for client, statuses in ((client_of(mallory), {200, 404}), (client_of(), {401})):
        response = client.get(path, headers={"If-None-Match": etag})
        assert response.status_code in statuses
        assert alice.email not in response.content.decode()


@pytest.mark.parametrize("query", ["user", "user_id", "email", "owner", "all", "is_staff"])
def test_no_parameter_lists_bookings_of_others(held, mallory, query):
    response = client_of(mallory).get("/api/v1/bookings/", {query: held.user_id})
    check_problem(response, 400, "invalid")


def test_a_key_of_somebody_else_returns_nothing_of_theirs(alice, mallory, show):
    key, path = str(uuid4()), f"/api/v1/shows/{show.pk}/bookings/"
    body = {"tickets": [{"seat": "B1"}]}
    mine = client_of(alice).post(path, body, HTTP_IDEMPOTENCY_KEY=key).json()
    response = client_of(mallory).post(path, body, HTTP_IDEMPOTENCY_KEY=key)
    assert response.status_code == 409
    assert mine["reference"] not in response.content.decode()
