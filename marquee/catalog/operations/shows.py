"""Schedule, change and delete shows. (Calling a show off: `booking.operations`.)

Two scheduled shows in one auditorium never overlap, turnaround included. The check runs inside the
transaction that writes, with the auditorium locked, so it is exact on both engines. On PostgreSQL
the exclusion constraint `show_no_overlap` also stops writers that never ran the check.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from marquee.audit.states import Action
from marquee.catalog import local_time, rules
from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.locks import lock_catalog, lock_row, lock_show_exclusively
from marquee.catalog.models import Auditorium, Movie, PriceCard, SeatPlan, Show
from marquee.catalog.operations.audited import (
    record_added,
    record_changed,
    record_deleted,
    values_of,
)
from marquee.catalog.queries import find_format, find_overlap, get_prices, newest_plan
from marquee.catalog.records import Sold
from marquee.catalog.rules import ShowTimes
from marquee.catalog.validation import save_validated
from marquee.core.transactions import transactional

TIMES = ("starts_at", "ends_at", "sales_until", "sales_from")


@transactional
def add_show(
    *,
    movie: Movie,
    auditorium: Auditorium,
    starts_at: datetime,
    price_card: PriceCard,
    ends_at: datetime | None = None,
    sales_until: datetime | None = None,
    sales_from: datetime | None = None,
    language: str | None = None,
    **fields: Any,
) -> Show:
    """Return a new show in the auditorium's newest seat plan; `fields` as in Show.

    Times without an offset are read by the cinema's clock. By default a show ends after the adverts
    (ADVERTS_MINUTES) and the movie, sells from now on until it starts, and is in the movie's original
    language. It may be in the past.

    Refuses with ShowOverlaps, RemovedMeanwhile, and BadInput, also for a price card of another
    cinema or without a price for some of the seats.
    """
    lock_catalog()
    auditorium = lock_row(auditorium, join="cinema")
    movie, price_card = lock_row(movie), lock_row(price_card)
    show = Show(movie=movie, auditorium=auditorium, price_card=price_card, **_format(fields))
    show.seat_plan = newest_plan(auditorium)
    show.language = movie.original_language if language is None else language
    given = dict(zip(TIMES, (starts_at, ends_at, sales_until, sales_from), strict=True))
    _set_times(show, rules.new_times(**_to_utc(show, given), length=_default_length(show)))
    _set_occupied_until(show)
    _check_prices(show)
    _validate_and_save(show)
    record_added(show)
    return show


@transactional
def change_show(*, show: Show, **changes: Any) -> Show:
    """Change some fields. None for a time or the language means the default, as in `add_show`.

    A show that is moved to another start keeps its length, and its sales open and close as far from
    the start as before. In another auditorium it gets the newest seat plan of that auditorium.

    It knows no bookings: callers outside use `booking.operations.move_show`.

    Refuses as `add_show` does, and with ShowHasBookings to change the movie or the auditorium when
    seats were held or sold.
    """
    return change_show_from(show=show, **changes)[0]


def change_show_from(*, show: Show, reason: str = "", **changes: Any) -> tuple[Show, Sold]:
    """Change a show as `change_show` does, in the caller's transaction.

    Return it, and what it was sold as before. The audit log keeps the `reason`. Bookings of the show wait until the transaction ends.
    """
    lock_catalog()
    changes, auditoriums = _lock_related(show, changes)
    lock_show_exclusively(show)
    show = lock_row(show, exclusive=True)  # new bookings wait
    if auditorium := auditoriums.get(show.auditorium_id):
        show.auditorium = auditorium
    before, values = sold_as(show), values_of(show)
    place = (show.auditorium_id, show.starts_at, show.ends_at)
    prices = (show.auditorium_id, show.price_card_id)
    _apply(show, changes)
    if place != (show.auditorium_id, show.starts_at, show.ends_at):
        _set_occupied_until(show)
    if prices != (show.auditorium_id, show.price_card_id):
        _check_prices(show)
    _validate_and_save(show)
    is_moved = place[:2] != (show.auditorium_id, show.starts_at)
    action = Action.MOVED if is_moved else Action.CHANGED
    record_changed(show, values, action, reason=reason)
    return show, before


def replace_seat_plan(*, show: Show, seat_plan: SeatPlan) -> None:
    """Give a show another plan of its auditorium, in the caller's transaction, under its locks.

    Refuses with BadInput when the price card has no price for some of its seats.
    """
    values = values_of(show)
    show.seat_plan = seat_plan
    _check_prices(show)
    show.save(update_fields=["seat_plan"])
    record_changed(show, values, Action.NEW_PLAN)


def sold_as(show: Show) -> Sold:
    """Return what tickets of a show promise now."""
    return Sold(show.starts_at, show.format, show.language, show.subtitles, show.captions)


@transactional
def delete_show(*, show: Show) -> None:
    """Delete a show without bookings. Raises ProtectedError when it ever had one: call it off."""
    lock_catalog()
    lock_show_exclusively(show)
    show = lock_row(show, exclusive=True)
    record_deleted(show)
    show.delete()


def _lock_related(
    show: Show, changes: dict[str, Any]
) -> tuple[dict[str, Any], dict[int, Auditorium]]:
    """Lock the auditoriums, the movie and the card concerned.

    Return the changes with the locked rows in them, and the auditoriums by id. Refuses with RemovedMeanwhile.
    """
    try:
        place = show.auditorium_id
    except Show.DoesNotExist:  # it was not loaded yet
        raise RemovedMeanwhile("The show was removed a moment ago.") from None
    auditoriums = {place: Auditorium(pk=place)}
    if "auditorium" in changes:
        auditoriums[changes["auditorium"].pk] = changes["auditorium"]
    auditoriums = {key: lock_row(auditoriums[key], join="cinema") for key in sorted(auditoriums)}
    changes = changes | {
        name: lock_row(changes[name]) for name in ("movie", "price_card") if name in changes
    }
    if "auditorium" in changes:
        changes["auditorium"] = auditoriums[changes["auditorium"].pk]
    return changes, auditoriums


def _apply(show: Show, changes: dict[str, Any]) -> None:
    """Set the changes, and what follows from them."""
    changes = _format(changes)
    times = {name: changes.pop(name) for name in TIMES if name in changes}
    other_movie = "movie" in changes and changes["movie"].pk != show.movie_id
    if other_movie and show.language == show.movie.original_language:
        changes.setdefault("language", None)  # the default goes with the movie
    other_auditorium = "auditorium" in changes and changes["auditorium"].pk != show.auditorium_id
    if other_movie or other_auditorium:
        _check_may_replace(show, auditorium=other_auditorium)
    for name, value in changes.items():
        setattr(show, name, value)
    if changes.get("language", "") is None:
        show.language = show.movie.original_language
    if other_auditorium:
        show.seat_plan = newest_plan(show.auditorium)
    if other_movie:
        times.setdefault("ends_at", None)
    # Set the times last: they are local to the cinema of the new auditorium.
    given = _to_utc(show, times)
    length, now = _default_length(show), timezone.now()
    _set_times(show, rules.changed_times(_times(show), given, length=length, now=now))


def _format(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the format's code as it is stored. Refuses with BadInput an unknown one."""
    default = Show._meta.get_field("format").default
    if (code := fields.get("format", default)) == default:
        return dict(fields)
    return fields | {"format": find_format(code)}


def _check_may_replace(show: Show, *, auditorium: bool) -> None:
    rules.check_may_replace(
        auditorium=auditorium,
        has_bookings=show.bookings.exists(),
        has_blocked_seats=show.claims.exclude(state="free").exists(),
    )


def _to_utc(show: Show, times: dict[str, datetime | None]) -> dict[str, Any]:
    zone = show.auditorium.cinema.tzinfo
    return {
        name: value and local_time.to_utc(value, zone=zone, field=name)
        for name, value in times.items()
    }


def _times(show: Show) -> ShowTimes:
    return ShowTimes(show.starts_at, show.ends_at, show.sales_until, show.sales_from)


def _set_times(show: Show, times: ShowTimes) -> None:
    """Set the times, and the wall-clock times of those that changed. What stays keeps its own."""
    zone, before = show.auditorium.cinema.timezone, _times(show)
    is_other_zone = show.timezone != zone
    show.starts_at, show.ends_at, show.sales_until, show.sales_from = times
    if is_other_zone or before.starts_at != show.starts_at:
        show.set_clock(zone)
    for name in ("sales_until", "sales_from"):
        if is_other_zone or getattr(before, name) != getattr(show, name):
            show.set_sales_clock(name)


def _default_length(show: Show) -> timedelta:
    return rules.default_length(
        runtime_minutes=show.movie.runtime_minutes, adverts_minutes=settings.ADVERTS_MINUTES
    )


def _set_occupied_until(show: Show) -> None:
    """Occupy the auditorium for the show and for the turnaround as it is now."""
    show.occupied_until = rules.occupied_until(
        show.ends_at, turnaround_minutes=show.auditorium.turnaround_minutes
    )


def _check_prices(show: Show) -> None:
    rules.check_card_is_of_cinema(
        card_cinema_id=show.price_card.cinema_id, cinema_id=show.auditorium.cinema_id
    )
    # The card is locked, so the show will sell at this version of its prices.
    prices = get_prices(show.price_card_id, show.price_card.version)
    categories = show.seat_plan.categories
    rules.check_prices_cover(
        default_type=prices.default_type,
        seat_categories=categories,
        priced=[name for name in categories if prices.sells(name, prices.default_type)],
        field="price_card",
    )


def _validate_and_save(show: Show) -> None:
    """Save the show if its times are valid and the auditorium is free."""
    rules.check_times(_times(show))
    _check_no_overlap(show)
    try:
        save_validated(show)
    except IntegrityError:
        _check_no_overlap(show)  # refused by the exclusion constraint: name the other show
        raise


def _check_no_overlap(show: Show) -> None:
    if show.state == Show.State.SCHEDULED:
        rules.check_no_overlap(find_overlap(show))
