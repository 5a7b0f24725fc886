"""Add and change ticket types."""

from typing import Any

from django.db.models import F

from marquee.catalog import rules
from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import PriceCard, TicketType
from marquee.catalog.operations.audited import record_added, record_changed, values_of
from marquee.catalog.validation import update_validated
from marquee.core.transactions import transactional


@transactional
def add_ticket_type(**fields: Any) -> TicketType:
    """Return a new ticket type with these fields of the model. Refuses with BadInput."""
    lock_catalog()
    type_ = update_validated(TicketType(), _with_locked_type(fields))
    record_added(type_)
    return type_


@transactional
def change_ticket_type(*, ticket_type: TicketType, **changes: Any) -> TicketType:
    """Change a ticket type, and raise the version of the price cards that have it.

    Tickets that are held or sold stay as they are. Refuses with BadInput, also when customers
    could no longer book the default type of a card.
    """
    lock_catalog()
    type_ = lock_row(ticket_type)
    values = values_of(type_)
    update_validated(type_, _with_locked_type(changes))
    if type_.is_restricted:
        _check_is_no_default(type_)
    PriceCard.objects.filter(prices__type=type_).update(version=F("version") + 1)
    record_changed(type_, values)
    return type_


def _with_locked_type(fields: dict[str, Any]) -> dict[str, Any]:
    """Lock the type that a ticket type needs, so that it cannot be deleted; return the fields with it."""
    if needed := fields.get("needs_type"):
        return fields | {"needs_type": lock_row(needed)}
    return fields


def _check_is_no_default(type_: TicketType) -> None:
    cards = PriceCard.objects.select_related("cinema").filter(default_type=type_)[:3]
    rules.check_may_restrict(cards=[str(card) for card in cards], counter_only=type_.counter_only)
