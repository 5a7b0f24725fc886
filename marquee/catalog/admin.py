"""Admin pages of the catalog. They save by the operations, so the rules hold here, too.

A refusal becomes an error of the form, and nothing is saved.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from marquee.catalog import operations, queries
from marquee.catalog.models import (
    Auditorium,
    Cinema,
    Genre,
    Movie,
    Price,
    PriceCard,
    SeatPlan,
    Show,
    TicketType,
)
from marquee.core.admin import OperationForm, OperationFormAdmin
from marquee.core.money import Money

admin.site.site_header = admin.site.site_title = "Marquee"
admin.site.index_title = "Back office"


class OperationAdmin(OperationFormAdmin):
    """A page that saves its form by an operation, which subclasses choose."""

    form = OperationForm

    def save_by_operation(self, row: Any, form: Any, formsets: Any) -> Model:
        """Add a row, or change the row that is there. Refuses as the operation does."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing. `save_related` saves the page when its inlines are known, too."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the page by its operation."""
        row = self.model._default_manager.get(pk=form.instance.pk) if change else None
        form.instance.pk = self.save_by_operation(row, form, formsets).pk
        form.instance.refresh_from_db()

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: Any = None
    ) -> Any:
        """Describe what changed in the form. The operation, not Django, saved the inlines."""
        return super().construct_change_message(request, form, [], add)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a row by its operation."""
        operations.delete(row=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the chosen rows, one by one."""
        for row in queryset:
            self.delete_model(request, row)


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """Rows that this page shows but does not change."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are not added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are not changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are not deleted here."""
        return False


@admin.register(Genre)
class GenreAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Genres of movies."""

    search_fields = ["name"]


@admin.register(TicketType)
class TicketTypeAdmin(OperationAdmin):
    """Ticket types. API clients refer to a type by its code, so the code stays."""

    list_display = ["code", "name", "position", "needs_kind", "needs_type", "counter_only"]
    list_select_related = ["needs_type"]
    search_fields = ["code", "name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the code, unless the type is new."""
        return ["code"] if obj else []

    def save_by_operation(self, row: TicketType | None, form: Any, formsets: Any) -> TicketType:
        """Add or change a ticket type."""
        if row is None:
            return operations.add_ticket_type(**form.cleaned_data)
        return operations.change_ticket_type(ticket_type=row, **form.cleaned_data)


@admin.register(Movie)
class MovieAdmin(OperationAdmin):
    """Movies with their genres."""

    list_display = ["title", "runtime_minutes", "certificate", "original_language", "release_date"]
    list_filter = ["genres", "original_language", "certificate"]
    search_fields = ["title", "original_title"]
    filter_horizontal = ["genres"]
    date_hierarchy = "release_date"
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def save_by_operation(self, row: Movie | None, form: Any, formsets: Any) -> Movie:
        """Add or change a movie."""
        fields = form.cleaned_data
        fields["genres"] = [genre.name for genre in fields["genres"]]
        if row is None:
            return operations.add_movie(**fields)
        return operations.change_movie(movie=row, **fields)


class AuditoriumInline(ReadOnlyInline):
    """The auditoriums of a cinema, each with a link to its own page."""

    model = Auditorium
    fields = ["name", "turnaround_minutes"]
    show_change_link = True


@admin.register(Cinema)
class CinemaAdmin(OperationAdmin):
    """Cinemas with their auditoriums."""

    list_display = ["name", "city", "timezone", "currency"]
    list_filter = ["city"]
    search_fields = ["name", "city"]
    inlines = [AuditoriumInline]

    def save_by_operation(self, row: Cinema | None, form: Any, formsets: Any) -> Cinema:
        """Add or change a cinema."""
        if row is None:
            return operations.add_cinema(**form.cleaned_data)
        return operations.change_cinema(cinema=row, **form.cleaned_data)


class AuditoriumForm(OperationForm):
    """An auditorium with its seats as text."""

    rows = forms.CharField(
        label="Seat plan",
        widget=forms.Textarea(attrs={"rows": 16, "cols": 100, "style": "font-family: monospace"}),
        help_text=(
            "One line a row, from the screen back, such as B: pp_ww_cc. s standard, p premium, "
            "r recliner, w wheelchair space, c companion seat, _ a gap. Another plan is a new "
            "version: shows that are there keep theirs."
        ),
    )

    class Meta:
        model = Auditorium
        fields = ["cinema", "name", "turnaround_minutes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["rows"] = "\n".join(queries.newest_plan(self.instance).rows)

    def clean_rows(self) -> list[str]:
        """Return the lines of the seat plan, without blank ones."""
        return [line for line in self.cleaned_data["rows"].splitlines() if line.strip()]


class SeatPlanInline(ReadOnlyInline):
    """The versions of an auditorium's seats, the newest first."""

    model = SeatPlan
    fields = ["version", "seats_total", "preview"]
    readonly_fields = ["preview"]

    @admin.display(description="rows, from the screen back")
    def preview(self, plan: SeatPlan) -> str:
        """Return the plan as staff wrote it."""
        return format_html("<pre>{}</pre>", "\n".join(plan.rows))


@admin.register(Auditorium)
class AuditoriumAdmin(OperationAdmin):
    """Auditoriums with their seat plans."""

    form = AuditoriumForm
    list_display = ["name", "cinema", "turnaround_minutes"]
    list_filter = ["cinema"]
    list_select_related = ["cinema"]
    search_fields = ["name", "cinema__name", "cinema__city"]
    autocomplete_fields = ["cinema"]
    fields = ["cinema", "name", "turnaround_minutes", "rows"]
    inlines = [SeatPlanInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the cinema, unless the auditorium is new: it stays in its cinema."""
        return ["cinema"] if obj else []

    def save_by_operation(self, row: Auditorium | None, form: Any, formsets: Any) -> Auditorium:
        """Add or change an auditorium."""
        if row is None:
            return operations.add_auditorium(**form.cleaned_data)
        return operations.change_auditorium(auditorium=row, **form.cleaned_data)


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A price, in the currency of the card's cinema."""

    price = forms.DecimalField(min_value=0, max_digits=12)

    class Meta:
        model = Price
        fields = ["category", "type", "counter_only"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            currency = self.instance.card.cinema.currency
            self.initial["price"] = Decimal(Money(self.instance.amount, currency).amount)


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """The prices of a card. They are saved as a set, so staff need the rights to write all of them."""

    model = Price
    form = PriceForm
    extra = 3

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may write prices in every way."""
        return _may_write_prices(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may write prices in every way."""
        return _may_write_prices(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the user may write prices in every way."""
        return _may_write_prices(request)


def _may_write_prices(request: HttpRequest) -> bool:
    user: Any = request.user
    return all(user.has_perm(f"catalog.{verb}_price") for verb in ("add", "change", "delete"))


@admin.register(PriceCard)
class PriceCardAdmin(OperationAdmin):
    """Price cards with their prices."""

    list_display = ["name", "cinema", "default_type", "wheelchair_limit", "version"]
    list_filter = ["cinema"]
    list_select_related = ["cinema", "default_type"]
    search_fields = ["name", "cinema__name"]
    autocomplete_fields = ["cinema"]
    inlines = [PriceInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the version, and the cinema unless the card is new: it stays at its cinema."""
        return ["version", "cinema"] if obj else ["version"]

    def save_by_operation(self, row: PriceCard | None, form: Any, formsets: Any) -> PriceCard:
        """Add or change a price card. Its prices are saved only when they changed."""
        prices = formsets[0] if formsets else None  # None if the user may not see prices
        fields = form.cleaned_data | {"default_type": form.cleaned_data["default_type"].code}
        if row is None:
            return operations.add_price_card(
                **fields, prices=_lines(prices.forms if prices else ())
            )
        if prices and prices.has_changed():
            fields["prices"] = _lines(prices.forms)
        for name in {"default_type", "wheelchair_limit"} - set(form.changed_data):
            del fields[name]
        return operations.change_price_card(price_card=row, **fields)

    def delete_model(self, request: HttpRequest, obj: PriceCard) -> None:
        """Delete a price card."""
        operations.delete_price_card(price_card=obj)


def _lines(rows: Iterable[PriceForm]) -> list[operations.PriceLine]:
    """Return the prices on the page, without the prices to be deleted."""
    filled = [row.cleaned_data for row in rows if row.cleaned_data.get("category")]
    return [
        operations.PriceLine(
            line["category"], line["type"].code, line["price"], line["counter_only"]
        )
        for line in filled
        if not line.get("DELETE")
    ]


TIMES = ["starts_at", "ends_at", "sales_until"]


class ShowForm(OperationForm):
    """A show. Its times are local to the cinema."""

    class Meta:
        model = Show
        fields = [
            "movie", "auditorium", "price_card", *TIMES, "format", "language", "subtitles",
        ]  # fmt: skip
        help_texts = {
            "starts_at": "By the cinema's clock.",
            "ends_at": "By the cinema's clock. Left blank: after the adverts and the movie.",
            "sales_until": "By the cinema's clock. Left blank: until the start.",
            "language": "Of a new show, left blank: the movie's original language.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ends_at", "sales_until"):
            self.fields[name].required = False
        if self.instance.pk:
            for name in TIMES:
                self.initial[name] = _local(self.instance, name).replace(tzinfo=None)


def _local(show: Show, name: str) -> datetime:
    value: datetime = getattr(show, name)
    return value.astimezone(show.auditorium.cinema.tzinfo)


@admin.register(Show)
class ShowAdmin(OperationAdmin):
    """Shows. Staff call off a booked show; they cannot delete it."""

    form = ShowForm
    list_display = ["movie", "auditorium", "starts", "format", "language", "state"]
    list_filter = ["auditorium__cinema", "state", "format"]
    list_select_related = ["movie", "auditorium__cinema"]
    search_fields = ["movie__title"]
    date_hierarchy = "starts_at"
    autocomplete_fields = ["movie", "auditorium", "price_card"]

    @admin.display(description="starts (local time)", ordering="starts_at")
    def starts(self, show: Show) -> str:
        """Return the start in the cinema's local time."""
        return f"{show.local_start:%Y-%m-%d %H:%M}"

    def save_by_operation(self, row: Show | None, form: Any, formsets: Any) -> Show:
        """Schedule a show, or change the fields that were changed in the form.

        Django parsed the times as UTC. We drop that zone, so the operation reads them as local. An
        unchanged time stays as it is, even in the hour that comes twice when the clocks go back.
        """
        fields = {name: form.cleaned_data[name] for name in form.changed_data}
        for name in TIMES:
            if fields.get(name) is not None:
                fields[name] = fields[name].replace(tzinfo=None)
        if row is None:
            return operations.add_show(**fields)
        return operations.change_show(show=row, **fields)

    def delete_model(self, request: HttpRequest, obj: Show) -> None:
        """Delete a show."""
        operations.delete_show(show=obj)
