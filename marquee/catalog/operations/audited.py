"""Record in the audit log what staff do to rows of the catalog."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import AutoField, Model

from marquee.audit.log import compare, record
from marquee.audit.states import Action, Subject
from marquee.catalog.models import (
    Auditorium,
    Cinema,
    Format,
    Genre,
    Movie,
    PriceCard,
    Show,
    TicketType,
)
from marquee.core.actor import is_recorded
from marquee.core.money import Money

SUBJECTS: dict[type[Model], Subject] = {
    Auditorium: Subject.AUDITORIUM,
    Cinema: Subject.CINEMA,
    Format: Subject.FORMAT,
    Genre: Subject.GENRE,
    Movie: Subject.MOVIE,
    PriceCard: Subject.PRICE_CARD,
    Show: Subject.SHOW,
    TicketType: Subject.TICKET_TYPE,
}


def values_of(row: Model) -> dict[str, Any]:
    """Return the values of a row and of the rows that belong to it; nothing where nothing is recorded."""
    if not is_recorded():
        return {}
    fields = [one for one in row._meta.concrete_fields if one.editable]
    values = {
        one.name: getattr(row, one.attname) for one in fields if not isinstance(one, AutoField)
    }
    return values | _values_of_parts(row)


def record_added(row: Model) -> None:
    """Record that a row was added, with the values that it has."""
    _record(Action.ADDED, row, before={}, after=_filled(row))


def record_changed(
    row: Model,
    before: dict[str, Any],
    action: Action = Action.CHANGED,
    *,
    reason: str = "",
    parts: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Record what differs from the values before, and `parts`; nothing if nothing does."""
    after = values_of(row) | dict(parts)
    if before != after:
        _record(action, row, before=before, after=after, reason=reason)


def record_deleted(row: Model) -> None:
    """Record that a row is deleted in this transaction, with the values that it has until then."""
    _record(Action.DELETED, row, before=_filled(row), after={})


def _record(
    action: Action, row: Model, *, before: dict[str, Any], after: dict[str, Any], reason: str = ""
) -> None:
    if not is_recorded():
        return
    changes = compare(before, after)
    cinema_id = _cinema_of(row)
    subject = SUBJECTS[type(row)]
    record(action, subject, row.pk, cinema_id=cinema_id, changes=changes, reason=reason)


def _filled(row: Model) -> dict[str, Any]:
    return {
        name: value for name, value in values_of(row).items() if value not in (None, "", [], {})
    }


def _cinema_of(row: Any) -> int | None:
    """Return the id of the cinema that a row belongs to; None for what belongs to all."""
    if isinstance(row, Cinema):
        return row.pk
    if isinstance(row, Show):
        return row.auditorium.cinema_id
    return row.cinema_id if isinstance(row, Auditorium | PriceCard) else None


def _values_of_parts(row: Model) -> dict[str, Any]:
    if isinstance(row, Movie):
        genres = [genre.name for genre in row.genres.order_by("pk")]
        return {"genres": genres} | _translations(row)
    if isinstance(row, PriceCard):
        return _prices(row)
    if isinstance(row, Auditorium) and (plan := row.seat_plans.order_by("-version").first()):
        return {"rows": plan.rows}
    return {}


def _translations(movie: Movie) -> dict[str, str]:
    values = {}
    for one in movie.translations.order_by("language"):
        values[f"title ({one.language})"] = one.title
        values[f"synopsis ({one.language})"] = one.synopsis
    return values


def _prices(card: PriceCard) -> dict[str, str]:
    currency = card.cinema.currency
    return {
        f"price of {one.category} {one.type_id}": str(Money(one.amount, currency))
        + (" (counter only)" if one.counter_only else "")
        for one in card.prices.order_by("category", "type")
    }
