"""Movies: the works that are shown."""

from functools import lru_cache
from typing import Any

import orjson
from django.db.models import F, OrderBy, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.api.filters import DayFilter, FilterSet, IdFilter
from marquee.api.schema import IF_NONE_MATCH, NOT_MODIFIED, refuses
from marquee.api.serializers import ListField, ModelShape, Shape
from marquee.api.views import View
from marquee.api.viewsets import CatalogueViewSet, gone
from marquee.catalog import operations, posters, queries
from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.models import Movie, Show
from marquee.catalog.queries import MovieListItem

TAGS = ["movies"]
POSTER_SECONDS = 86_400
YES_NO = [("true", "yes"), ("false", "no")]
ORDERS: dict[str, list[OrderBy | str]] = {
    name: [OrderBy(F(name.lstrip("-")), descending=name[0] == "-", nulls_last=True), "id"]
    for field in ("title", "release_date", "runtime_minutes")
    for name in (field, f"-{field}")
}
MOVIE = {
    "title": "Metropolis",
    "original_title": "Metropolis",
    "synopsis": "In a city of towers, the son of its master falls in love with a prophet.",
    "runtime_minutes": 153,
    "certificate": "PG",
    "genres": ["Drama", "Science fiction"],
    "original_language": "de",
    "release_date": "1927-01-10",
    "poster": "https://posters.example/metropolis.jpg",
    "trailer": "https://trailers.example/metropolis",
}
REQUEST = OpenApiExample("A movie", MOVIE, request_only=True)
LEAST = OpenApiExample(
    "The least", {"title": "Metropolis", "runtime_minutes": 153}, request_only=True
)
ANSWER = OpenApiExample("A movie", {"id": 3} | MOVIE, response_only=True)


@extend_schema_serializer(component_name="Movie")
class MovieBody(ModelShape):
    """A movie as staff write it."""

    genres = ListField(
        child=serializers.CharField(max_length=50),
        default=list,
        max_length=20,
        help_text="By name, in any case; those new to us are made.",
    )

    class Meta:
        model = Movie
        fields = list(MOVIE)
        extra_kwargs = {
            name: {"default": ""}
            for name in (
                "original_title", "synopsis", "certificate", "original_language", "poster",
                "trailer",
            )
        } | {"release_date": {"default": None}}  # fmt: skip


@extend_schema_serializer(component_name="Movie")
class MovieShape(Shape):
    """A movie."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    original_title = serializers.CharField()
    synopsis = serializers.CharField()
    runtime_minutes = serializers.IntegerField()
    certificate = serializers.CharField(help_text="The age certificate.")
    genres = serializers.ListField(child=serializers.CharField())
    original_language = serializers.CharField(help_text="BCP 47: en, pt-BR")
    release_date = serializers.DateField(allow_null=True)
    poster = serializers.URLField(help_text="A picture of its own, or the one we draw.")
    trailer = serializers.CharField(help_text="The address of a trailer, or nothing.")


@lru_cache(maxsize=2000)
def movie_told(movie: MovieListItem, here: str) -> orjson.Fragment:
    """Return a movie as callers see it, as JSON: made once a process as long as it is this."""
    answer = movie._asdict() | {
        "genres": [name for (name,) in orjson.loads(movie.genres or "[]")],
        "poster": movie.poster or here + poster_path(movie.id),
    }
    return orjson.Fragment(orjson.dumps(answer))


def poster_path(movie_id: int) -> str:
    """Return where the poster is that we draw."""
    return reverse("movie-poster", args=[movie_id])


class MovieFilter(FilterSet):
    """Which movies to list."""

    search = filters.CharFilter(
        method="by_words",
        max_length=100,
        help_text="Words that all stand in the title or the original title, in any case.",
    )
    genre = filters.CharFilter(
        method="by_genre", max_length=50, help_text="The name of a genre, in any case."
    )
    language = filters.CharFilter(
        field_name="original_language", max_length=12, help_text="The original language: `en`."
    )
    date = DayFilter(
        method="by_shows", help_text="Movies shown on this day, by their cinema's own clock."
    )
    cinema = IdFilter(
        method="by_shows",
        help_text="Movies shown in this cinema: on the `date`, else now or in the future.",
    )
    now_showing = filters.ChoiceFilter(
        choices=YES_NO,
        method="by_now_showing",
        help_text="`true`: movies with a show that has not ended; `false`: those without.",
    )
    ordering = filters.ChoiceFilter(
        choices=[(name, name) for name in ORDERS],
        method="in_order",
        help_text="By title unless told otherwise. Unknown release dates come last.",
    )

    @classmethod
    def follows_the_clock(cls, query: QueryDict) -> bool:
        """Say so of shows to come, which end; those of a day stay those of the day."""
        return "now_showing" in query or ("cinema" in query and not query.get("date"))

    def by_words(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies with these words in a title."""
        return queries.search_titles(movies, value)

    def by_genre(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies of this genre."""
        return queries.of_genre(movies, value)

    def by_shows(self, movies: QuerySet[Movie], name: str, value: Any) -> QuerySet[Movie]:
        """Keep the movies with a show that is both at that cinema and on that day."""
        day = self.form.cleaned_data["date"]
        if day and name == "cinema":
            return movies  # `date` says it for both
        shows = self._shows_there()
        shows = queries.on_local_day(shows, day) if day else queries.not_ended(shows)
        return movies.filter(queries.of_shows(shows))

    def by_now_showing(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Keep the movies that can still be seen, or those that cannot."""
        showing = queries.of_shows(queries.not_ended(self._shows_there()))
        return movies.filter(showing if value == "true" else ~showing)

    def in_order(self, movies: QuerySet[Movie], name: str, value: str) -> QuerySet[Movie]:
        """Sort the movies."""
        return movies.order_by(*ORDERS[value])

    def _shows_there(self) -> QuerySet[Show]:
        cinema = self.form.cleaned_data["cinema"]
        shows = Show.objects.order_by()
        return shows.filter(auditorium__cinema=cinema) if cinema else shows


class MovieViewSet(CatalogueViewSet[Movie]):
    """`movies/`."""

    queryset = Movie.objects.only("pk")
    serializer_class = MovieBody
    filterset_class = MovieFilter

    def answers(self, rows: list[Movie]) -> list[Any]:
        """Return movies as callers see them."""
        here = f"{self.request.scheme}://{self.request.get_host()}"
        movies = queries.listed_movies([movie.pk for movie in rows])
        return [movie_told(movie, here) for movie in movies]

    @extend_schema(
        operation_id="movie_list",
        tags=TAGS,
        summary="List movies",
        description="Movies by title. What is on tonight: `?date=…&cinema=…`.",
        parameters=[IF_NONE_MATCH],
        responses={200: MovieShape(many=True), 304: NOT_MODIFIED},
        examples=[ANSWER],
    )
    def list(self, request: Request) -> HttpResponseBase:
        """List."""
        return self.page()

    @extend_schema(
        operation_id="movie_read",
        tags=TAGS,
        summary="Read a movie",
        description="One movie.",
        responses=MovieShape,
        examples=[ANSWER],
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        """Read."""
        return self.one(self.get_object())

    @extend_schema(
        operation_id="movie_create",
        tags=TAGS,
        summary="Add a movie",
        description="For staff. Without a `poster`, we draw one.",
        responses={201: MovieShape},
        examples=[REQUEST, LEAST, ANSWER],
    )
    def create(self, request: Request) -> Response:
        """Add."""
        return self.created(operations.add_movie(**self.body()))

    @extend_schema(
        operation_id="movie_replace",
        tags=TAGS,
        summary="Replace a movie",
        description="For staff. What is left out goes back to its default. Shows keep their times.",
        responses=MovieShape,
        examples=[REQUEST, ANSWER],
    )
    @refuses(RemovedMeanwhile)
    def update(self, request: Request, pk: int) -> Response:
        """Replace."""
        return self._change(partial=False)

    @extend_schema(
        operation_id="movie_change",
        tags=TAGS,
        summary="Change a movie",
        description="For staff. What is left out stays. Shows keep their times.",
        responses=MovieShape,
        examples=[
            OpenApiExample("Another certificate", {"certificate": "12A"}, request_only=True),
            ANSWER,
        ],
    )
    @refuses(RemovedMeanwhile)
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change."""
        return self._change(partial=True)

    @extend_schema(
        operation_id="movie_remove",
        tags=TAGS,
        summary="Remove a movie",
        description="For staff. A movie that has shows stays.",
        request=None,
        responses={204: None},
    )
    @refuses(RemovedMeanwhile)
    def destroy(self, request: Request, pk: int) -> Response:
        """Remove."""
        operations.delete(row=self.get_object())
        return gone()

    def _change(self, *, partial: bool) -> Response:
        movie = self.get_object()
        return self.one(operations.change_movie(movie=movie, **self.body(partial=partial)))


class AnyAccept(BaseContentNegotiation):
    """Sends what there is, whatever the caller says they accept: an <img> asks for pictures."""

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        """Return the JSON renderer, for refusals; a picture needs none."""
        return renderers[0], renderers[0].media_type

    def select_parser(self, request: Any, parsers: Any) -> Any:
        """Return the one parser there is."""
        return parsers[0]


class Poster(View):
    """`movies/{id}/poster/`."""

    authentication_classes = []
    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="movie_poster",
        tags=TAGS,
        summary="Draw a poster",
        description="A poster for a movie that has no picture of its own, always the same.",
        responses={(200, "image/svg+xml"): OpenApiTypes.STR},
        examples=[
            OpenApiExample(
                "The beginning",
                '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 600">…</svg>',
                response_only=True,
                media_type="image/svg+xml",
            )
        ],
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """Draw."""
        movie = get_object_or_404(Movie.objects.only("title", "release_date"), pk=pk)
        year = movie.release_date.year if movie.release_date else None
        picture = posters.draw(movie.title, year)
        return HttpResponse(
            picture,
            content_type="image/svg+xml",
            headers={
                "Cache-Control": f"public, max-age={POSTER_SECONDS}",
                # An SVG opened by itself is a document: it may run and load nothing.
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            },
        )
