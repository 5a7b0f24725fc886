"""GET shows/{id}/seats/ and availability/, POST block/ and unblock/."""

from decimal import Decimal

import pytest

from marquee.booking.models import SeatClaim
from marquee.booking.operations import call_off, cancel, expire
from marquee.catalog.operations import PriceLine, change_price_card
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import (
    PRICES,
    all_rows,
    book_seats,
    client_of,
    expire_hold,
    make_auditorium,
    make_price_card,
    make_show,
    make_staff,
)

MAP, LIVE = "shows/{show_id}/seats/", "shows/{show_id}/availability/"
BLOCK, UNBLOCK = "shows/{show_id}/block/", "shows/{show_id}/unblock/"


@pytest.fixture
def anonymous_client(db):
    return client_of()


@pytest.fixture
def staff(db):
    return client_of(make_staff())


def ask(client, path, show, etag=None):
    headers = {} if etag is None else {"If-None-Match": etag}
    return client.get(f"/api/v1/{path}".format(show_id=show.pk), headers=headers)


def tell(client, path, show, *seats):
    return client.post(f"/api/v1/{path}".format(show_id=show.pk), {"seats": seats})


def statuses(response):
    rows = response.json()["rows"]
    return {seat["label"]: seat["status"] for row in rows for seat in row["seats"]}


def test_the_map_has_every_seat_at_its_position(anonymous_client):
    auditorium = make_auditorium(rows=["A: s_p", "AA: wc_r"])
    show = make_show(auditorium)
    response = ask(anonymous_client, MAP, show)
    assert response.status_code == 200
    check_response(MAP, "get", response)
    body = response.json()
    assert (body["show"], body["version"], body["left"]) == (show.pk, 0, 5)
    assert [row["label"] for row in body["rows"]] == ["A", "AA"]
    seats = [tuple(seat.values()) for row in body["rows"] for seat in row["seats"]]
    assert seats == [
        ("A1", 1, 1, "standard", "standard", "free"),
        ("A2", 3, 1, "premium", "standard", "free"),
        ("AA1", 1, 2, "standard", "wheelchair", "free"),
        ("AA2", 2, 2, "standard", "companion", "free"),
        ("AA3", 4, 2, "recliner", "standard", "free"),
    ]
    assert body["categories"] == [
        {"id": "standard", "name": "Standard"},
        {"id": "premium", "name": "Premium"},
        {"id": "recliner", "name": "Recliner"},
    ]


def test_the_map_has_the_prices_of_the_seats_that_there_are(anonymous_client):
    show = make_show(rows=["A: ss"])
    body = ask(anonymous_client, MAP, show).json()
    assert [category["id"] for category in body["categories"]] == ["standard"]
    assert body["prices"] == [
        {
            "category": "standard",
            "type": type_,
            "price": {"amount": amount, "currency": "EUR"},
        }
        for type_, amount in (("adult", "12.50"), ("child", "9.00"))
    ]


def test_the_map_and_availability_have_the_status_of_each_seat(
    anonymous_client, staff, show, alice
):
    book_seats(alice, show, "A1")
    book_seats(alice, show, "A2", hold=True)
    expire_hold(book_seats(alice, show, "A3", hold=True))
    cancel(booking=book_seats(alice, show, "A4"))
    tell(staff, BLOCK, show, "A5")
    response = ask(anonymous_client, MAP, show)
    assert {label: status for label, status in statuses(response).items() if status != "free"} == {
        "A1": "sold",
        "A2": "held",
        "A5": "blocked",
    }
    live = ask(anonymous_client, LIVE, show)
    check_response(LIVE, "get", live)
    assert live.json()["taken"] == ["A1", "A2", "A5"]
    assert live.json()["left"] == response.json()["left"] == 25
    assert live.json()["version"] == response.json()["version"]


def test_availability_says_when_the_show_is_called_off_or_moved(anonymous_client, show):
    before = ask(anonymous_client, LIVE, show)
    starts_at = show.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert before.json() == {
        "version": 0, "left": 28, "taken": [], "state": "scheduled", "starts_at": starts_at,
        "sales_until": starts_at, "seat_plan": show.seat_plan_id,
    }  # fmt: skip
    call_off(show=show)
    after = ask(anonymous_client, LIVE, show, before["ETag"])
    assert (after.status_code, after.json()["state"]) == (200, "called_off")
    check_response(LIVE, "get", after)


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_an_unchanged_response_is_a_304(anonymous_client, show, alice, path):
    hold = book_seats(alice, show, "A1", hold=True)
    etag = ask(anonymous_client, path, show)["ETag"]
    for same in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = ask(anonymous_client, path, show, same)
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
        assert again["Cache-Control"] == "no-cache"
    changes = [
        lambda: expire_hold(hold),
        lambda: book_seats(alice, show, "A1"),
        lambda: cancel(booking=alice.bookings.first()),
    ]
    for change in changes:
        change()
        response = ask(anonymous_client, path, show, etag)
        assert response.status_code == 200
        assert response["ETag"] != etag
        etag = response["ETag"]


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_deleting_expired_holds_never_lowers_the_version(anonymous_client, show, alice, path):
    hold = book_seats(alice, show, "A1", hold=True)
    expire_hold(hold)
    before = ask(anonymous_client, path, show).json()["version"]
    expire(booking=hold)
    assert ask(anonymous_client, path, show).json()["version"] >= before


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_each_show_has_its_own_version(anonymous_client, show, path):
    other = make_show()  # another seat plan, as unsold as this
    response = ask(anonymous_client, path, other, ask(anonymous_client, path, show)["ETag"])
    assert response.status_code == 200


def test_the_map_changes_with_its_prices(anonymous_client, show):
    etag = ask(anonymous_client, MAP, show)["ETag"]
    dearer = [PriceLine(*key, Decimal(amount) + 1) for key, amount in PRICES.items()]
    change_price_card(price_card=show.price_card, prices=dearer)
    response = ask(anonymous_client, MAP, show, etag)
    assert response.status_code == 200
    assert response.json()["prices"][0]["price"]["amount"] != "12.50"


@pytest.mark.parametrize(
    "header", [{"If-None-Match": "garbage"}, {"If-None-Match": '"'}, {"If-Match": '"x"'}]
)
@pytest.mark.parametrize("path", [MAP, LIVE])
def test_other_conditional_headers_are_ignored(anonymous_client, show, path, header):
    address = f"/api/v1/{path}".format(show_id=show.pk)
    since = {"If-Unmodified-Since": "Wed, 21 Oct 2015 07:28:00 GMT"}
    assert anonymous_client.get(address, headers=header | since).status_code == 200


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_seats_are_public_even_with_an_expired_token(show, path):
    stale = client_of()
    stale.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert ask(stale, path, show).status_code == 200


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_the_seats_of_an_unknown_show_are_a_404(anonymous_client, show, path):
    show.pk = 10**17
    check_problem(ask(anonymous_client, path, show), 404, "not_found", f"GET {path}")


def test_staff_block_and_unblock_seats(staff, show):
    response = tell(staff, BLOCK, show, "A1", "A2")
    assert response.status_code == 200
    check_response(BLOCK, "post", response)
    assert response.json()["taken"] == ["A1", "A2"]
    response = tell(staff, UNBLOCK, show, "A1", "A3")
    assert response.status_code == 200
    check_response(UNBLOCK, "post", response)
    assert response.json()["taken"] == ["A2"]


def test_seats_that_are_not_free_are_blocked_by_nobody(staff, show, alice):
    book_seats(alice, show, "A2")
    before = all_rows()
    body = check_problem(tell(staff, BLOCK, show, "A1", "A2"), 409, "seats_taken", f"POST {BLOCK}")
    assert body["seats"] == ["A2"]
    assert all_rows() == before


@pytest.mark.parametrize("path", [BLOCK, UNBLOCK])
def test_blocking_is_for_staff(show, alice_client, path):
    check_problem(tell(client_of(), path, show, "A1"), 401, "not_authenticated", f"POST {path}")
    check_problem(tell(alice_client, path, show, "A1"), 403, "not_allowed", f"POST {path}")
    assert not SeatClaim.objects.exists()


@pytest.mark.parametrize("path", [BLOCK, UNBLOCK])
@pytest.mark.parametrize(
    ("seats", "code"),
    [([], "invalid"), (["A1", "Z1"], "unknown_seat"), ([["A1"]], "invalid"), ([None], "invalid")],
)
def test_invalid_seats_are_not_blocked(staff, show, path, seats, code):
    check_problem(tell(staff, path, show, *seats), 400, code, f"POST {path}")
    assert not SeatClaim.objects.exists()


@pytest.mark.parametrize("path", [BLOCK, UNBLOCK])
def test_blocking_at_an_unknown_show_is_a_404(staff, show, path):
    show.pk = 10**17
    check_problem(tell(staff, path, show, "A1"), 404, "not_found", f"POST {path}")


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_a_block_left_behind_in_another_auditorium_is_not_shown(anonymous_client, show, path):
    elsewhere = make_show().seat_plan.seats.first()
    SeatClaim.objects.create(show=show, seat=elsewhere, state="blocked", gen=1)
    told = ask(anonymous_client, path, show)
    assert told.status_code == 200
    assert told.json()["left"] == 28


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_the_map_and_availability_take_one_query_and_one_more_after_a_change(
    anonymous_client, show, alice, path, django_assert_num_queries
):
    book_seats(alice, show, "A1")
    etag = ask(anonymous_client, path, show)["ETag"]  # plans and prices stay in memory
    for known in (None, etag):
        with django_assert_num_queries(1):
            ask(anonymous_client, path, show, known)
    book_seats(alice, show, "A2", "A3", "A4")
    for queries in (2, 1):
        with django_assert_num_queries(queries):
            ask(anonymous_client, path, show)


@pytest.mark.parametrize("path", [MAP, LIVE])
def test_a_change_elsewhere_in_the_catalog_keeps_the_etag(anonymous_client, show, path):
    etag = ask(anonymous_client, path, show)["ETag"]
    make_show()
    assert ask(anonymous_client, path, show, etag).status_code == 304


def test_each_show_has_the_prices_of_its_own_card(anonymous_client, show):
    card = make_price_card(show.auditorium.cinema, dict.fromkeys(PRICES, "1"))
    other = make_show(make_auditorium(show.auditorium.cinema), price_card=card)
    amounts = {
        line["price"]["amount"] for line in ask(anonymous_client, MAP, other).json()["prices"]
    }
    assert amounts == {"1.00"}
