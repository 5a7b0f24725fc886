"""Admin pages of the catalog. They save by the operations, so the rules hold here, too.

A refusal becomes an error of the form, and nothing is saved.
"""

import operator
from datetime import UTC
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html

from marquee.audit.admin import NAMED
from marquee.catalog import operations, queries, rules
from marquee.catalog.admin_days import BusinessDayFilter
from marquee.catalog.admin_movies import MovieAdmin
from marquee.catalog.admin_price_cards import PriceCardAdmin
from marquee.catalog.models import (
    Auditorium,
    Cinema,
    Format,
    Genre,
    Movie,
    PriceCard,
    SeatPlan,
    Show,
    TicketType,
)
from marquee.catalog.operation_admin import OperationAdmin, ReadOnlyInline
from marquee.catalog.states import ShowPhase, ShowState
from marquee.core.admin import OperationForm, StatusFilter
from marquee.core.clock import DatabaseNow
from marquee.core.site import MarqueeAdminSite
from marquee.core.zones import write_time

admin.site.site_header = admin.site.site_title = "Marquee"
admin.site.index_title = "Back office"
NAMED["cinema"] = Cinema
MarqueeAdminSite.office_zone = staticmethod(queries.office_zone)


@admin.register(Genre)
class GenreAdmin(OperationAdmin):
    """Genres of movies."""

    search_fields = ["search_text"]

    def save_by_operation(self, row: Genre | None, form: Any, formsets: Any) -> Genre:
        """Add or rename a genre."""
        if row is None:
            return operations.add_genre(**form.cleaned_data)
        return operations.change_genre(genre=row, **form.cleaned_data)


class TicketTypeForm(OperationForm):
    """A ticket type. It is not offered to need itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "needs_type" in self.fields:
            field: Any = self.fields["needs_type"]
            field.queryset = field.queryset.exclude(pk=self.instance.pk)


@admin.register(TicketType)
class TicketTypeAdmin(OperationAdmin):
    """Ticket types. API clients refer to a type by its code, so the code stays."""

    list_display = ["code", "name", "position", "needs_kind", "needs_type", "counter_only"]
    list_select_related = ["needs_type"]
    search_fields = ["search_text"]
    form = TicketTypeForm
    advice_when_protected = (
        "Tickets and prices name their type. Take it out of every price card instead, or restrict "
        "it to the counter."
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the code, unless the type is new."""
        return ["code"] if obj else []

    def save_by_operation(self, row: TicketType | None, form: Any, formsets: Any) -> TicketType:
        """Add or change a ticket type."""
        if row is None:
            return operations.add_ticket_type(**form.cleaned_data)
        return operations.change_ticket_type(ticket_type=row, **form.cleaned_data)


@admin.register(Format)
class FormatAdmin(OperationAdmin):
    """Formats of projection. Shows refer to a format by its code, so the code stays."""

    list_display = ["code", "name", "position"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the code, unless the format is new."""
        return ["code"] if obj else []

    def save_by_operation(self, row: Format | None, form: Any, formsets: Any) -> Format:
        """Add or change a format."""
        if row is None:
            return operations.add_format(**form.cleaned_data)
        return operations.change_format(row=row, **form.cleaned_data)

    def delete_model(self, request: HttpRequest, obj: Format) -> None:
        """Delete a format that no show has."""
        operations.delete_format(row=obj)


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
    search_fields = ["search_text"]
    inlines = [AuditoriumInline]
    advice_when_protected = (
        "Delete its price cards and auditoriums first. A cinema that has sold seats stays, for the "
        "sake of the customers' bookings."
    )

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the field of a form. Staff do not know the name of a setting, but its value."""
        if db_field.name == "cancel_until_minutes":
            kwargs["help_text"] = (
                f"Left blank: {settings.CANCEL_UNTIL_MINUTES}, as in every cinema."
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_by_operation(self, row: Cinema | None, form: Any, formsets: Any) -> Cinema:
        """Add or change a cinema."""
        if row is None:
            return operations.add_cinema(**form.cleaned_data)
        return operations.change_cinema(cinema=row, **form.cleaned_data)


class AuditoriumForm(OperationForm):
    """An auditorium with its seats as text."""

    rows = forms.CharField(
        label="Seat plan",
        widget=forms.Textarea(attrs={"rows": 16, "cols": 100, "class": "seat-plan"}),
        help_text=(
            "One line a row, from the screen back, such as B: pp_ww_cc. s standard, p premium, "
            "r recliner, w wheelchair space, c companion seat, _ a gap, . a gap that takes a number. B<: "
            "numbers the row from the right. Another plan is a new "
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
    search_fields = ["search_text", "cinema__search_text"]
    autocomplete_fields = ["cinema"]
    fields = ["cinema", "name", "turnaround_minutes", "rows"]
    inlines = [SeatPlanInline]
    advice_when_protected = (
        "Delete its shows first. An auditorium that has sold seats stays, for the sake of the "
        "customers' bookings: change its name instead."
    )

    class Media:
        css = {"all": ["catalog/seat_plan.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the cinema, unless the auditorium is new: it stays in its cinema."""
        return ["cinema"] if obj else []

    def save_by_operation(self, row: Auditorium | None, form: Any, formsets: Any) -> Auditorium:
        """Add or change an auditorium."""
        if row is None:
            return operations.add_auditorium(**form.cleaned_data)
        return operations.change_auditorium(auditorium=row, **form.cleaned_data)


admin.site.register(Movie, MovieAdmin)
admin.site.register(PriceCard, PriceCardAdmin)

LOCAL_TIMES = {
    "starts_at": "starts",
    "ends_at": "ends",
    "sales_from": "sales_begin",
    "sales_until": "sales_end",
}
TIMES = [*LOCAL_TIMES]
MAX_ID_DIGITS = 18  # each such number fits a bigint column


class ShowForm(OperationForm):
    """A show. Its times are local to the cinema, whose auditoriums and price cards it offers."""

    cinema: Cinema | None = None  # set by ShowAdmin

    class Meta:
        model = Show
        fields = [
            "movie", "auditorium", "price_card", *TIMES, "format", "language", "subtitles",
            "captions",
        ]  # fmt: skip
        help_texts = {
            "starts_at": "By the cinema's clock.",
            "ends_at": "By the cinema's clock. Left blank: after the adverts and the movie.",
            "sales_from": "By the cinema's clock. Left blank: from now on.",
            "sales_until": "By the cinema's clock. Left blank: until the start.",
            "language": "Of a new show, left blank: the movie's original language.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"ends_at", "sales_until"} & self.fields.keys():
            self.fields[name].required = False
        if self.instance.pk:
            clock = self.instance.clock
            for name in TIMES:
                time = getattr(self.instance, name)
                self.initial[name] = time and time.astimezone(clock).replace(tzinfo=None)
        if "format" in self.fields:
            formats = [(row.code, row.name) for row in Format.objects.all()]
            default = Show._meta.get_field("format").default
            self.fields["format"] = forms.ChoiceField(choices=formats, initial=default)
        if self.cinema is not None:
            self._offer_only(self.cinema)

    def _offer_only(self, cinema: Cinema) -> None:
        """Offer what this cinema has, and accept nothing else."""
        for name in {"auditorium", "price_card"} & self.fields.keys():
            field: Any = self.fields[name]
            field.queryset = field.queryset.filter(cinema=cinema)
            field.label_from_instance = operator.attrgetter("name")
            field.error_messages["invalid_choice"] = f"Choose one of {cinema}."
            field.help_text = format_html("Of {}.", cinema)  # Django takes it for HTML

    def full_clean(self) -> None:
        """Read times as they are typed. By the office's clock some do not exist, or exist twice."""
        with timezone.override(UTC):
            super().full_clean()


class ShowPhaseFilter(StatusFilter):
    """Shows by what they are at the moment, as their list shows it."""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the phases of a show."""
        return ShowPhase.choices

    def condition(self, status: str) -> Q:
        """Return the condition for a phase."""
        return queries.phase_q(status)


@admin.register(Show)
class ShowAdmin(OperationAdmin):
    """Shows. Staff call off a booked show; they cannot delete it."""

    form = ShowForm
    list_display = ["movie", "auditorium", "starts", "format", "language", "phase"]
    list_filter = [BusinessDayFilter, "auditorium__cinema", ShowPhaseFilter, "format"]
    list_select_related = ["movie", "auditorium__cinema"]
    search_fields = [
        "movie__search_text",
        "auditorium__search_text",
        "auditorium__cinema__search_text",
    ]
    search_help_text = "The title of a movie, or the name of an auditorium or cinema."
    date_hierarchy = "starts_on"
    autocomplete_fields = ["movie"]

    class Media:
        css = {"all": ["catalog/show_form.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Show]:
        """Return the shows, each with the database's time."""
        shows: QuerySet[Show] = super().get_queryset(request)
        return shows.annotate(now=DatabaseNow())

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Return a form class that offers the auditoriums and price cards of one cinema."""
        form = super().get_form(request, obj, *args, **kwargs)
        return type(form.__name__, (form,), {"cinema": _cinema_of(request, obj)})

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the status, which a show has once it is there."""
        return ["phase"] if obj else []

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Return the form, after the question in which cinema the show is."""
        if request.method != "GET" or _cinema_of(request):
            return super().add_view(request, form_url, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "title": "Add show: in which cinema?",
            "opts": self.opts,
            "cinemas": Cinema.objects.all(),
        }
        return TemplateResponse(request, "admin/choose_cinema.html", context)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False for a show called off: it is not moved any more, and nothing of it is sold."""
        return obj is None or obj.state != ShowState.CALLED_OFF

    @admin.display(description="status")
    def phase(self, show: Any) -> str:
        """Return what the show is at the moment, by the database's clock."""
        phase = rules.show_phase(
            show.state, starts_at=show.starts_at, ends_at=show.ends_at, now=show.now
        )
        return ShowPhase(phase).label

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of the form, or of a page to read: there, with times as texts."""
        fields = super().get_fields(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fields
        return [LOCAL_TIMES.get(str(name), name) for name in fields]

    @admin.display(description="starts (local time)", ordering="starts_at")
    def starts(self, show: Show) -> str:
        """Return the start in the cinema's local time, with its zone."""
        return show.written_start

    @admin.display(description="ends at")
    def ends(self, show: Show) -> str:
        """Return the end in the cinema's local time, with its zone."""
        return write_time(show.ends_at, show.timezone)

    @admin.display(description="sales from")
    def sales_begin(self, show: Show) -> str:
        """Return the begin of sales in the cinema's local time, with its zone; a dash if always."""
        return write_time(show.sales_from, show.timezone) if show.sales_from else "-"

    @admin.display(description="sales until")
    def sales_end(self, show: Show) -> str:
        """Return the end of sales in the cinema's local time, with its zone."""
        return write_time(show.sales_until, show.timezone)

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
        return self.change_by_operation(row, form, fields)

    def change_by_operation(self, show: Show, form: Any, fields: dict[str, Any]) -> Show:
        """Change a show. `booking/admin.py` replaces this, as the catalog knows no bookings."""
        return operations.change_show(show=show, **fields)

    def delete_model(self, request: HttpRequest, obj: Show) -> None:
        """Delete a show."""
        operations.delete_show(show=obj)


def _cinema_of(request: HttpRequest, show: Show | None = None) -> Cinema | None:
    """Return the cinema whose auditoriums a form of shows offers; None if none is chosen yet.

    A new show's is named by the URL, or by the auditorium that was sent. The only cinema needs no name.
    """
    if show is not None:
        return show.auditorium.cinema
    cinemas = Cinema.objects.order_by("pk")
    if chosen := request.GET.get("cinema"):
        return cinemas.filter(pk=_id(chosen)).first()
    if auditorium := request.POST.get("auditorium") or request.GET.get("auditorium"):
        return cinemas.filter(auditoriums=_id(auditorium)).first()
    both = list(cinemas[:2])
    return both[0] if len(both) == 1 else None


def _id(text: str) -> int:
    """Return an id of a URL or a form. Raises BadRequest."""
    if text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS:
        return int(text)
    raise BadRequest("There is no row with such an id.")
