"""Movies as JSON."""

from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.urls import reverse
from rest_framework import serializers

from marquee.api.serializers.strict import ListField, StrictModelSerializer, StrictSerializer
from marquee.catalog.models import Movie
from marquee.catalog.queries import MovieListItem, ShortShow
from marquee.catalog.records import Translation
from marquee.core.zones import isoformat_in

MAX_TRANSLATIONS = len(settings.LANGUAGES)
REQUIRED = serializers.ErrorDetail("This field is required.", "required")


class TranslationWriteSerializer(StrictSerializer):
    """A movie's title and synopsis in a language of the pages, as staff write them."""

    language = serializers.ChoiceField(settings.LANGUAGES)
    title = serializers.CharField(max_length=200)
    synopsis = serializers.CharField(
        max_length=5000,
        required=False,
        allow_blank=True,
        style={"base_template": "textarea.html"},
        help_text="Empty, the movie's own is shown.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Require whole translations in a PATCH, too: DRF makes nested fields optional there. Raises 400."""
        if missing := [name for name in ("language", "title") if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, REQUIRED))
        return attrs


class MovieWriteSerializer(StrictModelSerializer):
    """A movie as staff write it."""

    genres = ListField(
        child=serializers.CharField(max_length=50),
        default=list,
        max_length=20,
        help_text="By name, in upper or lower case; new ones are created.",
    )
    translations = ListField(
        child=TranslationWriteSerializer(),
        default=list,
        max_length=MAX_TRANSLATIONS,
        help_text="Titles and synopses in the languages of the pages, each once. Searches find them.",
    )

    class Meta:
        model = Movie
        fields = [
            "title", "original_title", "synopsis", "runtime_minutes", "certificate", "genres",
            "original_language", "release_date", "poster", "trailer", "translations",
        ]  # fmt: skip
        extra_kwargs = {
            name: {"default": ""}
            for name in (
                "original_title", "synopsis", "certificate", "original_language", "poster",
                "trailer",
            )
        } | {"release_date": {"default": None}}  # fmt: skip

    def validate_translations(self, translations: list[dict[str, str]]) -> list[Translation]:
        """Return the translations as the operation expects them."""
        return [Translation(**fields) for fields in translations]


class MovieChangeSerializer(MovieWriteSerializer):
    """A movie as staff change it."""

    extend_shows = serializers.BooleanField(
        default=False,
        help_text="After a longer runtime: let its shows to come end later, all or none.",
    )

    class Meta(MovieWriteSerializer.Meta):
        fields = [*MovieWriteSerializer.Meta.fields, "extend_shows"]


class ShortShowSerializer(StrictSerializer):
    """A show to come that is too short for its movie."""

    id = serializers.IntegerField()
    auditorium = serializers.CharField(help_text="The name of the auditorium, and of its cinema.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    needed_until = serializers.DateTimeField(help_text="When it would have to end.")


class TranslationSerializer(StrictSerializer):
    """A movie's title and synopsis in a language of the pages."""

    language = serializers.ChoiceField(settings.LANGUAGES)
    title = serializers.CharField()
    synopsis = serializers.CharField(help_text="Empty, the movie's own is shown.")


class MovieSerializer(StrictSerializer):
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
    poster = serializers.URLField(
        help_text="The URL of the movie's picture, or of the poster that we draw."
    )
    trailer = serializers.CharField(help_text="The URL of a trailer, or empty.")
    translations = TranslationSerializer(many=True)


class ChangedMovieSerializer(MovieSerializer):
    """A movie after a change."""

    shows_too_short = ShortShowSerializer(
        many=True,
        required=False,
        help_text="The shows to come that a longer runtime makes too short; left out where there are "
        "none. `extend_shows` lets them end later.",
    )


def serialize_short_show(short: ShortShow) -> dict[str, Any]:
    """Return a show that is too short as staff see it."""
    show, needed_until = short
    return {
        "id": show.pk,
        "auditorium": str(show.auditorium),
        "starts_at": isoformat_in(show.starts_at, show.timezone),
        "ends_at": isoformat_in(show.ends_at, show.timezone),
        "needed_until": isoformat_in(needed_until, show.timezone),
    }


@lru_cache(maxsize=2000)
def serialize_movie(movie: MovieListItem, origin: str) -> orjson.Fragment:
    """Return a movie as API clients see it, as JSON. Cached per process and per record."""
    body = movie._asdict() | {
        "genres": [name for (name,) in orjson.loads(movie.genres or "[]")],
        "translations": [
            Translation(*columns)._asdict() for columns in orjson.loads(movie.translations or "[]")
        ],
        "poster": movie.poster or origin + poster_path(movie.id),
    }
    return orjson.Fragment(orjson.dumps(body))


def poster_path(movie_id: int) -> str:
    """Return the path of the poster that we draw."""
    return reverse("movie-poster", args=[movie_id])
