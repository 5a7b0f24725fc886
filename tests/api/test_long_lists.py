"""A list's length is checked before its items, and a problem names at most twenty errors."""

import orjson
import pytest

from marquee.api.exceptions import MAX_DETAIL_LENGTH, MAX_ERRORS
from tests.api.cpu import MOST_SECONDS, cpu_of
from tests.api.operations import body_of, component, lists
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, make_auditorium, make_staff

LISTS = [(operation, name) for operation, name, _ in lists()]
EACH_LIST = pytest.mark.parametrize(("operation", "name"), LISTS, ids=str)
ITEMS = [0, "\0", [], {}, {"surprise": 1}]


@pytest.fixture
def held(show, alice):
    return book_seats(alice, show, "C5", hold=True)


@pytest.fixture
def staff(held):
    """Return a client that may do everything, with one row of each resource."""
    return client_of(make_staff())


def send(client, operation, held, body):
    """Send a body; return the response and its CPU seconds."""
    raw, address = orjson.dumps(body), operation.address(held)
    return cpu_of(lambda: client.generic(operation.method, address, raw, "application/json"))


def check_short(response):
    problem = check_problem(response, 400, "invalid")
    assert len(problem.get("errors", [])) <= MAX_ERRORS
    assert len(response.content) < 8000
    return problem


def test_these_bodies_have_lists():
    assert {name for _, name in LISTS} == {
        "tickets",
        "seats",
        "rows",
        "prices",
        "genres",
        "translations",
    }


@EACH_LIST
def test_a_list_of_a_quarter_of_a_megabyte_costs_little(staff, held, operation, name):
    before = all_rows()
    for item in ITEMS:
        items = [item] * (250_000 // (len(orjson.dumps(item)) + 1))
        response, cpu = send(staff, operation, held, {name: items})
        check_short(response)
        assert cpu < MOST_SECONDS, f"{cpu:.3f} s for {item!r}"
    assert all_rows() == before


@EACH_LIST
def test_one_item_too_many_is_an_error_of_the_list_and_not_of_its_items(
    staff, held, operation, name
):
    response, _ = send(staff, operation, held, {name: [0] * (most_of(operation, name) + 1)})
    fields = [error["field"] for error in check_short(response)["errors"]]
    assert name in fields
    assert not [field for field in fields if field.startswith(f"{name}.")]


@EACH_LIST
def test_a_full_list_of_bad_items_is_refused_briefly_and_fast(staff, held, operation, name):
    for item in [0, "\0", [[]], {"surprise": 1}]:
        response, cpu = send(staff, operation, held, {name: [item] * most_of(operation, name)})
        check_short(response)
        assert cpu < MOST_SECONDS, f"{cpu:.3f} s for {item!r}"


def most_of(operation, name):
    return body_of(operation)["properties"][name]["maxItems"]


def test_the_schema_has_the_maximum_length_of_every_list():
    for operation, name, field in lists():
        assert field["maxItems"] <= 1000, f"{operation} {name}"
        nested = component(field["items"]).get("properties", {}).values()
        assert "array" not in [inner.get("type") for inner in nested]


@pytest.mark.parametrize(
    "body",
    [
        {f"field{number}": 1 for number in range(16_000)},
        {"x" * 200_000: 1},
        {"tickets": [{"seat": "A1", "y" * 2000: 1}] * 100},
        {"tickets": [{f"{number}": 1 for number in range(20)}] * 100},
        {"hold": "z" * 50_000, "tickets": [{"seat": "z" * 2000}] * 100},
    ],
    ids=lambda body: str(body)[:20],
)
def test_errors_are_short(alice_client, show, body):
    before = all_rows()
    address = f"/api/v1/shows/{show.pk}/bookings/"
    problem = check_short(alice_client.post(address, body))
    for error in problem["errors"]:
        assert all(len(output) <= MAX_DETAIL_LENGTH for output in error.values())
    assert all_rows() == before


def test_an_unknown_category_is_not_repeated(staff):
    auditorium = make_auditorium()
    line = {"category": "c" * 200_000, "type": "adult", "amount": "1.00"}
    body = {"cinema": auditorium.cinema_id, "name": "N", "default_type": "adult", "prices": [line]}
    problem = check_short(staff.post("/api/v1/price-cards/", body))
    assert problem["errors"][0]["field"] == "prices.0.category"
    assert problem["errors"][0]["detail"] == "Write one of standard, premium, recliner."


@pytest.mark.parametrize("depth", [100, 900, 1000, 1020])
@pytest.mark.parametrize("field", ["format", "language", "starts_at", "movie", "surprise"])
def test_a_value_of_another_type_is_not_repeated(staff, field, depth):
    """DRF formats a value as text to look for it among the choices: a RecursionError."""
    raw = b'{"%s": %s%s}' % (field.encode(), b"[" * depth, b"]" * depth)
    check_short(staff.generic("POST", "/api/v1/shows/", raw, "application/json"))


@pytest.mark.parametrize("address", ["block", "unblock"])
def test_of_a_thousand_unknown_seats_twenty_are_named(show, address):
    body = {"seats": [f"Z{number}" for number in range(1000)]}
    response = client_of(make_staff()).post(f"/api/v1/shows/{show.pk}/{address}/", body)
    problem = check_problem(response, 400, "unknown_seat")
    assert problem["seats"] == [f"Z{number}" for number in range(20)]
    assert len(response.content) < 2000
