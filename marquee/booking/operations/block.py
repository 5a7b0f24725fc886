"""Take seats off sale, and put them back."""

from marquee.audit.states import Action
from marquee.booking import claims, locks, rules, seat_rules
from marquee.booking.operations.audited import record_of_show
from marquee.booking.operations.transitions import holders_by_label, seat_labels
from marquee.catalog.models import Show
from marquee.core.transactions import transactional


@transactional
def block(*, show: Show, seats: set[int]) -> None:
    """Take seats off sale, all or none: house seats, broken seats.

    Refuses with SeatsTaken, RemovedMeanwhile, with ShowCalledOff and SalesClosed (the show is over),
    and with UnknownSeat when the show has moved to another auditorium.
    """
    now = locks.lock_show(show)
    current = Show.objects.select_related("auditorium__cinema").get(pk=show.pk)
    rules.check_may_block(
        state=current.state,
        ends_at=current.ends_at,
        sales_until=current.sales_until,
        zone=current.auditorium.cinema.timezone,
        now=now,
    )
    labels = seat_labels(show.seat_plan_id, seats)
    rules.check_same_seat_plan(shown=show.seat_plan_id, current=current.seat_plan_id, labels=labels)
    not_free = seats - claims.block(show.pk, seats)
    if not_free:
        raise seat_rules.not_free_to_block(
            seat_labels(show.seat_plan_id, not_free),
            holders_by_label(show.pk, show.seat_plan_id, not_free),
        )
    record_of_show(Action.BLOCKED, show.pk, seats=(None, labels))


@transactional
def unblock(*, show: Show, seats: set[int]) -> None:
    """Put blocked seats back on sale. Seats that are not blocked stay as they are.

    Refuses with RemovedMeanwhile.
    """
    locks.lock_show(show)
    if unblocked := claims.unblock(show.pk, seats):
        labels = seat_labels(show.seat_plan_id, unblocked)
        record_of_show(Action.UNBLOCKED, show.pk, seats=(labels, None))
