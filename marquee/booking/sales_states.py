"""What a list says of a show: whether it can be booked, and how full it is. Pure: no queries."""

from datetime import datetime

from marquee.catalog.records import ShowRecord
from marquee.catalog.states import ShowState
from marquee.core.choices import Choices

# Of all seats that customers without special needs can book. A small auditorium has few seats left
# when two couples could still come.
FILLING_UP_BELOW_PERCENT = 50
FEW_UP_TO_PERCENT = 10
FEW_UP_TO_SEATS = 4


class SalesState(Choices):
    """Whether customers can book a show now, and if not, why."""

    ON_SALE = "on_sale", "On sale"
    WHEELCHAIRS_ONLY = "wheelchairs_only", "Only wheelchair spaces left"
    SOLD_OUT = "sold_out", "Sold out"
    NOT_OPEN = "not_open", "Not yet on sale"
    CLOSED = "closed", "Sales have closed"
    STARTED = "started", "It has started"
    OVER = "over", "Over"
    CALLED_OFF = "called_off", "Called off"


class Fullness(Choices):
    """How full a show is, for people who choose one."""

    PLENTY = "plenty", "Plenty of seats"
    FILLING_UP = "filling_up", "Filling up"
    FEW_LEFT = "few_left", "Few seats left"
    SOLD_OUT = "sold_out", "Sold out"


def sales_state(show: ShowRecord, *, left: int, accessible_left: int, now: datetime) -> SalesState:
    """Return whether a show can be booked now, with so many seats and wheelchair spaces left."""
    if show.state == ShowState.CALLED_OFF:
        return SalesState.CALLED_OFF
    if now >= show.ends_at:
        return SalesState.OVER
    if now >= show.sales_until:
        return SalesState.STARTED if now >= show.starts_at else SalesState.CLOSED
    if show.sales_from and now < show.sales_from:
        return SalesState.NOT_OPEN
    if left:
        return SalesState.ON_SALE
    return SalesState.WHEELCHAIRS_ONLY if accessible_left else SalesState.SOLD_OUT


def fullness(*, left: int, total: int) -> Fullness:
    """Return how full a show is with so many of its seats left."""
    if left <= 0:
        return Fullness.SOLD_OUT
    if left <= FEW_UP_TO_SEATS or left * 100 <= total * FEW_UP_TO_PERCENT:
        return Fullness.FEW_LEFT
    if left * 100 < total * FILLING_UP_BELOW_PERCENT:
        return Fullness.FILLING_UP
    return Fullness.PLENTY
