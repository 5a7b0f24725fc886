"""Call a show off, with every booking it has."""

from marquee.booking import claims, locks, queries
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import transitions
from marquee.booking.operations.transitions import CANCELLED, CONFIRMED, HELD
from marquee.catalog.locks import lock_catalog
from marquee.catalog.models import Show
from marquee.core.transactions import transactional


@transactional
def call_off(*, show: Show) -> None:
    """Call a show off, and cancel every booking it has. Calling it off again finishes what is left.

    Refuses with RemovedMeanwhile.
    """
    lock_catalog()
    now = locks.lock_show(show)
    Show.objects.filter(pk=show.pk).update(state=Show.State.CALLED_OFF)
    live = queries.has_status(HELD) | queries.has_status(CONFIRMED)
    bookings = list(Booking.objects.filter(live, show=show).order_by("pk"))
    for booking in bookings:
        transitions.set_status(booking, to=CANCELLED, out_of=[HELD, CONFIRMED])
    tickets = Ticket.objects.filter(booking__in=[booking.pk for booking in bookings])
    claims.release_all(show.pk, set(tickets.values_list("seat_id", flat=True)))
    tickets.filter(status=Ticket.Status.VALID).update(status=Ticket.Status.VOID)
    transitions.record_events(bookings, BookingEvent.Kind.CALLED_OFF, now)
