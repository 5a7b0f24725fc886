"""Read movies: list them, and filter lists of them."""

from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from marquee.catalog.models import Genre, Movie, MovieTranslation, Show
from marquee.catalog.queries.shows import filter_not_ended
from marquee.catalog.records import MovieListItem, MovieText
from marquee.core.sql import fetch_all, json_rows, key_in, keys_param
from marquee.core.text import fold, search_words

MOVIES = f"""
    SELECT {", ".join(MovieListItem._fields[:-2])}, {{genres}}, {{translations}}
    FROM movie WHERE {{chosen}}
"""  # noqa: S608 (names of our own)
GENRES = """
    SELECT genre.name FROM movie_genres JOIN genre ON genre.id = movie_genres.genre_id
    WHERE movie_genres.movie_id = movie.id ORDER BY genre.sort_name
"""
TRANSLATIONS = """
    SELECT language, title, synopsis FROM movie_translation
    WHERE movie_id = movie.id ORDER BY language
"""


def list_movies(ids: Sequence[int]) -> list[MovieListItem]:
    """Return the movies with these ids, in this order, by one query."""
    sql = MOVIES.format(
        genres=json_rows("name", GENRES),
        translations=json_rows("language, title, synopsis", TRANSLATIONS),
        chosen=key_in("movie.id", "movies"),
    )
    rows = fetch_all(sql, {"movies": keys_param(ids)})
    movies = {row[0]: MovieListItem(*row) for row in rows}
    return [movies[movie_id] for movie_id in ids if movie_id in movies]


MOVIE_TEXTS = """
    SELECT movie.id, COALESCE(said.title, movie.title),
        COALESCE(NULLIF(said.synopsis, ''), movie.synopsis)
    FROM movie LEFT JOIN movie_translation AS said
        ON said.movie_id = movie.id AND said.language = %(language)s
    WHERE {chosen}
"""


def movie_texts(ids: Iterable[int], language: str) -> dict[int, MovieText]:
    """Return title and synopsis of movies in a language of the pages, by movie, by one query.

    Where nobody translated them, they are the movie's own.
    """
    sql = MOVIE_TEXTS.format(chosen=key_in("movie.id", "movies"))
    rows = fetch_all(sql, {"movies": keys_param(ids), "language": language})
    return {movie: MovieText(title, synopsis) for movie, title, synopsis in rows}


def movie_title(movie_id: int, language: str) -> str:
    """Return what a movie is called in a language of the pages, by one query. The movie is there."""
    return movie_texts([movie_id], language)[movie_id].title


def search_titles(movies: QuerySet[Movie], words: str) -> QuerySet[Movie]:
    """Return the movies that have each of these words in one of their titles, translated ones included.

    Case, accents and punctuation do not count, on both engines alike: see `core.text.search_text`.
    """
    for forms in search_words(words):
        condition = Q()
        for form in forms:
            condition |= Q(search_text__contains=form)
        translated = MovieTranslation.objects.filter(condition, movie=OuterRef("pk"))
        movies = movies.filter(condition | Exists(translated.order_by()))
    return movies


def filter_by_genre(movies: QuerySet[Movie], name: str) -> QuerySet[Movie]:
    """Return the movies of a genre. Case and accents of its name do not count."""
    words = fold(name)
    matching = [pk for pk, known in Genre.objects.values_list("pk", "name") if fold(known) == words]
    tagged = Movie.genres.through.objects.filter(genre__in=matching)
    return movies.filter(pk__in=tagged.values("movie"))


def has_any_show(shows: QuerySet[Show]) -> Exists:
    """Return the condition that a movie has any of these shows that is not called off."""
    return Exists(shows.filter(movie=OuterRef("pk"), state=Show.State.SCHEDULED))


def find_showing_movies(words: str, *, limit: int) -> list[int]:
    """Return the ids of movies by title that have these words in a title, and a show to come, anywhere."""
    showing = has_any_show(filter_not_ended(Show.objects.order_by()))
    found = search_titles(Movie.objects.filter(showing), words)
    return list(found.values_list("id", flat=True)[:limit])
