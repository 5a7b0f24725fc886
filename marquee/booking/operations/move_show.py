"""Move or change a show, together with its bookings."""

from typing import Any

from marquee.booking import move_rules, queries
from marquee.booking.operations import transitions
from marquee.booking.records import UNRECORDED, Actor
from marquee.booking.states import EventKind
from marquee.catalog import operations as catalog
from marquee.catalog.models import Show
from marquee.catalog.records import Sold
from marquee.core import clock
from marquee.core.transactions import transactional


@transactional
def move_show(
    *,
    show: Show,
    actor: Actor = UNRECORDED,
    confirm_bookings: int | None = None,
    short_notice: bool = False,
    reason: str = "",
    **changes: Any,
) -> Show:
    """Change some fields of a show, as `catalog.operations.change_show` does. Its bookings stay.

    A show with live bookings moves, or changes its format or its languages, only with their number as
    `confirm_bookings`. Their customers may then cancel until the new start, unless the show starts
    within MOVE_TOLERANCE of what they bought. The history of each booking says so.

    Bookings under way wait: they are counted, or made for the changed show. Refuses as `change_show`
    does, and with BookingsNotConfirmed, NeedsShortNotice, and BadInput for a start in the past.
    """
    show, before = catalog.change_show_from(show=show, reason=reason, **changes)
    after = catalog.sold_as(show)
    if after == before:
        return show
    booking_ids = queries.live_booking_ids(show)
    now = clock.database_now()
    if after.starts_at == before.starts_at:
        move_rules.check_bookings_confirmed(
            bookings=len(booking_ids), confirm_bookings=confirm_bookings
        )
    else:
        move_rules.check_may_move(
            now=now,
            starts_at=show.starts_at,
            zone=show.auditorium.cinema.timezone,
            bookings=len(booking_ids),
            confirm_bookings=confirm_bookings,
            short_notice=short_notice,
        )
    if booking_ids:
        _carry(booking_ids, before, after)
        kind = EventKind.CHANGED if after.starts_at == before.starts_at else EventKind.MOVED
        transitions.record_events(booking_ids, kind, now, actor, reason=reason)
    return show


def _carry(booking_ids: list[int], before: Sold, after: Sold) -> None:
    """Give live bookings the terms of the changed show."""
    if after._replace(starts_at=before.starts_at) != before:
        transitions.change_terms(booking_ids, starts_at=after.starts_at)
    else:
        transitions.move_terms(booking_ids, before=before.starts_at, starts_at=after.starts_at)
