"""Give a show that has sold nothing the newest seat plan of its auditorium."""

from marquee.booking import claims, locks, move_rules, queries
from marquee.catalog import operations as catalog
from marquee.catalog.locks import lock_catalog
from marquee.catalog.models import SeatPlan, Show
from marquee.catalog.queries import get_plan, newest_plan
from marquee.core.transactions import transactional


@transactional
def take_newest_plan(*, show: Show) -> bool:
    """Give a show without live bookings the newest plan. Return False if it has that already.

    Blocks go to the seats of the same labels; those of seats that are gone end. Bookings under way
    wait, and then choose among the new seats.

    Refuses with ShowHasBookings, RemovedMeanwhile, and BadInput when the price card has no price for
    some of the new seats.
    """
    lock_catalog()
    locks.lock_show(show)
    show = Show.objects.select_related("auditorium__cinema", "price_card").get(pk=show.pk)
    newest = newest_plan(show.auditorium)
    if newest.pk == show.seat_plan_id:
        return False
    move_rules.check_sold_nothing(len(queries.live_booking_ids(show)))
    _move_blocks(show, newest)
    catalog.replace_seat_plan(show=show, seat_plan=newest)
    return True


def _move_blocks(show: Show, newest: SeatPlan) -> None:
    """Block the seats of the new plan that have the labels of those blocked now."""
    before, after = get_plan(show.seat_plan_id), get_plan(newest.pk)
    blocked = queries.blocked_seat_ids(show.pk) & before.by_id.keys()
    labels = {before.by_id[seat].label for seat in blocked}
    claims.unblock(show.pk, blocked)
    claims.block(show.pk, {seat.id for seat in after.seats if seat.label in labels})
