"""Where browsers find the posters of pages, and keep them for ever: another poster has another URL."""

from functools import lru_cache

from django.urls import reverse

from marquee.catalog import posters
from marquee.catalog.records import MovieListItem


@lru_cache(maxsize=5_000)
def poster_url(movie: MovieListItem, genres: tuple[str, ...]) -> str:
    """Return the URL of the poster that we draw. Pages load no picture from another site."""
    year = movie.release_date.year if movie.release_date else None
    version = posters.version_of(posters.render_svg(movie.title, year, genres))
    return f"{reverse('movie-poster', args=[movie.id])}?v={version}"
