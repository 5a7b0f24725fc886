from datetime import date

import pytest

from marquee.catalog.models import Movie, MovieTranslation, validate_language
from marquee.demo.german import GERMAN
from marquee.demo.movies import DEMO_MOVIES

movies = pytest.mark.parametrize("movie", DEMO_MOVIES, ids=lambda movie: movie.title)


def test_there_are_enough_movies_and_no_title_twice():
    assert len(DEMO_MOVIES) >= 30
    assert len({movie.title for movie in DEMO_MOVIES}) == len(DEMO_MOVIES)


def test_every_movie_has_its_german_title_and_synopsis():
    assert {*GERMAN} == {movie.title for movie in DEMO_MOVIES}
    for title, synopsis in GERMAN.values():
        MovieTranslation(language="de", title=title, synopsis=synopsis).clean_fields(["movie"])
        assert synopsis.endswith(".")


def test_movies_come_from_many_countries():
    assert {movie.language for movie in DEMO_MOVIES} >= {"de", "en", "es", "fr", "hi", "ja", "ko"}


@movies
def test_the_model_allows_every_movie_of_the_demo(movie):
    row = Movie(
        title=movie.title,
        original_title=movie.original_title,
        original_language=movie.language,
        runtime_minutes=movie.minutes,
        certificate=movie.certificate,
        synopsis=movie.synopsis,
        release_date=movie.released,
    )
    row.clean_fields()
    validate_language(movie.language)


@movies
def test_the_facts_of_a_movie_are_plausible(movie):
    assert 60 < movie.minutes < 240
    assert date(1895, 12, 28) <= movie.released
    assert movie.certificate in {"U", "PG", "12A", "15", "18"}
    assert movie.genres
    assert 1 <= movie.synopsis.count(". ") + 1 <= 3
    assert movie.synopsis.endswith(".")
