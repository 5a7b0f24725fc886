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
CHANGE_SHOW = "catalog.change_show"


class TranslationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A movie's title and synopsis in one of LANGUAGES."""

    language = forms.ChoiceField(choices=[("", "---------"), *settings.LANGUAGES])

    class Meta:
        model = MovieTranslation
        fields = ["language", "title", "synopsis"]


class TranslationInline(admin.StackedInline):  # type: ignore[type-arg]  # generic for mypy alone
    """What a movie is called in the languages of the pages. Who may write the movie may write them."""

    model = MovieTranslation
    form = TranslationForm
    extra = 0
    max_num = len(settings.LANGUAGES)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may see movies."""
        return _may(request, "view") or self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may write the movie."""
        return _may(request, "add" if obj is None else "change")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may write the movie."""
        return self.has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may write the movie."""
        return self.has_add_permission(request, obj)


def _may(request: HttpRequest, verb: str) -> bool:
    user: Any = request.user
    return bool(user.has_perm(f"catalog.{verb}_movie"))


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
        if not _may_extend(self.user, self.instance.pk):
            self.fields.pop("extend_shows", None)


def _may_extend(user: Any, movie_id: int | None) -> bool:
    """Return whether a user may extend the shows of a movie: a new one has none."""
    return movie_id is not None and user is not None and user.has_perm(CHANGE_SHOW)


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
        """Return the fields, without the choice to extend shows where there is none."""
        fields = super().get_fields(request, obj)
        if _may_extend(request.user, obj and obj.pk):
            return fields
        return [name for name in fields if name != "extend_shows"]

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
