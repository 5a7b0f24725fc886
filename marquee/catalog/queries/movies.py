"""Read movies: list them, and filter lists of them."""

import re
from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from marquee.catalog.models import Movie, Show
from marquee.catalog.records import MovieListItem
from marquee.core.sql import fetch_all, json_rows, key_in, keys_param

MOVIES = f"""
    SELECT {", ".join(MovieListItem._fields[:-1])}, {{genres}}
    FROM movie WHERE {{chosen}}
"""  # noqa: S608 (names of our own)
GENRES = """
    SELECT genre.name FROM movie_genres JOIN genre ON genre.id = movie_genres.genre_id
    WHERE movie_genres.movie_id = movie.id ORDER BY genre.name
"""


def list_movies(ids: Sequence[int]) -> list[MovieListItem]:
    """Return the movies with these ids, in this order, by one query."""
    sql = MOVIES.format(genres=json_rows("name", GENRES), chosen=key_in("movie.id", "movies"))
    rows = fetch_all(sql, {"movies": keys_param(ids)})
    movies = {row[0]: MovieListItem(*row) for row in rows}
    return [movies[movie_id] for movie_id in ids if movie_id in movies]


def search_titles(movies: QuerySet[Movie], words: str) -> QuerySet[Movie]:
    """Return the movies that have each of these words in one of their titles, in any case.

    SQLite's LIKE ignores case in ASCII only. So this uses regular expressions, on SQLite those of Python.
    """
    for word in words.split():
        pattern = re.escape(word)
        movies = movies.filter(Q(title__iregex=pattern) | Q(original_title__iregex=pattern))
    return movies


def filter_by_genre(movies: QuerySet[Movie], name: str) -> QuerySet[Movie]:
    """Return the movies of a genre. The name may be in any case."""
    tagged = Movie.genres.through.objects.filter(genre__name__iregex=f"^{re.escape(name)}$")
    return movies.filter(pk__in=tagged.values("movie"))


def has_any_show(shows: QuerySet[Show]) -> Exists:
    """Return the condition that a movie has any of these shows that is not called off."""
    return Exists(shows.filter(movie=OuterRef("pk"), state=Show.State.SCHEDULED))
