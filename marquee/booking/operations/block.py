"""Take seats off sale, and put them back."""

from marquee.booking import claims, locks, rules
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
    current = Show.objects.values_list("seat_plan_id", flat=True).get(pk=show.pk)
    labels = seat_labels(show.seat_plan_id, seats)
    rules.check_same_seat_plan(shown=show.seat_plan_id, current=current, labels=labels)
    not_free = seats - claims.block(show.pk, seats)
    rules.check_seats_blocked(seat_labels(show.seat_plan_id, not_free))


@transactional
def unblock(*, show: Show, seats: set[int]) -> None:
    """Put blocked seats back on sale. Seats that are not blocked stay as they are.

    Refuses with RemovedMeanwhile.
    """
    locks.lock_show(show)
    claims.unblock(show.pk, seats)
