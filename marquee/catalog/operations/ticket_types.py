"""Add and change ticket types."""

from typing import Any

from django.db.models import F

from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import PriceCard, TicketType
from marquee.catalog.validation import save_validated
from marquee.core.errors import BadInput
from marquee.core.transactions import transactional


@transactional
def add_ticket_type(**fields: Any) -> TicketType:
    """Return a new ticket type with these fields of the model. Refuses with BadInput."""
    lock_catalog()
    return _store_ticket_type(TicketType(), fields)


@transactional
def change_ticket_type(*, ticket_type: TicketType, **changes: Any) -> TicketType:
    """Change a ticket type, and give the price cards that have it another version.

    Tickets that are held or sold stay as they are. Refuses with BadInput, also when customers
    could no longer book the default type of a card.
    """
    type_ = _store_ticket_type(lock_row(ticket_type), changes)
    if type_.is_restricted:
        _check_is_no_default(type_)
    PriceCard.objects.filter(prices__type=type_).update(version=F("version") + 1)
    return type_


def _store_ticket_type(type_: TicketType, fields: dict[str, Any]) -> TicketType:
    if needed := fields.get("needs_type"):
        fields = fields | {"needs_type": lock_row(needed)}
    for name, value in fields.items():
        setattr(type_, name, value)
    save_validated(type_)
    return type_


def _check_is_no_default(type_: TicketType) -> None:
    if cards := PriceCard.objects.select_related("cinema").filter(default_type=type_)[:3]:
        named = "; ".join(str(card) for card in cards)
        raise BadInput(
            f"It is the default type of {named}: first give those another one.",
            field="counter_only" if type_.counter_only else "needs_kind",
        )
