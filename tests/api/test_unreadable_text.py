"""Text that nobody can read is refused wherever people type text, and changes nothing."""

import pytest

from marquee.catalog.models import Auditorium, Cinema, Genre, Movie
from tests.api.catalog_checks import fields_of
from tests.factories import client_of, make_auditorium, make_movie, make_superuser, make_user

pytestmark = pytest.mark.django_db

# DRF strips the spaces of the last one, after which it is not too long.
UNREADABLE = [
    "\u200b",
    "Ab\u202ecd",
    "Ab\u2066cd",
    "A\x07b",
    "A\ufdd0b",
    "\u00ad\u200d",
    300 * " " + "A\x07b",
]
MOVIE = {"title": "Metropolis", "runtime_minutes": 153}
CINEMA = {"name": "Rex", "city": "Wien", "timezone": "Europe/Vienna", "currency": "EUR"}
PRICES = [{"category": "standard", "type": "adult", "amount": "1.00"}]


@pytest.fixture
def staff():
    return client_of(make_superuser())


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: ascii(text[-8:]))
def test_names_and_titles_are_refused(staff, text):
    auditorium = make_auditorium()
    card = {"name": text, "cinema": auditorium.cinema_id, "default_type": "adult", "prices": PRICES}
    plan = {"cinema": auditorium.cinema_id, "name": text, "rows": ["A: s"]}
    for path, body, field in [
        ("movies", MOVIE | {"title": text}, "title"),
        ("movies", MOVIE | {"original_title": text}, "original_title"),
        ("movies", MOVIE | {"synopsis": text}, "synopsis"),
        ("movies", MOVIE | {"certificate": text}, "certificate"),
        ("movies", MOVIE | {"genres": [text]}, "genres.0"),
        ("cinemas", CINEMA | {"name": text}, "name"),
        ("cinemas", CINEMA | {"city": text}, "city"),
        ("auditoriums", plan, "name"),
        ("price-cards", card, "name"),
        ("formats", {"code": text, "name": "A"}, "code"),
        ("formats", {"code": "A", "name": text}, "name"),
    ]:
        assert fields_of(staff.post(f"/api/v1/{path}/", body)) == [field], path
    [field] = fields_of(
        staff.post("/api/v1/auditoriums/", plan | {"name": "A", "rows": [f"{text}: s"]})
    )
    assert field in {"rows", "rows.0"}
    assert not Movie.objects.exists()
    assert not Genre.objects.exists()
    assert Cinema.objects.count() == Auditorium.objects.count() == 1


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: ascii(text[-8:]))
def test_names_of_people_are_refused(text):
    body = {"email": "a@example.com", "password": "correct horse battery", "name": text}
    assert fields_of(client_of().post("/api/v1/auth/signup/", body)) == ["name"]
    alice = make_user()
    assert fields_of(client_of(alice).patch("/api/v1/me/", {"name": text})) == ["name"]


def test_names_that_are_too_long_as_they_are_stored_are_refused(staff):
    long = "\u0958"  # two characters in the normal form, in which text is stored
    person = {"email": "a@example.com", "name": 76 * long}
    auditorium = {"cinema": make_auditorium().cinema_id, "name": 51 * long, "rows": ["A: s"]}
    for path, body, field in [
        ("auth/signup", person | {"password": "correct horse battery"}, "name"),
        ("auth/guest", person, "name"),
        ("movies", MOVIE | {"title": 101 * long}, "title"),
        ("movies", MOVIE | {"genres": [26 * long]}, "genres"),
        ("cinemas", CINEMA | {"city": 51 * long}, "city"),
        ("auditoriums", auditorium, "name"),
    ]:
        assert fields_of(staff.post(f"/api/v1/{path}/", body)) == [field], path
    assert fields_of(staff.patch("/api/v1/me/", {"name": 76 * long})) == ["name"]


@pytest.mark.parametrize("text", UNREADABLE, ids=lambda text: ascii(text[-8:]))
@pytest.mark.parametrize("name", ["search", "genre"])
def test_words_of_a_search_are_refused(name, text):
    assert fields_of(client_of().get("/api/v1/movies/", {name: text})) == [name]


def test_a_synopsis_has_lines_and_a_title_has_one(staff):
    body = MOVIE | {"synopsis": "One.\r\n\r\nTwo.\tThree."}
    assert staff.post("/api/v1/movies/", body).status_code == 201
    assert fields_of(staff.post("/api/v1/movies/", MOVIE | {"title": "One\nTwo"})) == ["title"]


@pytest.mark.parametrize(
    "title", ["👩\u200d🚀", "می\u200cخواهم", "שלום (2024)", "Donau\u00addampf", "Ame\u0301lie", "İ"]
)
def test_titles_that_people_write_are_accepted_and_found(staff, title):
    made = staff.post("/api/v1/movies/", MOVIE | {"title": title})
    assert made.status_code == 201
    found = client_of().get("/api/v1/movies/", {"search": title}).json()["results"]
    assert [movie["id"] for movie in found] == [made.json()["id"]]


def test_a_search_finds_by_any_spelling_over_http():
    make_movie(title="Amélie")
    for words in ("amelie", "AMÉLIE", "ame\u0301lie"):
        found = client_of().get("/api/v1/movies/", {"search": words}).json()["results"]
        assert [movie["title"] for movie in found] == ["Amélie"]
