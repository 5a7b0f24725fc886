"""`movies/`: the works that are shown."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone

from marquee.catalog.models import Genre, Movie, Show
from marquee.catalog.operations import change_movie
from marquee.catalog.records import Translation
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

MOVIES = "/api/v1/movies/"
BODY = {"title": "Metropolis", "runtime_minutes": 153}
WHOLE = BODY | {
    "original_title": "Metropolis",
    "synopsis": "In a city of towers.",
    "certificate": "PG",
    "genres": ["Drama"],
    "original_language": "de",
    "release_date": "1927-01-10",
    "poster": "https://posters.example/m.jpg",
    "trailer": "https://trailers.example/m",
    "translations": [{"language": "de", "title": "Die Stadt", "synopsis": ""}],
}


@pytest.fixture
def anonymous_client():
    return client_of()


@pytest.fixture
def staff():
    return client_of(make_staff())


def titles(response):
    assert response.status_code == 200, response.content
    return [movie["title"] for movie in response.json()["results"]]


# --- Reading ------------------------------------------------------------------------------------


def test_anyone_reads_movies_by_title(anonymous_client):
    for title in ("Nosferatu", "Metropolis", "The Third Man"):
        make_movie(title=title)
    response = anonymous_client.get(MOVIES)
    assert titles(response) == ["Metropolis", "Nosferatu", "The Third Man"]
    check_response("movies/", "get", response)


def test_a_movie_is_returned_in_full(anonymous_client):
    movie = make_movie(**WHOLE | {"translations": [Translation("de", "Die Stadt")]})
    response = anonymous_client.get(f"{MOVIES}{movie.pk}/")
    assert response.json() == {"id": movie.pk} | WHOLE
    check_response("movies/{id}/", "get", response)


def test_an_expired_token_does_not_prevent_reading(anonymous_client):
    anonymous_client.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert anonymous_client.get(MOVIES).status_code == 200
    assert anonymous_client.post(MOVIES, BODY).status_code == 401


@pytest.mark.parametrize("key", ["0", "999999", "-1", "1.5", "abc", "9" * 19, "9" * 5000, "%00"])
def test_an_unknown_movie_is_a_404(anonymous_client, key):
    assert anonymous_client.get(f"{MOVIES}{key}/").status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_three_queries_then_one_and_one_movie_two(
    anonymous_client, django_assert_num_queries, number
):
    movies = [make_movie(genres=["Drama", f"Genre {n}"]) for n in range(number)]
    for queries in (3, 1):  # the catalog's revision, and what is not cached yet
        with django_assert_num_queries(queries):
            assert len(titles(anonymous_client.get(MOVIES))) == number
    with django_assert_num_queries(2):
        anonymous_client.get(f"{MOVIES}{movies[0].pk}/")


# --- Searching, filtering, sorting --------------------------------------------------------------


def test_search_finds_words_of_both_titles_in_any_case(anonymous_client):
    make_movie(title="Amélie", original_title="Le fabuleux destin d'Amélie Poulain")
    make_movie(title="M (1931) [restored]")
    for words in ("AMÉLIE", "destin", "poulain fabuleux", "amél"):
        assert titles(anonymous_client.get(MOVIES, {"search": words})) == ["Amélie"]
    assert titles(anonymous_client.get(MOVIES, {"search": "(1931) ["})) == ["M (1931) [restored]"]
    for words in (".*", "amélie nosferatu", "%", "_", "\\"):
        assert titles(anonymous_client.get(MOVIES, {"search": words})) == []


def test_genre_is_matched_whole_and_in_any_case(anonymous_client):
    make_movie(title="One", genres=["Comédie", "Drama"])
    make_movie(title="Two", genres=["Melodrama"])
    assert titles(anonymous_client.get(MOVIES, {"genre": "drama"})) == ["One"]
    assert titles(anonymous_client.get(MOVIES, {"genre": "COMÉDIE"})) == ["One"]
    assert titles(anonymous_client.get(MOVIES, {"genre": "Horror"})) == []


def test_language_is_the_original_one(anonymous_client):
    make_movie(title="One", original_language="de")
    make_movie(title="Two", original_language="en")
    assert titles(anonymous_client.get(MOVIES, {"language": "de"})) == ["One"]


def test_date_and_cinema_must_hold_for_one_and_the_same_show(anonymous_client):
    here, there = make_auditorium(), make_auditorium()
    both, apart = make_movie(title="Both"), make_movie(title="Apart")
    friday, saturday = datetime(2049, 3, 5, 20, tzinfo=UTC), datetime(2049, 3, 6, 20, tzinfo=UTC)
    make_show(here, movie=both, starts_at=friday)
    make_show(here, movie=apart, starts_at=saturday)
    make_show(there, movie=apart, starts_at=friday)
    where = {"cinema": here.cinema_id}
    assert titles(anonymous_client.get(MOVIES, {"date": "2049-03-05"})) == ["Apart", "Both"]
    assert titles(anonymous_client.get(MOVIES, where | {"date": "2049-03-05"})) == ["Both"]
    assert titles(anonymous_client.get(MOVIES, where)) == ["Apart", "Both"]
    assert titles(anonymous_client.get(MOVIES, {"cinema": there.cinema_id})) == ["Apart"]


def test_business_day_date_and_cinema_must_hold_for_one_and_the_same_show(anonymous_client):
    auditorium = make_auditorium()
    late = make_show(
        auditorium,
        movie=make_movie(title="Late"),
        starts_at=datetime.fromisoformat("2049-03-06T00:30"),
    )
    make_show(auditorium, movie=late.movie, starts_at=datetime.fromisoformat("2049-03-07T20:00"))
    friday = {"business_day": "2049-03-05"}
    assert titles(anonymous_client.get(MOVIES, friday)) == ["Late"]
    here = {"cinema": auditorium.cinema_id}
    assert titles(anonymous_client.get(MOVIES, friday | here)) == ["Late"]
    assert titles(anonymous_client.get(MOVIES, friday | {"date": "2049-03-06"} | here)) == ["Late"]
    assert titles(anonymous_client.get(MOVIES, friday | {"date": "2049-03-07"} | here)) == []
    elsewhere = {"cinema": make_cinema().pk}
    assert titles(anonymous_client.get(MOVIES, friday | elsewhere)) == []


def test_a_cinema_without_a_date_means_what_is_on_now_or_later(anonymous_client):
    over = make_show(starts_in=-timedelta(days=3))
    running = make_show(over.auditorium, starts_in=-timedelta(minutes=30))
    where = {"cinema": over.auditorium.cinema_id}
    assert titles(anonymous_client.get(MOVIES, where)) == [running.movie.title]
    past = {"date": timezone.localdate(over.starts_at, over.auditorium.cinema.tzinfo).isoformat()}
    assert titles(anonymous_client.get(MOVIES, where | past)) == [over.movie.title]


def test_now_showing_is_having_a_show_that_has_not_ended_and_is_not_called_off(anonymous_client):
    make_show(movie=make_movie(title="Soon"), starts_in=timedelta(days=30))
    make_show(movie=make_movie(title="Running"), starts_in=-timedelta(minutes=30))
    make_show(movie=make_movie(title="Over"), starts_in=-timedelta(days=1))
    off = make_show(movie=make_movie(title="Off"))
    Show.objects.filter(pk=off.pk).update(state="called_off")
    make_movie(title="Never")
    assert titles(anonymous_client.get(MOVIES, {"now_showing": "true"})) == ["Running", "Soon"]
    assert titles(anonymous_client.get(MOVIES, {"now_showing": "false"})) == [
        "Never",
        "Off",
        "Over",
    ]


def test_movies_are_sorted_as_asked_unknown_dates_last(anonymous_client):
    make_movie(title="B", release_date="1999-01-01", runtime_minutes=90)
    make_movie(title="A", release_date="2001-01-01", runtime_minutes=120)
    make_movie(title="C", release_date=None, runtime_minutes=100)
    for ordering, wanted in {
        "title": "ABC",
        "-title": "CBA",
        "release_date": "BAC",
        "-release_date": "ABC",
        "runtime_minutes": "BCA",
        "-runtime_minutes": "ACB",
    }.items():
        assert titles(anonymous_client.get(MOVIES, {"ordering": ordering})) == list(wanted)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("search", "a\0b"),
        ("search", "x" * 101),
        ("genre", "a\0b"),
        ("language", "\0"),
        ("date", "tomorrow"),
        ("business_day", "tomorrow"),
        ("date", "2026-02-30"),
        ("date", "02/03/2026"),
        ("date", "9" * 5000),
        ("cinema", "abc"),
        ("cinema", "0"),
        ("cinema", "-1"),
        ("cinema", "1.5"),
        ("cinema", "9" * 30),
        ("cinema", "9" * 5000),
        ("cinema", "1\0"),
        ("now_showing", "perhaps"),
        ("ordering", "synopsis"),
        ("page", "0"),
        ("page", "9" * 5000),
        ("page_size", "101"),
    ],
)
def test_an_invalid_filter_is_a_400_that_names_it(anonymous_client, name, value):
    make_movie()
    response = anonymous_client.get(MOVIES, {name: value})
    assert fields_of(response) == [name]
    check_response("movies/", "get", response)


def test_an_unknown_cinema_shows_nothing(anonymous_client):
    make_show()
    assert titles(anonymous_client.get(MOVIES, {"cinema": 10**18 - 1})) == []


def test_lists_come_in_pages(anonymous_client):
    for n in range(5):
        make_movie(title=f"Movie {n}")
    first = anonymous_client.get(MOVIES, {"page_size": 2}).json()
    assert [movie["title"] for movie in first["results"]] == ["Movie 0", "Movie 1"]
    assert first["previous"] is None
    last = anonymous_client.get(anonymous_client.get(first["next"]).json()["next"]).json()
    assert [movie["title"] for movie in last["results"]] == ["Movie 4"]
    assert last["next"] is None


# --- Writing ------------------------------------------------------------------------------------


def test_staff_add_a_movie_with_as_little_as_a_title_and_a_runtime(staff):
    response = staff.post(MOVIES, BODY)
    assert response.status_code == 201
    movie = Movie.objects.get()
    address = f"http://testserver{MOVIES}{movie.pk}/"
    assert response["Location"] == address
    assert response.json() == {"id": movie.pk} | BODY | {
        "original_title": "",
        "synopsis": "",
        "certificate": "",
        "genres": [],
        "original_language": "",
        "release_date": None,
        "poster": f"{address}poster/",
        "trailer": "",
        "translations": [],
    }
    check_response("movies/", "post", response)


def test_an_added_movie_is_read_as_it_was_sent(staff, anonymous_client):
    added = staff.post(MOVIES, WHOLE).json()
    assert (
        anonymous_client.get(f"{MOVIES}{added['id']}/").json()
        == added
        == {"id": added["id"]} | WHOLE
    )


def test_put_resets_what_is_left_out_and_patch_keeps_it(staff):
    movie = make_movie(**WHOLE | {"translations": [Translation("de", "Die Stadt")]})
    address = f"{MOVIES}{movie.pk}/"
    changed = staff.patch(address, {"certificate": "12A"})
    assert changed.json() == {"id": movie.pk} | WHOLE | {"certificate": "12A"}
    check_response("movies/{id}/", "patch", changed)
    replaced = staff.put(address, BODY)
    assert replaced.status_code == 200
    assert (replaced.json()["genres"], replaced.json()["release_date"]) == ([], None)
    assert replaced.json()["poster"].endswith(f"{address}poster/")
    check_response("movies/{id}/", "put", replaced)


def test_put_needs_the_title_and_the_runtime(staff):
    movie = make_movie(title="One")
    assert fields_of(staff.put(f"{MOVIES}{movie.pk}/", {})) == ["title", "runtime_minutes"]
    movie.refresh_from_db()
    assert movie.title == "One"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": None}, "title"),
        ({"title": " "}, "title"),
        ({"title": ["x"]}, "title"),
        ({"title": {"a": 1}}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"synopsis": "x" * 5001}, "synopsis"),
        ({"runtime_minutes": -90}, "runtime_minutes"),
        ({"runtime_minutes": 0}, "runtime_minutes"),
        ({"runtime_minutes": 1501}, "runtime_minutes"),
        ({"runtime_minutes": 1e300}, "runtime_minutes"),
        ({"runtime_minutes": "9" * 5000}, "runtime_minutes"),
        ({"runtime_minutes": "long"}, "runtime_minutes"),
        ({"runtime_minutes": 90.5}, "runtime_minutes"),
        ({"runtime_minutes": None}, "runtime_minutes"),
        ({"runtime_minutes": [90]}, "runtime_minutes"),
        ({"original_language": "German"}, "original_language"),
        ({"release_date": "soon"}, "release_date"),
        ({"release_date": 19270110}, "release_date"),
        ({"poster": "javascript:alert(1)"}, "poster"),
        ({"trailer": "no address"}, "trailer"),
        ({"genres": "Drama"}, "genres"),
        ({"genres": [["Drama"]]}, "genres.0"),
        ({"genres": [""]}, "genres.0"),
        ({"genres": ["x" * 51]}, "genres.0"),
        ({"genres": ["Drama"] * 21}, "genres"),
        ({"director": "Lang"}, "director"),
        ({"id": 7}, "id"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_an_invalid_value_is_a_400_that_names_the_field(staff, wrong, field):
    movie = make_movie(title="One")
    before = Movie.objects.values().get()
    for response in (staff.post(MOVIES, BODY | wrong), staff.patch(f"{MOVIES}{movie.pk}/", wrong)):
        assert fields_of(response) == [field]
    check_response("movies/", "post", staff.post(MOVIES, BODY | wrong))
    assert Movie.objects.values().get() == before
    assert not Genre.objects.exists()


def test_only_staff_write(staff):
    movie = make_movie()
    before = Movie.objects.values().get()
    check_only_staff_write(MOVIES, f"{MOVIES}{movie.pk}/", WHOLE)
    assert Movie.objects.values().get() == before


def test_broken_bodies_are_a_400():
    movie = make_movie(title="One")
    check_broken_bodies(MOVIES, f"{MOVIES}{movie.pk}/")
    assert Movie.objects.get().title == "One"


def test_a_movie_nobody_shows_is_removed_and_one_with_shows_stays(staff, anonymous_client):
    movie, shown = make_movie(), make_show().movie
    response = staff.delete(f"{MOVIES}{movie.pk}/")
    assert (response.status_code, response.content) == (204, b"")
    assert anonymous_client.get(f"{MOVIES}{movie.pk}/").status_code == 404
    response = staff.delete(f"{MOVIES}{shown.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    assert "depend on it: 1 show. Delete these first." in response.json()["detail"]
    check_response("movies/{id}/", "delete", response)
    assert list(Movie.objects.all()) == [shown]


# --- Shows of a movie ---------------------------------------------------------------------------


def test_the_shows_of_a_movie_are_those_that_have_not_ended_in_order(anonymous_client):
    movie = make_movie()
    late, soon = make_show(movie=movie, starts_in=timedelta(days=2)), make_show(movie=movie)
    make_show(movie=movie, starts_in=-timedelta(days=2))
    make_show()
    response = anonymous_client.get(f"{MOVIES}{movie.pk}/shows/")
    assert [show["id"] for show in response.json()["results"]] == [soon.pk, late.pk]
    check_response("movies/{id}/shows/", "get", response)


def test_the_shows_of_a_movie_on_a_day_and_in_a_cinema(anonymous_client):
    movie, auditorium = make_movie(), make_auditorium(make_cinema())
    past = make_show(auditorium, movie=movie, starts_at=datetime(2020, 1, 1, 20, tzinfo=UTC))
    make_show(movie=movie, starts_at=datetime(2020, 1, 1, 20, tzinfo=UTC))
    make_show(auditorium, movie=movie, starts_at=datetime(2020, 1, 2, 20, tzinfo=UTC))
    query = {"date": "2020-01-01", "cinema": auditorium.cinema_id}
    response = anonymous_client.get(f"{MOVIES}{movie.pk}/shows/", query)
    assert [show["id"] for show in response.json()["results"]] == [past.pk]


def test_the_shows_of_an_unknown_movie_are_a_404_and_a_bad_day_a_400(anonymous_client):
    assert anonymous_client.get(f"{MOVIES}999999/shows/").status_code == 404
    movie = make_movie()
    assert fields_of(anonymous_client.get(f"{MOVIES}{movie.pk}/shows/", {"date": "soon"})) == [
        "date"
    ]


# --- The poster that we draw --------------------------------------------------------------------


def test_a_movie_without_a_picture_has_a_poster_that_browsers_can_show(anonymous_client):
    movie = make_movie(title="<script>alert(1)</script>", release_date="1927-01-10")
    address = anonymous_client.get(f"{MOVIES}{movie.pk}/").json()["poster"]
    for accept in ("image/svg+xml", "image/avif,image/webp,*/*", "text/html"):
        response = anonymous_client.get(address, headers={"accept": accept})
        assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert ET.fromstring(response.content).tag.endswith("svg")
    assert b"<script" not in response.content
    assert response["Cache-Control"] == "public, max-age=86400"
    assert not re.search(rb"<style|style=", response.content)


def test_a_poster_is_validated_by_its_etag_and_kept_for_ever_by_its_version(anonymous_client):
    movie = make_movie(title="Metropolis", genres=["Drama"])
    address = f"{MOVIES}{movie.pk}/poster/"
    etag = anonymous_client.get(address)["ETag"]
    known = anonymous_client.get(address, headers={"If-None-Match": etag})
    assert (known.status_code, known.content) == (304, b"")
    # Like all reading, it compares no `If-Match`.
    assert anonymous_client.get(address, headers={"If-Match": '"vain"'}).status_code == 200
    version = etag.strip('"')
    current = anonymous_client.get(address, {"v": version})
    assert current["Cache-Control"] == "public, max-age=31536000, immutable"
    for other in ("", "0" * 12, f"{version}x"):
        assert "immutable" not in anonymous_client.get(address, {"v": other}).get(
            "Cache-Control", ""
        )
    change_movie(movie=movie, genres=["Comedy"])
    assert anonymous_client.get(address)["ETag"] != etag


def test_a_poster_has_the_title_of_a_language_and_the_same_picture(anonymous_client):
    movie = make_movie(
        title="The Lives of Others", translations=[Translation("de", "Das Leben der Anderen", "")]
    )
    address = f"{MOVIES}{movie.pk}/poster/"
    english, german, other = (
        anonymous_client.get(address, query).content.decode()
        for query in ({}, {"language": "de"}, {"language": "fr"})
    )
    assert 'aria-label="Das Leben der Anderen"' in german
    assert english == other
    assert german.partition("</svg>")[0].replace("Das Leben der Anderen", "") == (
        english.partition("</svg>")[0].replace("The Lives of Others", "")
    )


def test_the_poster_of_an_unknown_movie_is_a_404(anonymous_client):
    response = anonymous_client.get(f"{MOVIES}999999/poster/", headers={"accept": "image/*"})
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
