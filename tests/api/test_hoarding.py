"""An intruder tries to get all seats of a show, or to keep them from others, through the API."""

from itertools import count

import pytest
from django.utils import timezone

from marquee.booking.models import Booking, SeatClaim
from tests.factories import client_of, expire_hold, make_show, make_user

pytestmark = pytest.mark.django_db

SEATS = [f"{row}: {'s' * 20}" for row in "ABCDEFGHIJKLMNO"]
PASSWORD = "popcorn and velvet"
ROUNDS = 30
numbers = count(1)


@pytest.fixture
def show(db):
    return make_show(rows=SEATS)


@pytest.fixture
def anonymous_client():
    return client_of()


def sign_up(anonymous_client, email: str):
    body = {"email": email, "password": PASSWORD, "name": "Mallory"}
    response = anonymous_client.post("/api/v1/auth/signup/", body)
    assert response.status_code == 201
    return {"HTTP_AUTHORIZATION": f"Bearer {response.json()['access']}"}


def delete_account(client, bookings: str, **headers):
    body = {"password": PASSWORD, "bookings": bookings}
    return client.post("/api/v1/me/delete/", body, **headers)


def ask_for(client, show, tickets: int, *, hold: bool = False, **headers):
    body = {"tickets": [{}] * tickets, "hold": hold}
    return client.post(f"/api/v1/shows/{show.pk}/bookings/", body, **headers)


def live_seats(show) -> int:
    claims = SeatClaim.objects.filter(show=show)
    held = claims.filter(state="held", expires_at__gt=timezone.now())
    return held.count() + claims.filter(state="sold").count()


def test_an_account_that_is_deleted_gives_its_seats_up(anonymous_client, show):
    for _ in range(ROUNDS):
        token = sign_up(anonymous_client, f"m{next(numbers)}@example.com")
        assert ask_for(anonymous_client, show, 10, **token).status_code in (201, 409)
        assert delete_account(anonymous_client, "cancel", **token).status_code == 204
        assert live_seats(show) == 0


def test_where_nothing_may_be_cancelled_one_address_gets_ten_seats(
    anonymous_client, show, settings
):
    settings.CANCEL_UNTIL_MINUTES = 60 * 24 * 7
    settings.VERIFY_LIMIT = 0  # it signs up again and again
    codes = []
    for _ in range(ROUNDS):
        token = sign_up(anonymous_client, "Mallory@example.com")
        codes.append(ask_for(anonymous_client, show, 10, **token).json().get("code"))
        delete_account(anonymous_client, "cancel", **token)
    assert codes == [None] + ["seat_limit"] * (ROUNDS - 1)
    assert live_seats(show) == 10


def test_and_one_network_a_fifth_of_the_show(anonymous_client, show, settings):
    settings.CANCEL_UNTIL_MINUTES = 60 * 24 * 7
    for _ in range(ROUNDS):
        token = sign_up(anonymous_client, f"m{next(numbers)}@example.com")
        last = ask_for(anonymous_client, show, 10, **token)
        delete_account(anonymous_client, "cancel", **token)
    assert (last.status_code, last.json()["code"]) == (409, "unpaid_limit")
    assert (last.json()["limit"], last.json()["left"]) == (60, 0)
    assert live_seats(show) == 60
    elsewhere = sign_up(anonymous_client, "school@example.com") | {"REMOTE_ADDR": "192.0.2.7"}
    assert ask_for(anonymous_client, show, 10, **elsewhere).status_code == 201


def test_a_network_of_ipv6_is_a_48(anonymous_client, show, settings):
    settings.UNPAID_CLIENT_SEAT_LIMIT, settings.UNPAID_CLIENT_PERCENT = 20, 0
    codes = []
    for subnet in range(4):
        token = sign_up(anonymous_client, f"m{next(numbers)}@example.com")
        address = f"2001:db8:7:{subnet}00::1"
        codes.append(ask_for(anonymous_client, show, 10, REMOTE_ADDR=address, **token).status_code)
    assert codes == [201, 201, 409, 409]


def test_an_hour_of_holds_by_thirty_accounts_of_one_network_leaves_most_seats_free(show):
    """Each account holds again once its hold has expired, until it let too many seats lapse."""
    accounts = [client_of(make_user()) for _ in range(ROUNDS)]
    most, codes = 0, set()
    for _ in range(7):
        for account in accounts:
            codes.add(ask_for(account, show, 10, hold=True).json().get("code"))
        most = max(most, live_seats(show))
        for hold in Booking.objects.filter(show=show, status="held"):
            expire_hold(hold)
    assert most == 60
    assert codes == {None, "unpaid_limit", "hold_limit"}


def test_too_many_holds_are_429_and_say_when_to_try_again(anonymous_client, show, settings):
    settings.CLIENT_HOLD_LIMIT = 2
    for _ in range(2):
        assert ask_for(client_of(make_user()), show, 1, hold=True).status_code == 201
    last = ask_for(client_of(make_user()), show, 1, hold=True)
    assert (last.status_code, last.json()["code"]) == (429, "too_many_holds")
    assert last.headers["Retry-After"] == str(last.json()["retry_after"])


def test_holding_and_letting_go_without_end_is_refused(show):
    client = client_of(make_user())
    made = 0
    for _ in range(100):
        response = ask_for(client, show, 1, hold=True)
        made += response.status_code == 201
        if response.status_code == 201:
            client.post(f"/api/v1/bookings/{response.json()['reference']}/cancel/")
    assert (made, response.json()["code"]) == (10, "hold_limit")
