"""What movies are called in other languages: written by staff, read and searched by everybody."""

import pytest

from marquee.catalog.models import Movie, MovieTranslation
from marquee.catalog.operations import add_movie, change_movie
from marquee.catalog.queries import MovieText, movie_texts
from marquee.catalog.records import Translation
from marquee.core.errors import BadInput
from tests.factories import client_of, make_movie, make_staff

pytestmark = pytest.mark.django_db

MOVIES = "/api/v1/movies/"
GERMAN = {"language": "de", "title": "Das Leben der Anderen", "synopsis": "Ost-Berlin, 1984."}
ENGLISH = {"language": "en", "title": "The Lives of Others", "synopsis": ""}
M = {"title": "M", "runtime_minutes": 111}


@pytest.fixture
def staff_client():
    return client_of(make_staff())


def stored(movie_id):
    rows = MovieTranslation.objects.filter(movie=movie_id).order_by("language")
    return list(rows.values("language", "title", "synopsis"))


def test_a_movie_is_added_with_its_translations_and_read_with_them(staff_client):
    created = staff_client.post(MOVIES, M | {"translations": [ENGLISH, GERMAN]}, format="json")

    assert created.status_code == 201
    assert created.json()["translations"] == [GERMAN, ENGLISH]
    url = f"{MOVIES}{created.json()['id']}/"
    assert client_of().get(url).json() == created.json()
    assert client_of().get(MOVIES).json()["results"] == [created.json()]


def test_a_movie_without_translations_has_an_empty_list(staff_client):
    created = staff_client.post(MOVIES, M, format="json")

    assert created.json()["translations"] == []


def test_translations_change_as_a_whole_and_only_when_they_are_sent(staff_client):
    movie = add_movie(**M, translations=[Translation(**GERMAN)])
    row = movie.translations.get()
    url = f"{MOVIES}{movie.pk}/"

    staff_client.patch(url, {"certificate": "12"}, format="json")
    assert stored(movie.pk) == [GERMAN]

    changed = GERMAN | {"title": "Andere Leben"}
    answer = staff_client.patch(url, {"translations": [changed, ENGLISH]}, format="json")
    assert answer.json()["translations"] == [changed, ENGLISH]
    assert movie.translations.get(language="de").pk == row.pk

    staff_client.patch(url, {"translations": [{"language": "en", "title": "M"}]}, format="json")
    assert stored(movie.pk) == [{"language": "en", "title": "M", "synopsis": ""}]

    assert staff_client.put(url, M, format="json").json()["translations"] == []


@pytest.mark.parametrize(
    "translations",
    [
        [GERMAN | {"language": "fr"}],
        [GERMAN, GERMAN],
        [{"language": "de"}],
        [{"title": "x"}],
        [GERMAN | {"title": ""}],
        [GERMAN | {"title": "\u200b"}],
        [GERMAN | {"title": "x" * 201}],
        [GERMAN | {"synopsis": "x" * 5001}],
        [GERMAN | {"nonsense": 1}],
        [GERMAN | {"title": "a\nb"}],
        GERMAN,
        ["de"],
        None,
        [GERMAN] * 50,
    ],
)
@pytest.mark.parametrize("method", ["post", "patch"])
def test_bad_translations_are_refused_and_change_nothing(staff_client, method, translations):
    movie = add_movie(**M, translations=[Translation(**ENGLISH)])
    url = MOVIES if method == "post" else f"{MOVIES}{movie.pk}/"

    answer = getattr(staff_client, method)(
        url, {"title": "Other", "runtime_minutes": 1, "translations": translations}, format="json"
    )

    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["field"].startswith("translations")
    assert stored(movie.pk) == [ENGLISH]
    assert list(Movie.objects.values_list("title", flat=True)) == ["M"]


def test_the_operation_refuses_an_unknown_language_and_a_language_twice():
    movie = make_movie()
    for languages in (["fr"], ["de", "de"]):
        with pytest.raises(BadInput) as caught:
            change_movie(movie=movie, translations=[Translation(one, "x") for one in languages])
        assert caught.value.field == "translations"
    assert stored(movie.pk) == []


def test_a_search_finds_words_of_translated_titles(staff_client):
    movie = add_movie(**M, translations=[Translation("de", "Mörder unter uns")])
    make_movie(title="Another")

    for words in ("morder", "MOERDER uns"):
        found = client_of().get(MOVIES, {"search": words}).json()["results"]
        assert [one["id"] for one in found] == [movie.pk]
    # All words are in one title, or each is in another title of the same movie.
    assert client_of().get(MOVIES, {"search": "m morder"}).json()["results"]
    assert not client_of().get(MOVIES, {"search": "another morder"}).json()["results"]


def test_a_list_of_movies_with_translations_costs_no_more_statements(
    staff_client, django_assert_num_queries
):
    for _ in range(3):
        add_movie(**M, translations=[Translation(**GERMAN), Translation(**ENGLISH)])
    with django_assert_num_queries(3):
        client_of().get(MOVIES)


def test_the_texts_of_movies_in_a_language_cost_one_statement(django_assert_num_queries):
    translated = add_movie(
        **M, synopsis="A killer.", translations=[Translation("de", "M – Eine Stadt", "")]
    )
    own = make_movie(title="Own", synopsis="Its own.")

    with django_assert_num_queries(1):
        texts = movie_texts([translated.pk, own.pk, 10**9], "de")

    assert texts == {
        translated.pk: MovieText("M – Eine Stadt", "A killer."),
        own.pk: MovieText("Own", "Its own."),
    }
    assert movie_texts([translated.pk], "en")[translated.pk].title == "M"
