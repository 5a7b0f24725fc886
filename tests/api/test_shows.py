"""`shows/`: when and where a movie is shown, with seats left and prices."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from marquee.catalog.models import Show
from tests.api.catalog_checks import check_broken_bodies, check_only_staff_write, fields_of
from tests.api.openapi_validation import check_response
from tests.factories import (
    book_seats,
    client_of,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

SHOWS = "/api/v1/shows/"
EIGHT = datetime(2049, 3, 1, 20, tzinfo=UTC)


@pytest.fixture
def anonymous_client():
    return client_of()


@pytest.fixture
def staff():
    return client_of(make_staff())


@pytest.fixture
def auditorium():
    return make_auditorium(rows=["A: ss_s", "B: pp"])


@pytest.fixture
def body(auditorium):
    return {
        "movie": make_movie().pk,
        "auditorium": auditorium.pk,
        "starts_at": "2049-03-01T20:15:00+01:00",
        "price_card": make_price_card(auditorium.cinema).pk,
    }


def ids(response):
    assert response.status_code == 200, response.content
    return [show["id"] for show in response.json()["results"]]


# --- Reading ------------------------------------------------------------------------------------


def test_a_show_has_its_times_in_the_cinemas_zone_seats_left_and_prices(anonymous_client):
    cinema = make_cinema(name="Rex", city="New York", timezone="America/New_York", currency="USD")
    auditorium = make_auditorium(cinema, name="One", rows=["A: ss_s"])
    card = make_price_card(cinema, {("standard", "adult"): "12.5", ("standard", "child"): "9"})
    movie = make_movie(title="M", runtime_minutes=100, certificate="16", original_language="de")
    show = make_show(
        auditorium, movie=movie, price_card=card, starts_at=EIGHT, format="70mm", subtitles="en"
    )
    response = anonymous_client.get(f"{SHOWS}{show.pk}/")
    adult = {"amount": "12.50", "currency": "USD"}
    child = {"amount": "9.00", "currency": "USD"}
    assert response.json() == {
        "id": show.pk,
        "movie": {
            "id": movie.pk,
            "title": "M",
            "runtime_minutes": 100,
            "certificate": "16",
            "poster": f"http://testserver/api/v1/movies/{movie.pk}/poster/",
        },
        "cinema": {
            "id": cinema.pk,
            "name": "Rex",
            "city": "New York",
            "timezone": "America/New_York",
        },
        "auditorium": {"id": auditorium.pk, "name": "One"},
        "starts_at": "2049-03-01T15:00:00-05:00",
        "business_day": "2049-03-01",
        "ends_at": "2049-03-01T17:00:00-05:00",
        "sales_from": None,
        "sales_until": "2049-03-01T15:00:00-05:00",
        "format": "70mm",
        "language": "de",
        "subtitles": "en",
        "subtitle_languages": ["en"],
        "captions": False,
        "status": "scheduled",
        "call_off_reason": "",
        "seats_total": 3,
        "on_sale": True,
        "seats_left": 3,
        "accessible_left": 0,
        "price_from": adult,
        "prices": [
            {"category": "standard", "type": "adult", "price": adult},
            {"category": "standard", "type": "child", "price": child},
        ],
    }
    check_response("shows/{id}/", "get", response)


def test_a_show_in_a_list_looks_as_it_does_alone(anonymous_client):
    show = make_show()
    response = anonymous_client.get(SHOWS)
    assert response.json()["results"] == [anonymous_client.get(f"{SHOWS}{show.pk}/").json()]
    check_response("shows/", "get", response)


def test_seats_that_are_sold_or_held_are_not_left(anonymous_client):
    show, other = make_show(), make_show()
    book_seats(make_user(), show, "A1", "A2")
    book_seats(make_user(), show, "A3", hold=True)
    left = {one["id"]: one["seats_left"] for one in anonymous_client.get(SHOWS).json()["results"]}
    assert left == {show.pk: 21, other.pk: 24}


def test_new_prices_are_returned_at_once(anonymous_client, staff):
    show = make_show()
    assert anonymous_client.get(f"{SHOWS}{show.pk}/").json()["price_from"]["amount"] == "12.50"
    lines = [
        {"category": category, "type": "adult", "amount": "20"}
        for category in ("standard", "premium", "recliner")
    ]
    staff.patch(f"/api/v1/price-cards/{show.price_card_id}/", {"prices": lines})
    assert anonymous_client.get(f"{SHOWS}{show.pk}/").json()["price_from"]["amount"] == "20.00"


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_one_query_once_it_was_made_and_one_show_one(
    anonymous_client, django_assert_num_queries, number
):
    shows = [make_show() for _ in range(number)]
    anonymous_client.get(SHOWS)
    with django_assert_num_queries(1):
        assert len(ids(anonymous_client.get(SHOWS))) == number
    make_movie()  # the catalog changed: the version, the revision, ids, shows, the next end, seats taken
    with django_assert_num_queries(6):
        assert len(ids(anonymous_client.get(SHOWS))) == number
    with django_assert_num_queries(1):
        anonymous_client.get(f"{SHOWS}{shows[0].pk}/")


@pytest.mark.parametrize("number", [1, 3])
def test_the_shows_of_a_movie_take_one_query_once_they_were_made(
    anonymous_client, django_assert_num_queries, number
):
    movie = make_movie()
    for _ in range(number):
        make_show(movie=movie)
    address = f"/api/v1/movies/{movie.pk}/shows/"
    anonymous_client.get(address)
    with django_assert_num_queries(1):
        assert len(ids(anonymous_client.get(address))) == number


@pytest.mark.parametrize("key", ["0", "999999", "abc", "9" * 19, "9" * 5000])
def test_an_unknown_show_is_a_404(anonymous_client, key):
    assert anonymous_client.get(f"{SHOWS}{key}/").status_code == 404


# --- Filtering ----------------------------------------------------------------------------------


def test_without_a_date_shows_that_have_not_ended_are_listed_in_order(anonymous_client):
    make_show(starts_in=-timedelta(days=1))
    late, running = make_show(), make_show(starts_in=-timedelta(minutes=60))
    assert ids(anonymous_client.get(SHOWS)) == [running.pk, late.pk]


def test_a_date_is_the_cinemas_own_day_past_or_to_come(anonymous_client):
    vienna = make_auditorium(make_cinema(timezone="Europe/Vienna"))
    new_york = make_auditorium(make_cinema(timezone="America/New_York"))
    moment = datetime(2020, 1, 14, 23, 30, tzinfo=UTC)  # half past midnight, half past six
    here, there = make_show(vienna, starts_at=moment), make_show(new_york, starts_at=moment)
    assert ids(anonymous_client.get(SHOWS, {"date": "2020-01-14"})) == [there.pk]
    assert ids(anonymous_client.get(SHOWS, {"date": "2020-01-15"})) == [here.pk]
    assert ids(anonymous_client.get(SHOWS, {"date": "2020-01-16"})) == []


def test_a_business_day_ends_at_six_in_the_morning_past_or_to_come(anonymous_client):
    auditorium = make_auditorium()
    evening = make_show(auditorium, starts_at=datetime.fromisoformat("2020-02-05T20:15"))
    night = make_show(auditorium, starts_at=datetime.fromisoformat("2020-02-06T00:30"))
    found = anonymous_client.get(SHOWS, {"business_day": "2020-02-05"})
    assert ids(found) == [evening.pk, night.pk]
    assert [show["business_day"] for show in found.json()["results"]] == ["2020-02-05"] * 2
    assert ids(anonymous_client.get(SHOWS, {"business_day": "2020-02-06"})) == []
    both = {"business_day": "2020-02-05", "date": "2020-02-06"}
    assert ids(anonymous_client.get(SHOWS, both)) == [night.pk]
    of_movie = f"/api/v1/movies/{night.movie_id}/shows/"
    assert ids(anonymous_client.get(of_movie, {"business_day": "2020-02-05"})) == [night.pk]
    assert ids(anonymous_client.get(of_movie, {"business_day": "2020-02-06"})) == []


def test_the_night_the_clocks_go_back_is_one_day(anonymous_client):
    auditorium = make_auditorium(make_cinema(timezone="Europe/Vienna"), turnaround_minutes=0)
    first, second, third = (
        make_show(auditorium, starts_at=start, ends_at=start + timedelta(minutes=30))
        for start in (
            datetime(2049, 10, 31, 0, 30, tzinfo=UTC),
            datetime(2049, 10, 31, 1, 30, tzinfo=UTC),
            datetime(2049, 10, 31, 2, 30, tzinfo=UTC),
        )
    )
    response = anonymous_client.get(SHOWS, {"date": "2049-10-31"})
    assert ids(response) == [first.pk, second.pk, third.pk]
    assert [show["starts_at"] for show in response.json()["results"]] == [
        "2049-10-31T02:30:00+02:00",
        "2049-10-31T02:30:00+01:00",
        "2049-10-31T03:30:00+01:00",
    ]


def test_shows_are_filtered_by_movie_cinema_format_and_language(anonymous_client):
    one = make_show(format="IMAX", language="fr-CA", subtitles=["pt-br", "de"], captions=True)
    make_show(format="2D", language="en")
    for query in (
        {"movie": one.movie_id},
        {"cinema": one.auditorium.cinema_id},
        {"format": "imax"},
        {"language": "fr"},
        {"language": "FR-ca"},
        {"subtitles": "de"},
        {"subtitles": "pt"},
        {"captions": "true"},
    ):
        assert ids(anonymous_client.get(SHOWS, query)) == [one.pk]
    assert ids(anonymous_client.get(SHOWS, {"movie": one.movie_id, "format": "2D"})) == []
    for name in ("movie", "cinema"):
        assert ids(anonymous_client.get(SHOWS, {name: 10**18 - 1})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("movie", "x"),
        ("movie", "9" * 5000),
        ("cinema", "-1"),
        ("date", "today"),
        ("date", "2049-13-01"),
        ("format", "5D"),
        ("language", "a\0"),
        ("language", "English"),
        ("subtitles", "\u200b"),
        ("captions", "yes"),
        ("page", "x"),
    ],
)
def test_an_invalid_filter_is_a_400_that_names_it(anonymous_client, name, value):
    make_show()
    assert fields_of(anonymous_client.get(SHOWS, {name: value})) == [name]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_time_finds_nothing(anonymous_client, day):
    make_show()
    assert ids(anonymous_client.get(SHOWS, {"date": day})) == []


# --- Writing ------------------------------------------------------------------------------------


def test_staff_schedule_a_show_with_movie_auditorium_time_and_prices_only(staff, body):
    response = staff.post(SHOWS, body)
    assert response.status_code == 201, response.content
    show = Show.objects.get()
    assert response["Location"] == f"http://testserver{SHOWS}{show.pk}/"
    assert response.json()["starts_at"] == "2049-03-01T20:15:00+01:00"
    assert response.json()["ends_at"] == "2049-03-01T22:15:00+01:00"
    assert response.json()["sales_until"] == "2049-03-01T20:15:00+01:00"
    assert (response.json()["language"], response.json()["seats_left"]) == ("en", 5)
    check_response("shows/", "post", response)


@pytest.mark.parametrize(
    "written", ["2049-03-01T20:15", "2049-03-01T20:15:00", "2049-03-01t19:15z"]
)
def test_a_time_without_an_offset_is_by_the_cinemas_clock(staff, body, written):
    response = staff.post(SHOWS, body | {"starts_at": written})
    assert response.json()["starts_at"] == "2049-03-01T20:15:00+01:00"


def test_a_time_that_the_clocks_skip_is_a_400(staff, body):
    response = staff.post(SHOWS, body | {"starts_at": "2049-03-28T02:30"})
    assert fields_of(response) == ["starts_at"]
    assert "02:30 does not exist" in response.json()["detail"]
    assert not Show.objects.exists()


def test_put_resets_what_is_left_out_and_patch_keeps_it(staff, body):
    special = body | {
        "ends_at": "2049-03-01T23:00",
        "sales_until": "2049-03-01T20:30",
        "format": "3D",
        "language": "",
        "subtitles": "fr",
    }
    added = staff.post(SHOWS, special).json()
    address = f"{SHOWS}{added['id']}/"
    changed = staff.patch(address, {"subtitles": "de"})
    assert changed.json() == added | {"subtitles": "de", "subtitle_languages": ["de"]}
    check_response("shows/{id}/", "patch", changed)
    replaced = staff.put(address, body).json()
    assert replaced == added | {
        "ends_at": "2049-03-01T22:15:00+01:00",
        "sales_until": "2049-03-01T20:15:00+01:00",
        "format": "2D",
        "language": "en",
        "subtitles": "",
        "subtitle_languages": [],
    }


def test_a_show_has_subtitles_in_several_languages_and_captions(staff, body):
    added = staff.post(
        SHOWS, body | {"subtitle_languages": ["es-419", "pt-br"], "captions": True}
    ).json()
    address = f"{SHOWS}{added['id']}/"
    told = {"subtitles": "es-419", "subtitle_languages": ["es-419", "pt-BR"], "captions": True}
    assert added == added | told
    same = staff.patch(address, {"subtitles": "ES-419", "subtitle_languages": ["es-419", "pt-BR"]})
    assert same.json() == added
    check_response("shows/{id}/", "patch", same)
    none = {"subtitles": "", "subtitle_languages": []}
    assert staff.patch(address, {"subtitle_languages": []}).json() == added | none
    wrong = {"subtitles": "de", "subtitle_languages": ["fr"]}
    assert fields_of(staff.patch(address, wrong)) == ["subtitles"]
    assert staff.patch(address, {"subtitle_languages": ["xx"]}).status_code == 400
    assert staff.patch(address, {"subtitle_languages": ["en"] * 9}).status_code == 400
    assert staff.get(address).json() == added | none


def test_put_needs_what_makes_a_show(staff, body):
    show = make_show()
    missing = ["movie", "auditorium", "starts_at", "price_card"]
    assert sorted(fields_of(staff.put(f"{SHOWS}{show.pk}/", {}))) == sorted(missing)


def test_an_overlap_is_a_409_that_names_the_show_in_the_way(staff, body):
    first = staff.post(SHOWS, body).json()
    response = staff.post(SHOWS, body | {"starts_at": "2049-03-01T22:29"})
    problem = response.json()
    assert (response.status_code, problem["code"]) == (409, "show_overlaps")
    assert problem["show"]["id"] == first["id"]
    assert problem["show"]["occupied_until"] == "2049-03-01T22:30:00+01:00"
    assert Show.objects.count() == 1
    check_response("shows/", "post", response)
    assert staff.post(SHOWS, body | {"starts_at": "2049-03-01T22:30"}).status_code == 201


def test_once_booked_the_movie_stays(staff):
    show = make_show()
    book_seats(make_user(), show, "A1")
    response = staff.patch(f"{SHOWS}{show.pk}/", {"movie": make_movie().pk})
    assert (response.status_code, response.json()["code"]) == (409, "show_has_bookings")
    check_response("shows/{id}/", "patch", response)
    assert Show.objects.get().movie == show.movie


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"movie": 999999}, "movie"),
        ({"movie": None}, "movie"),
        ({"movie": "Metropolis"}, "movie"),
        ({"auditorium": 0}, "auditorium"),
        ({"price_card": -1}, "price_card"),
        ({"price_card": 2**64 - 1}, "price_card"),
        ({"starts_at": None}, "starts_at"),
        ({"starts_at": ""}, "starts_at"),
        ({"starts_at": "tonight"}, "starts_at"),
        ({"starts_at": "2049-03-01"}, "starts_at"),
        ({"starts_at": "2049-02-30T20:15"}, "starts_at"),
        ({"starts_at": "2049-03-01T25:15"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00Z"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59-12:00"}, "starts_at"),
        ({"starts_at": "2049-03-01T20:15\0"}, "starts_at"),
        ({"starts_at": 2497983300}, "starts_at"),
        ({"starts_at": "9" * 5000}, "starts_at"),
        ({"ends_at": "2049-03-01T20:15+01:00"}, "ends_at"),
        ({"ends_at": "2127-03-01T20:15+01:00"}, "ends_at"),
        ({"sales_until": "2049-03-01T23:59+01:00"}, "sales_until"),
        ({"format": "5D"}, "format"),
        ({"format": None}, "format"),
        ({"language": "English"}, "language"),
        ({"subtitles": "x\0"}, "subtitles"),
        ({"status": "called_off"}, "status"),
        ({"state": "called_off"}, "state"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_an_invalid_value_is_a_400_that_names_the_field(staff, body, wrong, field):
    show = staff.post(SHOWS, body).json()
    before = Show.objects.values().get()
    later = body | {"starts_at": "2049-03-01T20:15"} | wrong
    for response in (staff.post(SHOWS, later), staff.patch(f"{SHOWS}{show['id']}/", wrong)):
        assert fields_of(response)[0] == field
    assert Show.objects.values().get() == before


def test_prices_of_another_cinema_are_a_400(staff, body):
    response = staff.post(SHOWS, body | {"price_card": make_price_card().pk})
    assert fields_of(response) == ["price_card"]


def test_only_staff_write(body):
    show = make_show()
    before = Show.objects.values().get()
    check_only_staff_write(SHOWS, f"{SHOWS}{show.pk}/", body)
    assert Show.objects.values().get() == before


def test_broken_bodies_are_a_400():
    show = make_show()
    check_broken_bodies(SHOWS, f"{SHOWS}{show.pk}/")
    assert Show.objects.get() == show


def test_a_show_nobody_booked_is_removed_and_a_booked_one_stays(staff):
    show, booked = make_show(), make_show()
    book_seats(make_user(), booked, "A1")
    assert staff.delete(f"{SHOWS}{show.pk}/").status_code == 204
    response = staff.delete(f"{SHOWS}{booked.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    assert response.json()["detail"] == (
        "It stays, because others depend on it: 1 booking. Bookings are never deleted. A show can be "
        "called off, which cancels them."
    )
    assert list(Show.objects.all()) == [booked]


def test_a_show_may_be_entered_afterwards(staff, body):
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()
    assert staff.post(SHOWS, body | {"starts_at": yesterday}).status_code == 201


def test_prices_are_those_of_the_auditoriums_categories():
    auditorium = make_auditorium(rows=["A: ss"])
    card = make_price_card(
        auditorium.cinema, {("standard", "adult"): "10.00", ("recliner", "child"): "1.00"}
    )
    show = make_show(auditorium, price_card=card)

    response = client_of().get(f"/api/v1/shows/{show.pk}/").json()

    assert response["price_from"]["amount"] == "10.00"
    assert [line["category"] for line in response["prices"]] == ["standard"]
