"""Numbers, amounts, days, times and ids are plain ASCII, as documented."""

import re

import pytest

from marquee.booking.models import Booking
from marquee.catalog.models import Auditorium, Genre, Movie, PriceCard, Show
from tests.api.catalog_checks import fields_of
from tests.api.operations import body_of, component, operations, schema
from tests.api.problems import check_problem
from tests.factories import book_seats, client_of, make_auditorium, make_show, make_staff

pytestmark = pytest.mark.django_db

MOVIE = {"title": "Metropolis", "runtime_minutes": 153}
# int() or Decimal() accepts each of them, but the documentation does not.
ODD_NUMBERS = [
    "\u0663", "\uff13", "\U0001d7d1", "1_000", "1_0", "+5", "-5", "-0", " 5", "5 ", "5\n", "\t5",
    "5\u00a0", "05", "005", "5.", ".5", "5,0", "1e3", "1E3", "0x5", "0b1", "5d", "NaN", "Infinity",
    "-Infinity", "sNaN", "", "9" * 5000, "5\0",
]  # fmt: skip
ODD_DAYS = [
    "\u0662\u0660\u0662\u0666-11-24", "2026-11-2\uff14", "2026-1-1", "20261124", "2026-W48-2",
    "2026-328", "2026/11/24", " 2026-11-24", "2026-11-24 ", "2026-11-24\n", "+2026-11-24",
    "2026-11-24T00:00", "02026-11-24", "2026-02-30", "0000-01-01", "2026-11-24\0", "26-11-24",
]  # fmt: skip
ODD_TIMES = [
    "\u0662\u0660\u0662\u0666-11-24T20:15", "2026-11-24T20:1\uff15", "2026-11-24 20:15",
    "20261124T201500", "2026-W48-2T20:15", " 2026-11-24T20:15", "2026-11-24T20:15\n",
    "2026-11-24T20:15:00,5", "2026-11-24T20:15+01", "2026-11-24T20:15+0100", "2026-11-24T20",
    "2026-11-24T20:15:00.1234567", "1790000000", "2026-11-24T20:15+25:00", "2026-02-30T20:15",
]  # fmt: skip


@pytest.fixture
def staff():
    return client_of(make_staff())


def card(auditorium, **line):
    line = {"category": "standard", "type": "adult", "amount": "12.50"} | line
    return {
        "cinema": auditorium.cinema_id,
        "name": "Odd",
        "default_type": "adult",
        "prices": [line],
    }


@pytest.mark.parametrize(
    "amount", [*ODD_NUMBERS, "5.00000", "1" * 13, 5, 12.5, True, [], {}], ids=ascii
)
def test_an_amount_is_plain_decimal_text(staff, amount):
    response = staff.post("/api/v1/price-cards/", card(make_auditorium(), amount=amount))
    assert fields_of(response) == ["prices.0.amount"]
    assert not PriceCard.objects.exists()


@pytest.mark.parametrize("amount", ["0", "5", "0.50", "12.50", "100000"])
def test_an_amount_as_documented_is_accepted(staff, amount):
    assert (
        staff.post("/api/v1/price-cards/", card(make_auditorium(), amount=amount)).status_code
        == 201
    )


@pytest.mark.parametrize("field", ["runtime_minutes", "turnaround_minutes", "cinema"])
def test_a_number_in_a_body_is_a_json_integer(staff, field):
    auditorium = {"cinema": 1, "name": "Odd", "rows": ["A: s"]}
    path, body = ("movies", MOVIE) if field in MOVIE else ("auditoriums", auditorium)
    for value in [*ODD_NUMBERS, 5.0, 1e3, True, [5], {"id": 5}]:
        assert field in fields_of(staff.post(f"/api/v1/{path}/", body | {field: value})), value
    assert not Movie.objects.exists()
    assert not Auditorium.objects.exists()


@pytest.mark.parametrize(
    "item", [0, 1, -1, 1.5, 1e308, True, False, None, [], {}, ["Drama"]], ids=ascii
)
def test_an_item_of_a_list_of_text_is_text(staff, item):
    show = make_show()
    movies = Movie.objects.count()
    response = staff.post("/api/v1/movies/", MOVIE | {"genres": ["Drama", item]})
    assert fields_of(response) == ["genres.1"]
    auditorium = {"cinema": show.auditorium.cinema_id, "name": "Odd", "rows": ["A: s", item]}
    assert fields_of(staff.post("/api/v1/auditoriums/", auditorium)) == ["rows.1"]
    for verb in ("block", "unblock"):
        response = staff.post(f"/api/v1/shows/{show.pk}/{verb}/", {"seats": ["A1", item]})
        assert fields_of(response) == ["seats.1"]
    assert (Genre.objects.count(), Movie.objects.count()) == (0, movies)
    assert not show.claims.exists()


@pytest.mark.parametrize("day", [*ODD_DAYS, 20261124, 0, True, [], {}], ids=ascii)
def test_a_day_in_a_body_is_plain(staff, day):
    assert fields_of(staff.post("/api/v1/movies/", MOVIE | {"release_date": day})) == [
        "release_date"
    ]
    assert not Movie.objects.exists()


@pytest.mark.parametrize("field", ["starts_at", "ends_at", "sales_until"])
def test_a_time_in_a_body_is_plain(staff, field):
    show = make_show()
    body = {
        "movie": show.movie_id, "auditorium": show.auditorium_id, "price_card": show.price_card_id,
        "starts_at": "2030-11-24T20:15",
    }  # fmt: skip
    for moment in [*ODD_TIMES, 1790000000, True, [], {}]:
        assert fields_of(staff.post("/api/v1/shows/", body | {field: moment})) == [field], moment
    assert Show.objects.count() == 1


@pytest.mark.parametrize("path", ["movies/", "shows/", "movies/{}/shows/"])
def test_a_day_in_a_query_is_plain(path):
    path = path.format(make_show().movie_id)
    for day in ODD_DAYS:
        check_problem(client_of().get(f"/api/v1/{path}", {"date": day}), 400, "invalid")


ODD_IN_A_QUERY = [number for number in ODD_NUMBERS if number] + ["0", "1.0"]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("movies/", "cinema"), ("shows/", "cinema"), ("shows/", "movie"),
        ("auditoriums/", "cinema"), ("price-cards/", "cinema"), ("movies/", "page"),
        ("movies/", "page_size"), ("bookings/", "page"), ("shows/", "page"),
    ],
)  # fmt: skip
def test_a_number_in_a_query_is_plain(staff, path, name):
    for number in ODD_IN_A_QUERY:
        problem = check_problem(staff.get(f"/api/v1/{path}", {name: number}), 400, "invalid")
        assert [error["field"] for error in problem["errors"]] == [name], number


@pytest.mark.parametrize("number", ODD_IN_A_QUERY, ids=ascii)
def test_an_id_in_a_url_is_plain(staff, number):
    quoted = "".join(f"%{byte:02X}" for byte in number[:100].encode())
    for operation in operations():
        if "{" in operation.path and "bookings/{" not in operation.path:
            address = re.sub("{.*?}", quoted, operation.path)
            response = staff.generic(operation.method, address, b"{}", "application/json")
            check_problem(response, 404, "not_found")


def test_a_reference_in_a_url_is_plain():
    alice = make_staff()
    booking = book_seats(alice, make_show(), "A1", hold=True)
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in booking.reference)
    for reference in (wide, f"{booking.reference}%0A", f"%20{booking.reference}"):
        address = f"/api/v1/bookings/{reference}/cancel/"
        check_problem(client_of(alice).post(address), 404, "not_found")
    assert Booking.objects.get().status == "held"


def patterns():
    """Return the patterns of all fields of request bodies, and of all query parameters."""
    for operation in operations():
        for name, field in body_of(operation)["properties"].items():
            yield name, field
            yield from component(field.get("items", {})).get("properties", {}).items()
        for parameter in schema()["paths"][operation.path][operation.method].get("parameters", []):
            yield parameter["name"], parameter["schema"]


@pytest.mark.parametrize(
    ("names", "odd"),
    [
        ({"amount"}, ODD_NUMBERS),
        ({"release_date", "date"}, ODD_DAYS[:4]),
        ({"starts_at", "ends_at", "sales_until"}, ODD_TIMES[:8]),
    ],
)
def test_the_schema_has_the_pattern_of_each(names, odd):
    found = [field for name, field in patterns() if name in names]
    assert len(found) >= len(names)
    for field in found:
        assert not [value for value in odd if re.fullmatch(field["pattern"], value)]


def test_every_body_in_the_schema_is_closed_as_unknown_fields_are_refused(staff):
    bodies = [body_of(one) for one in operations() if one.takes_body]
    nested = [
        component(field.get("items", {}))
        for body in bodies
        for field in body["properties"].values()
    ]
    objects = [one for one in bodies + nested if one.get("type") == "object"]
    assert len(objects) > len(bodies)
    assert {one["additionalProperties"] for one in objects} == {False}
