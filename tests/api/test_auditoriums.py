"""`auditoriums/`: auditoriums with their seats as text."""

import pytest

from marquee.catalog.models import Auditorium, SeatPlan
from marquee.catalog.operations import change_auditorium
from tests.api.catalog_checks import check_broken_bodies, check_only_staff_write, fields_of
from tests.api.openapi_validation import check_response
from tests.factories import (
    client_of,
    make_auditorium,
    make_cinema,
    make_movie,
    make_show,
    make_staff,
)

pytestmark = pytest.mark.django_db

AUDITORIUMS = "/api/v1/auditoriums/"


@pytest.fixture
def staff():
    return client_of(make_staff())


def body(**fields):
    return {"name": "Saal 1", "turnaround_minutes": 20, "rows": ["A: ss_s", "B: pp"]} | fields


def test_anyone_reads_an_auditorium_with_its_newest_plan():
    auditorium = make_auditorium(name="Saal 1", turnaround_minutes=20, rows=["A: ss"])
    change_auditorium(auditorium=auditorium, rows=["A: ss_s", "B: pp"])
    response = client_of().get(f"{AUDITORIUMS}{auditorium.pk}/")
    assert response.json() == body(
        id=auditorium.pk, cinema=auditorium.cinema_id, seats_total=5, plan_version=2
    )
    check_response("auditoriums/{id}/", "get", response)


def test_auditoriums_are_listed_by_cinema():
    auditorium, other = make_auditorium(), make_auditorium()
    response = client_of().get(AUDITORIUMS)
    assert {one["id"] for one in response.json()["results"]} == {auditorium.pk, other.pk}
    check_response("auditoriums/", "get", response)
    of_cinema = client_of().get(AUDITORIUMS, {"cinema": auditorium.cinema_id}).json()["results"]
    assert [one["id"] for one in of_cinema] == [auditorium.pk]
    assert client_of().get(AUDITORIUMS, {"cinema": 999999}).json()["results"] == []
    assert fields_of(client_of().get(AUDITORIUMS, {"cinema": "x"})) == ["cinema"]


def test_what_is_removed_while_it_is_read_is_a_404_or_left_out(monkeypatch):
    auditorium, movie = make_auditorium(), make_movie()
    for reader in ("resources.auditoriums", "serializers.cinemas"):
        monkeypatch.setattr(f"marquee.api.{reader}.newest_plans", lambda ids: {})
    monkeypatch.setattr("marquee.catalog.queries.list_movies", lambda ids: [])
    read = client_of().get
    assert read(f"{AUDITORIUMS}{auditorium.pk}/").status_code == 404
    assert read(f"/api/v1/movies/{movie.pk}/").status_code == 404
    assert read(AUDITORIUMS).json()["results"] == []
    assert read(f"/api/v1/cinemas/{auditorium.cinema_id}/").json()["auditoriums"] == []


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_three_queries_then_one_and_one_auditorium_two(
    django_assert_num_queries, number
):
    auditoriums = [make_auditorium() for _ in range(number)]
    for queries in (3, 1):  # the catalog's revision, and what is not cached yet
        with django_assert_num_queries(queries):
            assert len(client_of().get(AUDITORIUMS).json()["results"]) == number
    with django_assert_num_queries(2):
        client_of().get(f"{AUDITORIUMS}{auditoriums[0].pk}/")


def test_staff_add_an_auditorium_with_its_seats(staff):
    cinema = make_cinema()
    response = staff.post(AUDITORIUMS, body(cinema=cinema.pk))
    assert response.status_code == 201
    auditorium = Auditorium.objects.get()
    assert response.json() == body(
        id=auditorium.pk, cinema=cinema.pk, seats_total=5, plan_version=1
    )
    labels = auditorium.seat_plans.get().seats.values_list("label", flat=True)
    assert list(labels) == ["A1", "A2", "A3", "B1", "B2"]
    check_response("auditoriums/", "post", response)


def test_the_turnaround_is_15_minutes_unless_told_otherwise(staff):
    fields = body(cinema=make_cinema().pk)
    del fields["turnaround_minutes"]
    added = staff.post(AUDITORIUMS, fields).json()
    assert added["turnaround_minutes"] == 15
    address = f"{AUDITORIUMS}{added['id']}/"
    assert staff.patch(address, {"turnaround_minutes": 40}).json()["turnaround_minutes"] == 40
    assert staff.put(address, fields).json()["turnaround_minutes"] == 15


def test_other_rows_are_a_new_plan_and_shows_keep_theirs(staff):
    show = make_show(make_auditorium(rows=["A: ss"]))
    response = staff.patch(f"{AUDITORIUMS}{show.auditorium_id}/", {"rows": ["A: ssp"]})
    assert (response.json()["plan_version"], response.json()["seats_total"]) == (2, 3)
    assert client_of().get(f"/api/v1/shows/{show.pk}/").json()["seats_total"] == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rows": []}, "rows"),
        ({"rows": ["A: s", "A: s"]}, "rows"),
        ({"rows": ["sss"]}, "rows"),
        ({"rows": ["A: s?"]}, "rows"),
        ({"rows": ["A: ___"]}, "rows"),
        ({"rows": [f"X{n}: s" for n in range(101)]}, "rows"),
        ({"rows": ["A: " + "s" * 101]}, "rows"),
        ({"rows": ["A: " + "s" * 1000]}, "rows.0"),
        ({"rows": ["A: s", None]}, "rows.1"),
        ({"rows": ["A: \0"]}, "rows.0"),
        ({"rows": "A: s"}, "rows"),
        ({"rows": {"A": "s"}}, "rows"),
        ({"turnaround_minutes": -1}, "turnaround_minutes"),
        ({"turnaround_minutes": 1441}, "turnaround_minutes"),
        ({"cinema": 999999}, "cinema"),
        ({"cinema": "one"}, "cinema"),
        ({"cinema": True}, "cinema"),
        ({"cinema": 1.5}, "cinema"),
        ({"cinema": 2**63}, "cinema"),
        ({"cinema": "9" * 5000}, "cinema"),
        ({"cinema": None}, "cinema"),
        ({"cinema": [1]}, "cinema"),
        ({"seats_total": 9}, "seats_total"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_value_is_a_400_that_names_the_field(staff, wrong, field):
    auditorium = make_auditorium(rows=["A: s"])
    before = Auditorium.objects.values().get()
    fields = body(cinema=auditorium.cinema_id) | wrong
    for response in (
        staff.post(AUDITORIUMS, fields),
        staff.patch(f"{AUDITORIUMS}{auditorium.pk}/", wrong),
    ):
        assert fields_of(response) == [field]
    assert Auditorium.objects.values().get() == before
    assert SeatPlan.objects.get().rows == ["A: s"]


def test_a_bad_plan_is_named_with_its_row(staff):
    response = staff.post(AUDITORIUMS, body(cinema=make_cinema().pk, rows=["A: s", "B: x"]))
    problem = response.json()
    assert (problem["code"], problem["row"]) == ("bad_seat_plan", 2)
    assert problem["detail"].startswith("Row 2 has 'x'")
    check_response("auditoriums/", "post", response)


def test_a_name_is_taken_once_in_a_cinema(staff):
    auditorium = make_auditorium(name="Saal 1")
    response = staff.post(AUDITORIUMS, body(cinema=auditorium.cinema_id))
    assert (response.json()["code"], fields_of(response)) == ("name_taken", ["name"])
    assert staff.post(AUDITORIUMS, body(cinema=make_cinema().pk)).status_code == 201


def test_an_auditorium_stays_in_its_cinema(staff):
    auditorium = make_auditorium()
    response = staff.patch(f"{AUDITORIUMS}{auditorium.pk}/", {"cinema": make_cinema().pk})
    assert fields_of(response) == ["cinema"]


def test_only_staff_write():
    auditorium = make_auditorium()
    before = Auditorium.objects.values().get()
    check_only_staff_write(
        AUDITORIUMS, f"{AUDITORIUMS}{auditorium.pk}/", body(cinema=auditorium.cinema_id)
    )
    assert Auditorium.objects.values().get() == before


def test_broken_bodies_are_a_400():
    auditorium = make_auditorium()
    check_broken_bodies(AUDITORIUMS, f"{AUDITORIUMS}{auditorium.pk}/")
    assert SeatPlan.objects.get().version == 1


def test_an_auditorium_without_shows_is_removed_and_one_with_shows_stays(staff):
    auditorium, used = make_auditorium(), make_show().auditorium
    assert staff.delete(f"{AUDITORIUMS}{auditorium.pk}/").status_code == 204
    response = staff.delete(f"{AUDITORIUMS}{used.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    assert list(Auditorium.objects.all()) == [used]


def test_an_auditorium_stays_for_shows_that_moved_away_once_seats_were_blocked(staff):
    show = make_show()
    left, other = show.auditorium, make_auditorium(show.auditorium.cinema)
    for change in ("block", "unblock"):
        assert (
            staff.post(f"/api/v1/shows/{show.pk}/{change}/", {"seats": ["A1"]}).status_code == 200
        )
    assert staff.patch(f"/api/v1/shows/{show.pk}/", {"auditorium": other.pk}).status_code == 200
    response = staff.delete(f"{AUDITORIUMS}{left.pk}/")
    assert response.status_code == 409
    assert "1 seat claim. Shows that moved away had seats here." in response.json()["detail"]
    assert staff.delete(f"/api/v1/shows/{show.pk}/").status_code == 204
    assert staff.delete(f"{AUDITORIUMS}{left.pk}/").status_code == 204
