from datetime import date

import pytest

from marquee.catalog.models import Movie, check_language
from marquee.demo.movies import FILMS

films = pytest.mark.parametrize("film", FILMS, ids=lambda film: film.title)


def test_there_are_enough_films_and_no_title_twice():
    assert len(FILMS) >= 30
    assert len({film.title for film in FILMS}) == len(FILMS)


def test_films_come_from_many_countries():
    assert {film.language for film in FILMS} >= {"de", "en", "es", "fr", "hi", "ja", "ko"}


@films
def test_a_film_is_a_movie_that_the_model_allows(film):
    movie = Movie(
        title=film.title,
        original_title=film.original_title,
        original_language=film.language,
        runtime_minutes=film.minutes,
        certificate=film.certificate,
        synopsis=film.synopsis,
        release_date=film.released,
    )
    movie.clean_fields()
    check_language(film.language)


@films
def test_the_facts_of_a_film_are_believable(film):
    assert 60 < film.minutes < 240
    assert date(1895, 12, 28) <= film.released
    assert film.certificate in {"U", "PG", "12A", "15", "18"}
    assert film.genres
    assert 1 <= film.synopsis.count(". ") + 1 <= 3
    assert film.synopsis.endswith(".")
