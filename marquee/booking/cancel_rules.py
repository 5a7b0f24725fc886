"""The rules of cancelling some tickets of a booking. Pure functions without queries."""

from collections.abc import Sequence
from datetime import datetime

from marquee.booking import rules
from marquee.booking.errors import AlreadyUsed, CompanionWithoutSpace, NeedsAnother
from marquee.booking.records import PricedSeat
from marquee.booking.states import BookingStatus
from marquee.core.errors import BadInput, Refused
from marquee.core.zones import isoformat_in


def unknown_tickets(names: Sequence[str]) -> BadInput:
    """Return the refusal of codes or seats that the booking has no ticket for."""
    return BadInput(f"This booking has no ticket {', '.join(names)}.", field="tickets")


def ticket_used(seat: str, used_at: datetime, *, zone: str, has_others: bool) -> AlreadyUsed:
    """Return the refusal to cancel a ticket that was used, and say whether others can be cancelled."""
    advice = " Its booking's other tickets can be cancelled by themselves." if has_others else ""
    return AlreadyUsed(
        f"The ticket for {seat} was used at the door already.{advice}",
        used_at=isoformat_in(used_at, zone),
    )


def check_rest(*, before: Sequence[PricedSeat], kept: Sequence[PricedSeat]) -> None:
    """Refuse to leave tickets without the ones that they need: a carer, or a companion seat.

    A booking that did not meet the terms of now before was sold under others, which hold for it.
    Refuses with NeedsAnother or CompanionWithoutSpace.
    """
    refusal = _unmet(kept)
    if refusal is None or _unmet(before) is not None:
        return
    if isinstance(refusal, NeedsAnother):
        types, allowed = " or ".join(refusal.facts["types"]), refusal.facts["allowed"]
        raise NeedsAnother(
            f"Of the {types} tickets at most {allowed} could stay: each needs another ticket, which "
            "would be cancelled. Cancel the others together with it.",
            **refusal.facts,
        )
    seats, allowed = ", ".join(refusal.facts["seats"]), refusal.facts["allowed"]
    raise CompanionWithoutSpace(
        f"Of the companion seats {seats} at most {allowed} could stay: one with each wheelchair space "
        "of the booking. Cancel the others together with the space.",
        **refusal.facts,
    )


def _unmet(priced_seats: Sequence[PricedSeat]) -> Refused | None:
    """Return why these tickets could not be a booking, or None if they could."""
    try:
        rules.check_needs(priced_seats)
    except (NeedsAnother, CompanionWithoutSpace) as refusal:
        return refusal
    return None


def may_cancel(
    *, status: str, has_used_ticket: bool, cancel_until: datetime, now: datetime
) -> bool:
    """Say whether a customer may cancel the whole booking now. `status` is the effective one.

    So pages offer only what `rules.check_may_cancel` would not refuse.
    """
    if status == BookingStatus.CONFIRMED:
        return now < cancel_until and not has_used_ticket
    return status == BookingStatus.HELD


def may_cancel_some(
    *, status: str, valid: int, kept: int, cancel_until: datetime, now: datetime
) -> bool:
    """Say whether a customer may cancel a part of a booking now.

    Of its tickets, `valid` can be cancelled, and `kept` are not cancelled yet: the used ones, too. A
    single ticket is no part.
    """
    if valid == kept and kept <= 1:
        return False
    if status == BookingStatus.CONFIRMED:
        return valid > 0 and now < cancel_until
    return status == BookingStatus.HELD
