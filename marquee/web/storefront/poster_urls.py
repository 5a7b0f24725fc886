"""Where browsers find the posters of pages, and keep them for ever: another poster has another URL."""

from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from marquee.catalog import posters
from marquee.catalog.records import MovieListItem


@lru_cache(maxsize=5_000)
def poster_url(movie: MovieListItem, title: str, genres: tuple[str, ...], language: str) -> str:
    """Return the URL of the poster that we draw, with the title in a language of the pages.

    Pages load no picture from another site.
    """
    year = movie.release_date.year if movie.release_date else None
    translated = title if title != movie.title else ""
    svg = posters.render_svg(movie.title, year, genres, translated=translated)
    query = {"language": language} if translated else {}
    query["v"] = posters.version_of(svg)
    return f"{reverse('movie-poster', args=[movie.id])}?{urlencode(query)}"
