"""Admin pages of movies: what they are called in other languages, and shows that became too short."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest

from marquee.catalog import operations
from marquee.catalog.models import Movie, MovieTranslation
from marquee.catalog.operation_admin import OperationAdmin
from marquee.catalog.queries import ShortShow
from marquee.catalog.records import Translation
from marquee.core.admin import OperationForm

MAX_SHOWS_NAMED = 10


class TranslationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A movie's title and synopsis in one of LANGUAGES."""

    language = forms.ChoiceField(choices=[("", "---------"), *settings.LANGUAGES])

    class Meta:
        model = MovieTranslation
        fields = ["language", "title", "synopsis"]


class TranslationInline(admin.StackedInline):  # type: ignore[type-arg]  # generic for mypy alone
    """What a movie is called in the languages of the pages."""

    model = MovieTranslation
    form = TranslationForm
    extra = 0
    max_num = len(settings.LANGUAGES)


def _translations(rows: Iterable[Any]) -> list[Translation]:
    """Return the translations on the page, without those to be deleted."""
    filled = [row.cleaned_data for row in rows if row.cleaned_data.get("language")]
    return [
        Translation(line["language"], line["title"], line["synopsis"])
        for line in filled
        if not line.get("DELETE")
    ]


class MovieForm(OperationForm):
    """A movie, with the choice to extend its shows."""

    short_shows: Sequence[ShortShow] = ()
    extend_shows = forms.BooleanField(
        required=False,
        help_text="After a longer runtime: let its shows to come end later, all or none.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:  # a new movie has no shows
            self.fields.pop("extend_shows", None)


class MovieAdmin(OperationAdmin):
    """Movies with their genres."""

    form = MovieForm
    list_display = ["title", "runtime_minutes", "certificate", "original_language", "release_date"]
    list_filter = ["genres", "original_language", "certificate"]
    search_fields = ["search_text", "translations__search_text"]
    filter_horizontal = ["genres"]
    inlines = [TranslationInline]
    date_hierarchy = "release_date"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    advice_when_protected = (
        "Delete its shows first. A movie whose shows have sold seats stays, for the sake of the "
        "customers' bookings."
    )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields: a new movie has no shows to extend."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name != "extend_shows"]

    def save_by_operation(self, row: Movie | None, form: Any, formsets: Any) -> Movie:
        """Add or change a movie."""
        fields = form.cleaned_data
        fields["genres"] = [genre.name for genre in fields["genres"]]
        if formsets:
            fields["translations"] = _translations(formsets[0].forms)
        if row is None:
            return operations.add_movie(**fields)
        movie, form.short_shows = operations.change_movie(movie=row, **fields)
        return movie

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the movie, and name the shows that are too short since then."""
        super().save_related(request, form, formsets, change)
        if form.short_shows:
            shows = "; ".join(str(short.show) for short in form.short_shows[:MAX_SHOWS_NAMED])
            count = len(form.short_shows)
            self.message_user(
                request,
                f"Too short for the movie now: {count}. {shows}. To let them end later, save the "
                "movie again with “extend shows”.",
                messages.WARNING,
            )
