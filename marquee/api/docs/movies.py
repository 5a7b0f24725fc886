"""OpenAPI texts and examples of `movies/`."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema_view

from marquee.api.docs.operations import IF_NONE_MATCH, NOT_MODIFIED, operation
from marquee.api.serializers.movies import MovieSerializer
from marquee.catalog.errors import RemovedMeanwhile

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
}
REQUEST_EXAMPLE = OpenApiExample("A movie", MOVIE, request_only=True)
MINIMAL_EXAMPLE = OpenApiExample(
    "The least", {"title": "Metropolis", "runtime_minutes": 153}, request_only=True
)
RESPONSE_EXAMPLE = OpenApiExample("A movie", {"id": 3} | MOVIE, response_only=True)


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
        description="For staff. Without a `poster`, we draw one.",
        responses={201: MovieSerializer},
        examples=[REQUEST_EXAMPLE, MINIMAL_EXAMPLE, RESPONSE_EXAMPLE],
    ),
    update=operation(
        operation_id="movie_replace",
        tags=TAGS,
        summary="Replace a movie",
        description="For staff. Fields left out are reset to their defaults. Shows keep their times.",
        responses=MovieSerializer,
        examples=[REQUEST_EXAMPLE, RESPONSE_EXAMPLE],
        refusals=(RemovedMeanwhile,),
    ),
    partial_update=operation(
        operation_id="movie_change",
        tags=TAGS,
        summary="Change a movie",
        description="For staff. Fields left out keep their values. Shows keep their times.",
        responses=MovieSerializer,
        examples=[
            OpenApiExample("Another certificate", {"certificate": "12A"}, request_only=True),
            RESPONSE_EXAMPLE,
        ],
        refusals=(RemovedMeanwhile,),
    ),
    destroy=operation(
        operation_id="movie_remove",
        tags=TAGS,
        summary="Remove a movie",
        description="For staff. A movie that has shows cannot be removed.",
        request=None,
        responses={204: None},
        refusals=(RemovedMeanwhile,),
    ),
)


poster = operation(
    operation_id="movie_poster",
    tags=TAGS,
    summary="Draw a poster",
    description="Draws a poster for a movie that has no picture. It is always the same one.",
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
