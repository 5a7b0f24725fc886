"""Figures for those who watch the server. Each costs little however many old bookings there are."""

from collections import Counter
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q

from marquee.booking.models import Booking, BookingEvent, SeatClaim
from marquee.booking.states import BookingStatus, SeatState
from marquee.core.clock import DatabaseNow, database_now


class HoldCounts(NamedTuple):
    """How many holds are live, and how long ago the oldest ended that is not recorded as expired."""

    live: int
    seconds_late: float


def hold_counts() -> HoldCounts:
    """Return the figures of holds, by the database's clock."""
    now = database_now()
    held = Booking.objects.filter(status=BookingStatus.HELD).order_by()
    found = held.aggregate(live=Count("pk", filter=Q(held_until__gt=now)), first=Min("held_until"))
    late = (now - found["first"]).total_seconds() if found["first"] else 0.0
    return HoldCounts(found["live"], max(0.0, late))


def count_claims() -> Counter[str]:
    """Return how many seats of shows that have not ended are held, sold and blocked, by their rows."""
    states = [SeatState.HELD, SeatState.SOLD, SeatState.BLOCKED]
    claims = SeatClaim.objects.filter(show__ends_at__gt=DatabaseNow(), state__in=states).order_by()
    counted = claims.values_list("state").annotate(Count("show_id"))
    return Counter(dict.fromkeys(map(str, states), 0) | dict(counted))


def last_event_id() -> int:
    """Return the highest id in the history of bookings, 0 without events."""
    return BookingEvent.objects.aggregate(last=Max("id"))["last"] or 0


def count_events(*, after: int, up_to: int | None = None) -> Counter[str]:
    """Return how many events of each kind have ids in a range, without its lower end."""
    events = BookingEvent.objects.filter(id__gt=after).order_by()
    if up_to is not None:
        events = events.filter(id__lte=up_to)
    return Counter(dict(events.values_list("kind").annotate(Count("id"))))
