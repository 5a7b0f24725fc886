"""The audit log in Django's admin: to read alone, by administrators."""

import re
from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import F, Model, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from marquee.audit.models import AuditEntry
from marquee.audit.states import Action, Subject

# The apps of these set them: the log knows actors and cinemas by their ids alone.
NAMED: dict[str, type[Model]] = {}
PAGES = {
    Subject.ACCOUNT: "accounts_user",
    Subject.AUDITORIUM: "catalog_auditorium",
    Subject.BOOKING: "booking_booking",
    Subject.CINEMA: "catalog_cinema",
    Subject.FORMAT: "catalog_format",
    Subject.GENRE: "catalog_genre",
    Subject.MOVIE: "catalog_movie",
    Subject.PRICE_CARD: "catalog_pricecard",
    Subject.SHOW: "catalog_show",
    Subject.TICKET: "booking_ticket",
    Subject.TICKET_TYPE: "catalog_tickettype",
}
MAX_SHOWN_LENGTH = 100
KINDS = "|".join(kind.label for kind in Subject)
SEARCH = re.compile(rf"(?:({KINDS})(?: |$))?(.*)", re.IGNORECASE)


class NamedFilter(admin.SimpleListFilter):
    """A filter by those actors, or cinemas, that the log has."""

    kind: str
    parameter_name: str

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterator[tuple[str, str]]:
        """Yield the ids with their names of now. Those that have none any more are numbers."""
        ids = AuditEntry.objects.order_by().values_list(self.parameter_name, flat=True).distinct()
        rows = NAMED[self.kind]._default_manager.filter(pk__in=ids)
        names = dict(rows.values_list("pk", "name"))
        for one in sorted(filter(None, ids)):
            yield str(one), names.get(one) or f"{self.kind} {one}"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the entries of the chosen one. Raises IncorrectLookupParameters."""
        chosen = self.value()
        if chosen is None:
            return queryset
        if chosen not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        return queryset.filter(**{self.parameter_name: int(chosen)})


class ActorFilter(NamedFilter):
    """Entries by who did it."""

    title, kind = "who did it", "account"
    parameter_name = "actor_id"


class CinemaFilter(NamedFilter):
    """Entries by the cinema that they concern."""

    title = kind = "cinema"
    parameter_name = "cinema_id"


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Who did what, the newest first."""

    list_display = ["at", "actor", "action", "subject", "cinema", "changed", "reason"]
    list_display_links = ["at"]
    list_filter = ["action", CinemaFilter, ActorFilter]
    date_hierarchy = "at"
    search_fields = ["subject_id"]  # shows the field; `get_search_results` searches
    search_help_text = "What it is about, with the number in the URL of its page: movie 12, or 12."
    fields = ["at", "actor", "action", "subject", "cinema", "all_changes", "reason", "request_id"]
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: operations write the log."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: nobody changes the log."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: nobody changes the log."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Return the entries with the names of now of actors and cinemas."""
        entries: QuerySet[AuditEntry] = super().get_queryset(request)
        return entries.annotate(
            actor_name=_name("account", "actor_id"), cinema_name=_name("cinema", "cinema_id")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the entries about what the words name: a kind, an id, or both."""
        kind, subject_id = SEARCH.fullmatch(" ".join(search_term.split())).groups()  # type: ignore[union-attr] # it matches any text
        if kind:
            queryset = queryset.filter(subject_kind=kind.lower().replace(" ", "_"))
        if subject_id:
            queryset = queryset.filter(subject_id=subject_id)
        return queryset, False

    @admin.display(description="by", ordering="actor_id")
    def actor(self, entry: Any) -> str:
        """Return who did it, with a link to the account; a closed one has no name any more."""
        if entry.actor_id is None:
            return str(entry.through)
        url = reverse("admin:accounts_user_change", args=[entry.actor_id])
        return format_html(
            '<a href="{}">{}</a>', url, entry.actor_name or f"account {entry.actor_id}"
        )

    @admin.display(description="what", ordering="subject_kind")
    def subject(self, entry: AuditEntry) -> str:
        """Return what it is about, with a link to its page if there is one."""
        name = f"{entry.get_subject_kind_display()} {entry.subject_id}"
        page = PAGES.get(Subject(entry.subject_kind))
        if page is None or entry.action == Action.DELETED:
            return name
        url = reverse(f"admin:{page}_change", args=[entry.subject_id])
        return format_html('<a href="{}">{}</a>', url, name)

    @admin.display(description="cinema", ordering="cinema_id")
    def cinema(self, entry: Any) -> str:
        """Return the cinema that it concerns; a deleted one is a number."""
        if entry.cinema_id is None:
            return "-"
        return entry.cinema_name or f"cinema {entry.cinema_id}"

    @admin.display(description="changes")
    def changed(self, entry: AuditEntry) -> str:
        """Return the fields, each with the beginning of the value before and after."""
        return _write_changes(entry, MAX_SHOWN_LENGTH)

    @admin.display(description="changes")
    def all_changes(self, entry: AuditEntry) -> str:
        """Return the fields, each with the whole value before and after."""
        return _write_changes(entry, None)


def _name(kind: str, column: str) -> Subquery:
    """Return the name of an actor or a cinema in a list, by one query for all."""
    rows = NAMED[kind]._default_manager.order_by()
    return Subquery(rows.filter(pk=OuterRef(column)).values(_=F("name"))[:1])


def _write_changes(entry: AuditEntry, length: int | None) -> str:
    """Return a line for each field. Values longer than that are cut."""
    lines = (
        (_write_change(name, before, after, length),)
        for name, (before, after) in entry.changes.items()
    )
    return format_html_join("\n", "<div>{}</div>", lines)


def _write_change(name: str, before: Any, after: Any, length: int | None) -> str:
    label = name.replace("_", " ")
    if before is None and after is None:
        return f"{label}: changed"
    return f"{label}: {_write(before, length)} → {_write(after, length)}"


def _write(value: Any, length: int | None) -> str:
    if value in (None, "", []):
        return "-"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if length is None or len(text) <= length else f"{text[:length]}…"
