"""The programme: shows, each in a room that is free for it. (Calling one off: booking.)

Two scheduled shows in one auditorium never overlap, turnaround included. The check runs inside
the write transaction with the auditorium locked, so it is exact on both engines; on PostgreSQL the
exclusion constraint `show_no_overlap` holds even against writers that never ran it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from marquee.catalog import local_time
from marquee.catalog.errors import ShowHasBookings, ShowOverlaps
from marquee.catalog.locks import lock_catalog, lock_row, lock_show_exclusively
from marquee.catalog.models import Auditorium, Movie, PriceCard, Show
from marquee.catalog.operations.price_cards import check_covers
from marquee.catalog.queries import newest_plan
from marquee.catalog.validation import save_validated
from marquee.core.errors import BadInput
from marquee.core.transactions import transactional

LONGEST = timedelta(days=2)


@transactional
def add_show(
    *,
    movie: Movie,
    auditorium: Auditorium,
    starts_at: datetime,
    price_card: PriceCard,
    ends_at: datetime | None = None,
    sales_until: datetime | None = None,
    language: str | None = None,
    **fields: Any,
) -> Show:
    """Return a new show, in the auditorium's newest seat plan; `fields` as in Show.

    Times without an offset are read off the cinema's clock. It ends, unless told otherwise, after
    the adverts (ADVERTS_MINUTES) and the movie; sells until it starts; is in the movie's original
    language. It may be in the past.

    Refuses with ShowOverlaps, RemovedMeanwhile, and BadInput, also for a price card of another
    cinema or one without a price for some of the seats.
    """
    auditorium, movie, price_card = lock_row(auditorium), lock_row(movie), lock_row(price_card)
    show = Show(movie=movie, auditorium=auditorium, price_card=price_card, **fields)
    show.seat_plan = newest_plan(auditorium)
    show.language = movie.original_language if language is None else language
    show.starts_at = _moment(show, starts_at, "starts_at")
    show.ends_at = _usual_end(show) if ends_at is None else _moment(show, ends_at, "ends_at")
    show.sales_until = show.starts_at
    if sales_until is not None:
        show.sales_until = _moment(show, sales_until, "sales_until")
    _clear_the_room(show)
    _check_prices(show)
    return _put_on(show)


@transactional
def change_show(*, show: Show, **changes: Any) -> Show:
    """Change some fields. None for a time or the language means the usual, as in `add_show`.

    Moved to another start, a show keeps its length, and goes on selling until it starts if it did.
    Moved to another auditorium, it takes that one's newest seat plan.

    Refuses as `add_show` does, and with ShowHasBookings when seats were held or sold and the
    movie or the auditorium would be another.
    """
    changes = _lock_ground(show, changes)
    lock_show_exclusively(show)
    show = lock_row(show, exclusive=True)  # new bookings wait
    place = (show.auditorium_id, show.starts_at, show.ends_at)
    trade = (show.auditorium_id, show.price_card_id)
    _set_what(show, changes)
    if place != (show.auditorium_id, show.starts_at, show.ends_at):
        _clear_the_room(show)
    if trade != (show.auditorium_id, show.price_card_id):
        _check_prices(show)
    return _put_on(show)


@transactional
def delete_show(*, show: Show) -> None:
    """Remove a show that nobody ever booked. Raises ProtectedError otherwise: call it off."""
    lock_catalog()
    lock_show_exclusively(show)
    lock_row(show, exclusive=True).delete()


def _lock_ground(show: Show, changes: dict[str, Any]) -> dict[str, Any]:
    """Lock what the show is in now and what it would stand on; return the changes with those."""
    rooms = {show.auditorium_id: Auditorium(pk=show.auditorium_id)}
    if "auditorium" in changes:
        rooms[changes["auditorium"].pk] = changes["auditorium"]
    rooms = {key: lock_row(rooms[key]) for key in sorted(rooms)}
    changes = changes | {
        name: lock_row(changes[name]) for name in ("movie", "price_card") if name in changes
    }
    if "auditorium" in changes:
        changes["auditorium"] = rooms[changes["auditorium"].pk]
    return changes


def _set_what(show: Show, changes: dict[str, Any]) -> None:
    """Set what the changes say, and what follows from it. Times come after the room: its clock."""
    movie, room = changes.get("movie", show.movie), changes.get("auditorium", show.auditorium)
    other_movie, other_room = movie != show.movie, room != show.auditorium
    if (other_movie or other_room) and show.bookings.exists():
        raise ShowHasBookings(
            "Seats are held or sold, so the movie and the auditorium stay. Call this show off, "
            "which cancels its bookings, and add another."
        )
    if other_room and show.claims.exclude(state="free").exists():
        raise ShowHasBookings("Seats are blocked, so the auditorium stays. Unblock them first.")
    if other_room:
        show.seat_plan = newest_plan(room)
    if changes.get("language", "") is None:
        changes["language"] = movie.original_language
    times = ("starts_at", "ends_at", "sales_until")
    for name in changes.keys() - set(times):
        setattr(show, name, changes[name])
    if other_movie:
        changes.setdefault("ends_at", None)
    _set_times(show, {name: changes[name] for name in times if name in changes})


def _set_times(show: Show, times: dict[str, datetime | None]) -> None:
    length, to_the_start = show.ends_at - show.starts_at, show.sales_until == show.starts_at
    if starts_at := times.get("starts_at"):
        show.starts_at = _moment(show, starts_at, "starts_at")
        show.ends_at = show.starts_at + length
    if ends_at := times.get("ends_at"):
        show.ends_at = _moment(show, ends_at, "ends_at")
    elif "ends_at" in times:
        show.ends_at = _usual_end(show)
    if sales_until := times.get("sales_until"):
        show.sales_until = _moment(show, sales_until, "sales_until")
    elif "sales_until" in times or to_the_start:
        show.sales_until = show.starts_at


def _moment(show: Show, value: datetime, field: str) -> datetime:
    return local_time.moment(value, zone=show.auditorium.cinema.tzinfo, field=field)


def _usual_end(show: Show) -> datetime:
    minutes = settings.ADVERTS_MINUTES + show.movie.runtime_minutes
    return show.starts_at + timedelta(minutes=minutes)


def _clear_the_room(show: Show) -> None:
    """Keep the room for the show and the turnaround that the auditorium has now."""
    show.occupied_until = show.ends_at + timedelta(minutes=show.auditorium.turnaround_minutes)


def _check_prices(show: Show) -> None:
    if show.price_card.cinema_id != show.auditorium.cinema_id:
        raise BadInput("The price card belongs to another cinema.", field="price_card")
    check_covers(show.price_card, [show.seat_plan_id], field="price_card")


def _put_on(show: Show) -> Show:
    """Store the show if its times make sense and the room is free."""
    if not timedelta() < show.ends_at - show.starts_at <= LONGEST:
        raise BadInput("A show ends after it starts, within two days.", field="ends_at")
    if show.sales_until > show.ends_at:
        raise BadInput("Sales close by the end of the show.", field="sales_until")
    _check_room_is_free(show)
    try:
        save_validated(show)
    except IntegrityError:
        _check_room_is_free(show)  # the constraint found what came in between: name it
        raise
    return show


def _check_room_is_free(show: Show) -> None:
    """Refuse with ShowOverlaps when another scheduled show has the room in that time."""
    if show.state != Show.State.SCHEDULED:
        return
    others = Show.objects.filter(
        auditorium=show.auditorium_id,
        state=Show.State.SCHEDULED,
        starts_at__lt=show.occupied_until,
        occupied_until__gt=show.starts_at,
    ).exclude(pk=show.pk)
    if other := others.select_related("movie", "auditorium__cinema").first():
        raise _overlap(other)


def _overlap(other: Show) -> ShowOverlaps:
    zone = other.auditorium.cinema.tzinfo
    starts, until = (at.astimezone(zone) for at in (other.starts_at, other.occupied_until))
    return ShowOverlaps(
        f"{other.movie.title} has {other.auditorium.name} from {starts:%Y-%m-%d %H:%M} to "
        f"{until:%H:%M}, turnaround included. Choose another time or another auditorium.",
        show={
            "id": other.pk,
            "movie": other.movie.title,
            "starts_at": starts.isoformat(timespec="seconds"),
            "occupied_until": until.isoformat(timespec="seconds"),
        },
    )
