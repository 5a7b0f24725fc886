"""Keep the wall-clock times at which shows were sold, when the rules of their time zones change."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from marquee.catalog import local_time, rules
from marquee.catalog.locks import lock_catalog, lock_row, lock_show_exclusively
from marquee.catalog.models import Show
from marquee.catalog.queries import find_overlap, shows_off_their_clock
from marquee.core.errors import Refused
from marquee.core.transactions import transactional


class KeptTimes(NamedTuple):
    """What `keep_local_times` did: the shows moved, and those that stay, each with the reason."""

    moved: list[Show]
    stuck: list[tuple[Show, str]]


def keep_local_times(*, keep: Callable[[Show], timedelta]) -> KeptTimes:
    """Move every show to come that no longer starts when its cinema's clock shows the time sold.

    `keep` moves one: `booking.operations` gives it, as bookings go along. Each is moved in a
    transaction of its own, and those in each other's way by turns.
    """
    moved: list[Show] = []
    while True:
        stuck, progress = [], 0
        for show in shows_off_their_clock():
            try:
                keep(show)
            except Refused as refusal:
                stuck.append((show, refusal.detail))
            else:
                moved.append(show)
                progress += 1
        if not progress or not stuck:
            return KeptTimes(moved, stuck)


TIMES = ("starts_at", "ends_at", "occupied_until", "sales_from", "sales_until")


@transactional
def keep_local_time(*, show: Show) -> timedelta:
    """Move a show to the instant at which its cinema's clock shows the time that was sold.

    What is printed on tickets stays, so nobody is told. The end and the sales times move with the
    start. Return by how much: nothing for a show that is right, or has begun either way.

    Refuses with ShowOverlaps, with BadInput when the clocks now skip that time, and with
    RemovedMeanwhile. Then staff must move the show.
    """
    lock_catalog()
    lock_show_exclusively(show)
    show = lock_row(show, exclusive=True, join="auditorium__cinema")  # new bookings wait
    kept = local_time.kept_instant(
        show.starts_at, utc_offset=show.utc_offset, zone=show.auditorium.cinema.tzinfo
    )
    kept = rules.check_clock_shows(kept, written=show.written_start)
    by = kept - show.starts_at
    is_off = by or show.timezone != show.auditorium.cinema.timezone
    if is_off and max(kept, show.starts_at) > timezone.now():
        _move(show, by)
        return by
    return timedelta()


def _move(show: Show, by: timedelta) -> None:
    for name in TIMES:
        if (time := getattr(show, name)) is not None:
            setattr(show, name, time + by)
    show.set_clock(show.auditorium.cinema.timezone)
    if show.state == Show.State.SCHEDULED:
        rules.check_no_overlap(find_overlap(show))
    show.save(update_fields=[*TIMES, "timezone", "utc_offset"])
