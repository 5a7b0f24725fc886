"""Take seats off sale, and put them back."""

from marquee.booking import claims, locks
from marquee.booking.errors import SeatsTaken, UnknownSeat
from marquee.booking.operations.transitions import seat_labels
from marquee.catalog.models import Show
from marquee.core.transactions import transactional


@transactional
def block(*, show: Show, seats: set[int]) -> None:
    """Take seats off sale, all or none: house seats, broken seats.

    Refuses with SeatsTaken, RemovedMeanwhile, and UnknownSeat when the show has moved to another
    auditorium.
    """
    locks.lock_show(show)
    _check_not_moved(show, seats)
    if lost := seats - claims.block(show.pk, seats):
        labels = seat_labels(show, lost)
        raise SeatsTaken(f"Not free to block: {', '.join(labels)}.", seats=labels)


def _check_not_moved(show: Show, seats: set[int]) -> None:
    """Refuse with UnknownSeat if the show, as it is under the lock, has another seat plan."""
    if not Show.objects.filter(pk=show.pk, seat_plan=show.seat_plan_id).exists():
        labels = seat_labels(show, seats)
        raise UnknownSeat(
            "The show has moved to another auditorium. Choose seats there.",
            field="seats",
            seats=labels,
        )


@transactional
def unblock(*, show: Show, seats: set[int]) -> None:
    """Put blocked seats back on sale. Seats that are not blocked stay as they are.

    Refuses with RemovedMeanwhile.
    """
    locks.lock_show(show)
    claims.unblock(show.pk, seats)
