"""`cinemas/`: the buildings."""

import pytest

from marquee.catalog.models import Cinema
from tests.api.catalog_checks import check_broken_bodies, check_only_staff_write, fields_of
from tests.api.openapi_validation import check_response
from tests.factories import client_of, make_auditorium, make_cinema, make_price_card, make_staff

pytestmark = pytest.mark.django_db

CINEMAS = "/api/v1/cinemas/"
BODY = {"name": "Rex", "city": "Vienna", "timezone": "Europe/Vienna", "currency": "EUR"}
DEFAULTS = {
    "cancel_until_minutes": None,
    "reminder_hours": 0,
    "single_gaps": "advise",
    "address": "",
    "accessibility": "",
}
FOR_VISITORS = {
    "single_gaps": "refuse",
    "address": "Parkring 12\n1010 Vienna",
    "accessibility": "Step-free.\nInduction loops in every row.",
}


@pytest.fixture
def staff():
    return client_of(make_staff())


def test_anyone_lists_cinemas_by_name():
    for name in ("Rex", "Apollo"):
        make_cinema(name=name)
    response = client_of().get(CINEMAS)
    assert [cinema["name"] for cinema in response.json()["results"]] == ["Apollo", "Rex"]
    check_response("cinemas/", "get", response)


def test_a_cinema_is_returned_with_its_auditoriums():
    cinema = make_cinema(**BODY)
    auditorium = make_auditorium(cinema, name="Saal 1", rows=["A: ss_s"])
    make_auditorium()
    response = client_of().get(f"{CINEMAS}{cinema.pk}/")
    assert response.json() == BODY | DEFAULTS | {
        "id": cinema.pk,
        "auditoriums": [{"id": auditorium.pk, "name": "Saal 1", "seats_total": 3}],
    }
    check_response("cinemas/{id}/", "get", response)


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_two_queries_then_one_and_a_cinema_three(django_assert_num_queries, number):
    cinema, *_ = [make_cinema() for _ in range(number)]
    for _ in range(number):
        make_auditorium(cinema)
    for queries in (2, 1):  # the catalog's revision, and what is not cached yet
        with django_assert_num_queries(queries):
            assert len(client_of().get(CINEMAS).json()["results"]) == number
    with django_assert_num_queries(3):
        assert len(client_of().get(f"{CINEMAS}{cinema.pk}/").json()["auditoriums"]) == number


def test_staff_add_a_cinema(staff):
    response = staff.post(CINEMAS, BODY)
    assert response.status_code == 201
    cinema = Cinema.objects.get()
    assert response["Location"] == f"http://testserver{CINEMAS}{cinema.pk}/"
    assert response.json() == BODY | DEFAULTS | {"id": cinema.pk, "auditoriums": []}
    check_response("cinemas/", "post", response)


def test_put_resets_what_is_left_out_and_patch_keeps_it(staff):
    cinema = make_cinema(cancel_until_minutes=60)
    address = f"{CINEMAS}{cinema.pk}/"
    assert staff.patch(address, {"reminder_hours": 24}).json()["cancel_until_minutes"] == 60
    assert staff.patch(address, {"name": "Rex"}).json()["reminder_hours"] == 24
    replaced = staff.put(address, BODY).json()
    assert (replaced["cancel_until_minutes"], replaced["reminder_hours"]) == (None, 0)
    check_response("cinemas/{id}/", "put", staff.put(address, BODY))


def test_what_visitors_want_to_know_is_kept_by_patch_and_reset_by_put(staff):
    added = staff.post(CINEMAS, BODY | FOR_VISITORS).json()
    assert {name: added[name] for name in FOR_VISITORS} == FOR_VISITORS
    address = f"{CINEMAS}{added['id']}/"
    kept = staff.patch(address, {"name": "Rex 2"}).json()
    assert {name: kept[name] for name in FOR_VISITORS} == FOR_VISITORS
    assert client_of().get(CINEMAS).json()["results"][0].items() >= FOR_VISITORS.items()
    replaced = staff.put(address, BODY).json()
    assert {name: replaced[name] for name in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"city": None}, "city"),
        ({"city": "a\0"}, "city"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": "CEST"}, "timezone"),
        ({"timezone": "UTC"}, "timezone"),
        ({"timezone": "Etc/GMT-1"}, "timezone"),
        ({"timezone": "US/Pacific"}, "timezone"),
        ({"timezone": "europe/vienna"}, "timezone"),
        ({"timezone": 1}, "timezone"),
        ({"timezone": "x" * 65}, "timezone"),
        ({"currency": "eur"}, "currency"),
        ({"currency": "XXX"}, "currency"),
        ({"currency": "EURO"}, "currency"),
        ({"cancel_until_minutes": -1}, "cancel_until_minutes"),
        ({"cancel_until_minutes": 10**18}, "cancel_until_minutes"),
        ({"cancel_until_minutes": "soon"}, "cancel_until_minutes"),
        ({"reminder_hours": -1}, "reminder_hours"),
        ({"reminder_hours": 169}, "reminder_hours"),
        ({"reminder_hours": None}, "reminder_hours"),
        ({"reminder_hours": "a day"}, "reminder_hours"),
        ({"single_gaps": "forbid"}, "single_gaps"),
        ({"single_gaps": None}, "single_gaps"),
        ({"address": "x" * 301}, "address"),
        ({"address": "a\u0000b"}, "address"),
        ({"accessibility": "x" * 2001}, "accessibility"),
        ({"accessibility": "\u200b\u0007"}, "accessibility"),
        ({"stars": 5}, "stars"),
        ({"auditoriums": []}, "auditoriums"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_value_is_a_400_that_names_the_field(staff, wrong, field):
    cinema = make_cinema()
    before = Cinema.objects.values().get()
    for response in (
        staff.post(CINEMAS, BODY | wrong),
        staff.patch(f"{CINEMAS}{cinema.pk}/", wrong),
    ):
        assert set(fields_of(response)) == {field}
    assert Cinema.objects.values().get() == before


def test_all_that_is_missing_is_named_at_once(staff):
    assert fields_of(staff.post(CINEMAS, {})) == ["name", "city", "timezone", "currency"]


def test_a_name_is_taken_once_in_a_city(staff):
    make_cinema(name="Rex", city="Vienna")
    other = make_cinema(name="Apollo", city="Vienna")
    for response in (
        staff.post(CINEMAS, BODY),
        staff.patch(f"{CINEMAS}{other.pk}/", {"name": "Rex"}),
    ):
        assert (response.json()["code"], fields_of(response)) == ("name_taken", ["name"])
    assert Cinema.objects.filter(name="Rex").count() == 1


def test_time_zone_and_currency_stay_once_there_are_price_cards(staff):
    cinema = make_cinema()
    make_price_card(cinema)
    response = staff.patch(f"{CINEMAS}{cinema.pk}/", {"currency": "CHF"})
    assert (response.status_code, response.json()["code"]) == (409, "cinema_in_use")
    check_response("cinemas/{id}/", "patch", response)
    cinema.refresh_from_db()
    assert cinema.currency == "EUR"


def test_only_staff_write():
    cinema = make_cinema()
    before = Cinema.objects.values().get()
    check_only_staff_write(CINEMAS, f"{CINEMAS}{cinema.pk}/", BODY)
    assert Cinema.objects.values().get() == before


def test_broken_bodies_are_a_400():
    cinema = make_cinema()
    check_broken_bodies(CINEMAS, f"{CINEMAS}{cinema.pk}/")
    assert Cinema.objects.get() == cinema


def test_an_empty_cinema_is_removed_and_one_with_auditoriums_or_prices_stays(staff):
    empty, roomy, priced = make_cinema(), make_auditorium().cinema, make_price_card().cinema
    assert staff.delete(f"{CINEMAS}{empty.pk}/").status_code == 204
    for cinema, what in ((roomy, "1 auditorium"), (priced, "1 price card")):
        response = staff.delete(f"{CINEMAS}{cinema.pk}/")
        assert (response.status_code, response.json()["code"]) == (409, "in_use")
        assert f"depend on it: {what}. Delete these first." in response.json()["detail"]
    assert set(Cinema.objects.all()) == {roomy, priced}
