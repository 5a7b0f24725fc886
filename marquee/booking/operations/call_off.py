"""Call a show off, with every booking it has."""

from marquee.audit.states import Action
from marquee.booking import claims, gate_rules, locks, queries
from marquee.booking.operations import audited, transitions
from marquee.booking.records import UNRECORDED, Actor
from marquee.booking.states import BookingStatus, EventKind
from marquee.catalog.locks import lock_catalog
from marquee.catalog.models import Show
from marquee.catalog.states import ShowState
from marquee.core.transactions import transactional


@transactional
def call_off(*, show: Show, actor: Actor = UNRECORDED, reason: str = "") -> bool:
    """Call a show off, and cancel every booking it has. Return False if there was nothing left to do.

    Calling it off again finishes what is left. The show keeps the first `reason`; the history of each
    booking keeps the `actor` and the reason. Nobody can book while this runs, so it takes as many
    statements for one booking as for all. Refuses with RemovedMeanwhile, and with BadInput a reason
    that is overlong or that nobody can read.
    """
    reason = gate_rules.clean_reason(reason)
    lock_catalog()
    now = locks.lock_show(show)
    shows = Show.objects.filter(pk=show.pk)
    going_ahead = shows.exclude(state=ShowState.CALLED_OFF)
    changed = going_ahead.update(state=ShowState.CALLED_OFF, call_off_reason=reason)
    if reason and not changed:
        changed = shows.filter(call_off_reason="").update(call_off_reason=reason)
    booking_ids = queries.live_booking_ids(show)
    transitions.set_status(
        booking_ids,
        to=BookingStatus.CANCELLED,
        out_of=[BookingStatus.HELD, BookingStatus.CONFIRMED],
    )
    claims.release_all(show.pk, queries.booked_seat_ids(booking_ids))
    transitions.void_tickets(booking_ids)
    transitions.record_events(booking_ids, EventKind.CALLED_OFF, now, actor, reason=reason)
    if not (changed or booking_ids):
        return False
    cancelled = (None, len(booking_ids))
    audited.record_of_show(Action.CALLED_OFF, show.pk, reason=reason, bookings=cancelled)
    return True
