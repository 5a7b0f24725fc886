"""Keep the wall-clock times at which shows were sold, when the rules of their time zones change."""

from collections.abc import Callable
from datetime import datetime, timedelta
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
    stuck: list[tuple[Show, str]] = []
    shows = shows_off_their_clock()
    while shows:
        stuck = []
        for show in shows:
            try:
                keep(show)
            except Refused as refusal:
                stuck.append((show, refusal.detail))
            else:
                moved.append(show)
        left = shows_off_their_clock() if stuck else []
        shows = left if len(left) < len(shows) else []  # else nothing has moved out of the way
    return KeptTimes(moved, stuck)


# Those that move with the start, and those that keep a local time of their own.
TIMES = ("starts_at", "ends_at", "occupied_until")
SALES_TIMES = ("sales_until", "sales_from")
CLOCKS = ("timezone", "utc_offset", "sales_until_offset", "sales_from_offset")


@transactional
def keep_local_time(*, show: Show) -> timedelta:
    """Move a show to the instant at which its cinema's clock shows the time that was sold.

    What is printed on tickets stays, so nobody is told. The end moves with the start; sales open and
    close at the local times that were set. Return by how much the start moves: nothing for a show
    that is right, or has begun either way.

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
    if max(kept, show.starts_at) > timezone.now():
        _move(show, by)
        return by
    return timedelta()


def _move(show: Show, by: timedelta) -> None:
    """Move a show, and save it if that changes anything."""
    before = _clock_of(show)
    sales = {name: _kept_sales_time(show, name, by) for name in SALES_TIMES}
    for name in TIMES:
        setattr(show, name, getattr(show, name) + by)
    show.set_clock(show.auditorium.cinema.timezone)
    latest = show.ends_at
    for name, at in sales.items():
        setattr(show, name, at and min(at, latest))
        show.set_sales_clock(name)
        latest = show.sales_until
    if _clock_of(show) == before:
        return
    if show.state == Show.State.SCHEDULED:
        rules.check_no_overlap(find_overlap(show))
    show.save(update_fields=[*TIMES, *SALES_TIMES, *CLOCKS])


def _clock_of(show: Show) -> list[object]:
    return [getattr(show, name) for name in (*TIMES, *SALES_TIMES, *CLOCKS)]


def _kept_sales_time(show: Show, name: str, by: timedelta) -> datetime | None:
    """Return when the clock shows a sales time as it was set, if it has a local time of its own."""
    at, offset = getattr(show, name), getattr(show, f"{name}_offset")
    if at is None:
        return None
    kept = None
    if offset is not None:
        kept = local_time.kept_instant(at, utc_offset=offset, zone=show.auditorium.cinema.tzinfo)
    return kept or at + by
