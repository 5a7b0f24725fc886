"""What makes the demo's first evenings look alive, whenever it is loaded: pure.

*Tonight* is the first evening of which enough is to come: the cinema's today, or tomorrow for who loads
the demo late. On both evenings from tonight a show is sold out, and another nearly. Tonight one is called
off. One of tomorrow's last shows is not on sale before the morning.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum, auto

from marquee.demo.cinemas import EVENING, DemoCinema
from marquee.demo.shows import Slot, plan_day

# What begins sooner is no use for trying a booking out.
MARGIN = timedelta(minutes=30)
# How many evening shows must be to come, in how many auditoriums.
ENOUGH_SHOWS, AUDITORIUMS = 4, 3
EVENINGS = 2
ON_SALE_AT = time(10)
REASON = "The projector has broken down, and its spare part comes tomorrow. We are sorry."


class Highlight(Enum):
    """What is special about a show."""

    SOLD_OUT = auto()
    NEARLY_SOLD_OUT = auto()
    CALLED_OFF = auto()
    NOT_ON_SALE = auto()


@dataclass(frozen=True, slots=True)
class Highlights:
    """The special shows of one day of a cinema, and when the one that is not on sale will be."""

    by_slot: Mapping[Slot, Highlight]
    sales_from: Mapping[Slot, datetime]


def first_night(cinema: DemoCinema, today: date, now: datetime) -> int:
    """Return how many days ahead tonight is: 0, or 1 where most of today's evening has begun."""
    left = _evening(plan_day(cinema, today), now)
    is_enough = len(left) >= ENOUGH_SHOWS and len({slot.auditorium for slot in left}) >= AUDITORIUMS
    return 0 if is_enough else 1


def find_highlights(
    cinema: DemoCinema, slots: Sequence[Slot], *, today: date, ahead: int, now: datetime
) -> Highlights:
    """Return the special shows among those of the day that is `ahead` days after today."""
    evening, by_slot = _evening(slots, now), {}
    tonight = first_night(cinema, today, now)

    def mark(highlight: Highlight, choose: Callable[[Slot], bool], *, last: bool = False) -> None:
        free = [slot for slot in evening if slot not in by_slot and choose(slot)]
        if free:
            by_slot[free[-1 if last else 0]] = highlight

    if 0 <= ahead - tonight < EVENINGS:
        mark(Highlight.SOLD_OUT, lambda slot: slot.auditorium == AUDITORIUMS - 1)
        mark(Highlight.NEARLY_SOLD_OUT, lambda slot: slot.auditorium == 1)
    if ahead == tonight:
        mark(Highlight.CALLED_OFF, lambda _slot: True, last=True)
    if ahead == 1:
        mark(Highlight.NOT_ON_SALE, lambda _slot: True, last=True)
    morning = datetime.combine(today + timedelta(days=1), ON_SALE_AT, tzinfo=cinema.zone)
    later = [slot for slot, one in by_slot.items() if one == Highlight.NOT_ON_SALE]
    return Highlights(by_slot, dict.fromkeys(later, morning.astimezone(UTC)))


def _evening(slots: Sequence[Slot], now: datetime) -> list[Slot]:
    """Return the evening's shows that are to come, the first of them first."""
    left = [slot for slot in slots if slot.card == EVENING and slot.starts_at > now + MARGIN]
    return sorted(left, key=lambda slot: (slot.starts_at, slot.auditorium))
