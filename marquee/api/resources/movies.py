"""`movies/`: the works that are shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from django.db.models import F, OrderBy, QuerySet
from django.http import HttpResponse, HttpResponseBase, HttpResponseNotModified, QueryDict
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request

from marquee.accounts.permissions import Where
from marquee.api.caching import client_has
from marquee.api.docs import movies as docs
from marquee.api.filters import ChoiceFilter, DayFilter, FilterSet, IdFilter, TextFilter
from marquee.api.negotiation import IgnoreAcceptNegotiation
from marquee.api.serializers.movies import (
    MovieChangeSerializer,
    MovieWriteSerializer,
    serialize_movie,
    serialize_short_show,
)
from marquee.api.views import BaseAPIView
from marquee.api.viewsets import CatalogViewSet
from marquee.catalog import operations, posters, queries
from marquee.catalog.models import Movie, Show
from marquee.catalog.queries import ShortShow
from marquee.core.languages import MAX_LENGTH

POSTER_FOR_A_DAY = "public, max-age=86400"
# A page names the version in the URL: another poster has another URL.
POSTER_FOR_EVER = "public, max-age=31536000, immutable"
SHOW_FILTERS = ("date", "business_day", "cinema")
YES_NO = [("true", "yes"), ("false", "no")]
COLUMNS = {
    "title": "sort_title",
    "release_date": "release_date",
    "runtime_minutes": "runtime_minutes",
}
ORDERS: dict[str, list[OrderBy | str]] = {
    f"{sign}{name}": [OrderBy(F(column), descending=sign == "-", nulls_last=True), "id"]
    for name, column in COLUMNS.items()
    for sign in ("", "-")
}


class MovieFilter(FilterSet):
    """The filters of movies."""

    search = TextFilter(
        method="filter_search",
        max_length=100,
        help_text="Words that must each be in a title: the movie's, the original one, or a translation. Case and accents do not count.",
    )
    genre = TextFilter(
        method="filter_genre",
        max_length=50,
        help_text="The name of a genre. Case and accents do not count.",
    )
    language = TextFilter(
        method="filter_language",
        max_length=MAX_LENGTH,
        help_text="The original language. `pt` finds `pt-BR`, too.",
    )
    date = DayFilter(
        method="filter_shows", help_text="Movies shown on this day in the cinema's time zone."
    )
    business_day = DayFilter(
        method="filter_shows",
        help_text=(
            "Movies shown on this business day: from 06:00 to 05:59 in the cinema's time zone."
        ),
    )
    cinema = IdFilter(
        method="filter_shows",
        help_text="Movies shown in this cinema: on the day given, or without one now or later.",
    )
    now_showing = ChoiceFilter(
        choices=YES_NO,
        method="filter_now_showing",
        help_text="`true`: movies with a show that has not ended; `false`: those without.",
    )
    ordering = ChoiceFilter(
        choices=[(name, name) for name in ORDERS],
        method="order",
        help_text="The default is by title. Unknown release dates come last.",
    )

    @classmethod
    def is_time_dependent(cls, query: QueryDict) -> bool:
        """Return whether the query is about shows that have not ended."""
        on_a_day = query.get("date") or query.get("business_day")
        return "now_showing" in query or ("cinema" in query and not on_a_day)

    def filter_search(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies with these words in a title."""
        return queries.search_titles(movies, value)

    def filter_genre(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies of this genre."""
        return queries.filter_by_genre(movies, value)

    def filter_language(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies in this language. Refuses with BadInput."""
        return queries.filter_by_language(movies, value, column="original_language", field=name)

    def filter_shows(self, movies: QuerySet[Movie], name: str, value: Any) -> QuerySet[Movie]:
        """Keep the movies with a show in that cinema and on that day: one show, for which all hold."""
        given = [each for each in SHOW_FILTERS if self.form.cleaned_data[each]]
        if name != given[0]:
            return movies  # the first of these filters has applied all
        return movies.filter(queries.has_any_show(self._chosen_shows()))

    def _chosen_shows(self) -> QuerySet[Show]:
        """Return the shows in the cinema, on the day given, or else those that have not ended."""
        shows, chosen = self._shows_in_cinema(), self.form.cleaned_data
        if day := chosen["date"]:
            shows = queries.filter_by_local_day(shows, day)
        if day := chosen["business_day"]:
            shows = queries.filter_by_business_day(shows, day)
        on_a_day = chosen["date"] or chosen["business_day"]
        return shows if on_a_day else queries.filter_not_ended(shows)

    def filter_now_showing(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies with a show that has not ended, or those without."""
        showing = queries.has_any_show(queries.filter_not_ended(self._shows_in_cinema()))
        return movies.filter(showing if value == "true" else ~showing)

    def order(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Sort the movies."""
        return movies.order_by(*ORDERS[value])

    def _shows_in_cinema(self) -> QuerySet[Show]:
        cinema = self.form.cleaned_data["cinema"]
        shows = Show.objects.order_by()
        return shows.filter(auditorium__cinema=cinema) if cinema else shows


CHANGES = {"update", "partial_update"}


@docs.viewset
class MovieViewSet(CatalogViewSet[Movie]):
    """`movies/`."""

    queryset = Movie.objects.only("pk")
    serializer_class = MovieWriteSerializer
    filterset_class = MovieFilter
    where = {"create": Where.ANY}
    short_shows: Sequence[ShortShow] = ()

    def get_serializer_class(self) -> type[MovieWriteSerializer]:
        """Return the serializer of a new movie, or of a change, which may concern its shows."""
        return MovieChangeSerializer if self.action in CHANGES else MovieWriteSerializer

    def serialize_many(self, rows: Sequence[Movie]) -> Sequence[Any]:
        """Return movies as API clients see them."""
        origin = f"{self.request.scheme}://{self.request.get_host()}"
        movies = queries.list_movies([movie.pk for movie in rows])
        return [serialize_movie(movie, origin) for movie in movies]

    def cinemas_of_row(self, row: Movie) -> Collection[int | None]:
        """Return the cinemas that show a movie, or have shown it. One that is new is any manager's."""
        shows = Show.objects.filter(movie=row).order_by()
        return list(shows.values_list("auditorium__cinema", flat=True).distinct())

    def cinemas_of_fields(self, fields: Mapping[str, Any]) -> Collection[int | None]:
        """Return none: a movie names no cinema."""
        return []

    def add_row(self, **fields: Any) -> Movie:
        """Add a movie."""
        return operations.add_movie(**fields)

    def change_row(self, row: Movie, **fields: Any) -> Movie:
        """Change a movie."""
        movie, self.short_shows = operations.change_movie(movie=row, **fields)
        return movie

    def written_response(
        self, row: Movie, code: int = status.HTTP_200_OK, headers: Mapping[str, str] | None = None
    ) -> HttpResponseBase:
        """Return the movie, with the shows that are too short since the change, if there are any."""
        response = self.representation(row)
        if self.short_shows:
            short = [serialize_short_show(short) for short in self.short_shows]
            more = orjson.dumps({"shows_too_short": short})
            response = replace(response, body=response.body[:-1] + b"," + more[1:])
        return response.written(code, headers or {})

    def delete_row(self, row: Movie) -> None:
        """Delete a movie."""
        operations.delete(row=row)


class PosterView(BaseAPIView):
    """`movies/{id}/poster/`."""

    authentication_classes = []
    content_negotiation_class = IgnoreAcceptNegotiation

    def query_parameters(self, request: Request) -> Collection[str]:
        """Return the query parameters: the version that a page asks for, and its language."""
        return {"v", "language"}

    @docs.poster
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        """Return a poster drawn for a movie that has no picture of its own."""
        movie = get_object_or_404(Movie.objects.only("title", "release_date"), pk=pk)
        year = movie.release_date.year if movie.release_date else None
        genres = movie.genres.values_list("name", flat=True)
        asked = movie.translations.filter(language=request.query_params.get("language", ""))
        translated = asked.values_list("title", flat=True).first() or ""
        svg = posters.render_svg(movie.title, year, genres, translated=translated)
        version = posters.version_of(svg)
        is_current = request.query_params.get("v") == version
        headers = {
            "ETag": f'"{version}"',
            "Cache-Control": POSTER_FOR_EVER if is_current else POSTER_FOR_A_DAY,
        }
        if client_has(request, headers["ETag"]):
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(svg, content_type="image/svg+xml", headers=headers)
