"""OpenAPI texts and examples of `movies/`."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema_view

from marquee.api.docs.operations import IF_NONE_MATCH, NOT_MODIFIED, operation
from marquee.api.serializers.movies import ChangedMovieSerializer, MovieSerializer
from marquee.catalog.errors import RemovedMeanwhile, ShowOverlaps

TAGS = ["movies"]
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
    "translations": [
        {
            "language": "de",
            "title": "Metropolis",
            "synopsis": "In einer Stadt der Türme verliebt sich der Sohn ihres Herrn in eine Predigerin.",
        }
    ],
}
REQUEST_EXAMPLE = OpenApiExample("A movie", MOVIE, request_only=True)
MINIMAL_EXAMPLE = OpenApiExample(
    "The least", {"title": "Metropolis", "runtime_minutes": 153}, request_only=True
)
RESPONSE_EXAMPLE = OpenApiExample("A movie", {"id": 3} | MOVIE, response_only=True)
CHANGED_EXAMPLE = OpenApiExample(
    "A movie whose show is too short now",
    {"id": 3}
    | MOVIE
    | {
        "shows_too_short": [
            {
                "id": 7,
                "auditorium": "Saal 1, Gartenbau, Vienna",
                "starts_at": "2031-11-24T20:15:00+01:00",
                "ends_at": "2031-11-24T23:08:00+01:00",
                "needed_until": "2031-11-24T23:15:00+01:00",
            }
        ]
    },
    response_only=True,
)
RUNTIME = (
    "Shows keep their times. `shows_too_short` names those to come that a longer runtime makes too "
    "short; with `extend_shows` they end later, unless one would overlap another show: then nothing "
    "changes."
)

ITS_CINEMAS = "The cinemas of a movie are all that show it or have shown it; one without shows is any manager's."


viewset = extend_schema_view(
    list=operation(
        operation_id="movie_list",
        tags=TAGS,
        summary="List movies",
        description="Lists movies by title. Tonight's movies in a cinema: `?date=…&cinema=…`.",
        parameters=[IF_NONE_MATCH],
        responses={200: MovieSerializer(many=True), 304: NOT_MODIFIED},
        examples=[RESPONSE_EXAMPLE],
    ),
    retrieve=operation(
        operation_id="movie_read",
        tags=TAGS,
        summary="Read a movie",
        description="Returns one movie.",
        responses=MovieSerializer,
        examples=[RESPONSE_EXAMPLE],
    ),
    create=operation(
        operation_id="movie_create",
        tags=TAGS,
        summary="Add a movie",
        description="Without a `poster`, we draw one.",
        responses={201: MovieSerializer},
        examples=[REQUEST_EXAMPLE, MINIMAL_EXAMPLE, RESPONSE_EXAMPLE],
    ),
    update=operation(
        operation_id="movie_replace",
        tags=TAGS,
        summary="Replace a movie",
        description=f"{ITS_CINEMAS} Fields left out are reset to their defaults. {RUNTIME}",
        responses=ChangedMovieSerializer,
        examples=[REQUEST_EXAMPLE, CHANGED_EXAMPLE],
        refusals=(ShowOverlaps, RemovedMeanwhile),
    ),
    partial_update=operation(
        operation_id="movie_change",
        tags=TAGS,
        summary="Change a movie",
        description=f"{ITS_CINEMAS} Fields left out keep their values. {RUNTIME}",
        responses=ChangedMovieSerializer,
        examples=[
            OpenApiExample("Another certificate", {"certificate": "12A"}, request_only=True),
            OpenApiExample(
                "A longer cut", {"runtime_minutes": 160, "extend_shows": True}, request_only=True
            ),
            CHANGED_EXAMPLE,
        ],
        refusals=(ShowOverlaps, RemovedMeanwhile),
    ),
    destroy=operation(
        operation_id="movie_remove",
        tags=TAGS,
        summary="Remove a movie",
        description=f"{ITS_CINEMAS} A movie that has shows cannot be removed.",
        request=None,
        responses={204: None},
        refusals=(RemovedMeanwhile,),
    ),
)


poster = operation(
    operation_id="movie_poster",
    tags=TAGS,
    summary="Draw a poster",
    description=(
        "Draws a poster for a movie that has no picture: a still life for its genre. It is always the "
        "same one."
    ),
    parameters=[
        OpenApiParameter(
            "language",
            str,
            description="For the movie's title in this language, such as `de`, where it is translated.",
        ),
        OpenApiParameter(
            "v",
            str,
            description="The version, which is its ETag: that response may be stored for ever.",
        ),
        IF_NONE_MATCH,
    ],
    responses={(200, "image/svg+xml"): OpenApiTypes.STR, 304: NOT_MODIFIED},
    examples=[
        OpenApiExample(
            "The beginning",
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 600">…</svg>',
            response_only=True,
            media_type="image/svg+xml",
        )
    ],
)
