"""Decide what staff may write into the catalog: pure functions, without a database.

Each `check_…` raises the refusal that its docstring names, and returns nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from marquee.catalog import local_time
from marquee.catalog.errors import CinemaInUse, FormatInUse, ShowHasBookings, ShowOverlaps
from marquee.catalog.records import OccupiedTime, ShowRecord
from marquee.catalog.states import ShowPhase, ShowState
from marquee.core import money, zones
from marquee.core.errors import BadInput
from marquee.core.money import Money
from marquee.core.zones import write_time

MAX_SHOW_LENGTH = timedelta(days=2)
MAX_SHOWS_NAMED = 10


class ShowTimes(NamedTuple):
    """When a show starts and ends, and from when until when it is sold: from None, always."""

    starts_at: datetime
    ends_at: datetime
    sales_until: datetime
    sales_from: datetime | None = None


# --- Shows ----------------------------------------------------------------------------------------


def is_on_sale(show: ShowRecord, now: datetime) -> bool:
    """Return whether tickets for a show are sold now."""
    opens = show.sales_from or now
    return show.state == ShowState.SCHEDULED and opens <= now < show.sales_until


def default_length(*, runtime_minutes: int, adverts_minutes: int) -> timedelta:
    """Return how long a show lasts unless staff say otherwise: the adverts and the movie."""
    return timedelta(minutes=adverts_minutes + runtime_minutes)


def needed_end(
    times: ShowTimes, *, runtime_before: int | None, runtime: int, adverts_minutes: int
) -> datetime:
    """Return when a show must end at the earliest after its movie's runtime changed.

    It has time for the movie, and for the adverts as far as it had time for them before: for all of
    them when the runtime before is unknown.
    """
    adverts = timedelta(minutes=adverts_minutes)
    if runtime_before is not None:
        spare = times.ends_at - times.starts_at - timedelta(minutes=runtime_before)
        adverts = min(max(spare, timedelta()), adverts)
    return times.starts_at + timedelta(minutes=runtime) + adverts


def new_times(
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    sales_until: datetime | None,
    sales_from: datetime | None,
    length: timedelta,
) -> ShowTimes:
    """Return the times of a new show.

    None means the default: `length`, sales until the start, and from now on.
    """
    ends_at, sales_until = ends_at or starts_at + length, sales_until or starts_at
    return ShowTimes(starts_at, ends_at, sales_until, sales_from)


def changed_times(
    times: ShowTimes, changes: Mapping[str, datetime | None], *, length: timedelta, now: datetime
) -> ShowTimes:
    """Return the times of a show after these changes. None means the default, as in `new_times`.

    What is not given stays as far from the start as it was: the end, and both ends of the sales.
    Sales that have opened stay open.
    """
    starts_at = changes.get("starts_at") or times.starts_at
    moved_by = starts_at - times.starts_at
    ends_at, sales_until = times.ends_at + moved_by, times.sales_until + moved_by
    sales_from = _moved_opening(times.sales_from, moved_by, now=now)
    if "ends_at" in changes:
        ends_at = changes["ends_at"] or starts_at + length
    if "sales_until" in changes:
        sales_until = changes["sales_until"] or starts_at
    if "sales_from" in changes:
        sales_from = changes["sales_from"]
    elif sales_from is not None and sales_from <= now:
        sales_from = min(sales_from, sales_until)
    return ShowTimes(starts_at, ends_at, sales_until, sales_from)


def _moved_opening(
    sales_from: datetime | None, moved_by: timedelta, *, now: datetime
) -> datetime | None:
    if sales_from is None or sales_from <= now:
        return sales_from
    return sales_from + moved_by


def show_phase(state: str, *, starts_at: datetime, ends_at: datetime | None, now: datetime) -> str:
    """Return what a show is at the moment. A form that is shown again may have left its end open."""
    if state == ShowState.CALLED_OFF:
        return ShowPhase.CALLED_OFF
    if now < starts_at:
        return ShowPhase.UPCOMING
    return ShowPhase.RUNNING if ends_at is None or now < ends_at else ShowPhase.OVER


def check_times(times: ShowTimes) -> None:
    """Refuse with BadInput when a show ends before it starts, lasts too long, or sells after its end.

    Also when its sales would open after they close, or either before FIRST_YEAR: what a show takes along
    when it moves is as far from the start as it was, and may be centuries.
    """
    if not timedelta() < times.ends_at - times.starts_at <= MAX_SHOW_LENGTH:
        raise BadInput("A show ends after it starts, within two days.", field="ends_at")
    if times.sales_until > times.ends_at:
        raise BadInput("Sales close by the end of the show.", field="sales_until")
    if times.sales_from is not None and times.sales_from > times.sales_until:
        raise BadInput("Sales open before they close.", field="sales_from")
    for field, at in (("sales_from", times.sales_from), ("sales_until", times.sales_until)):
        if at is not None and at < local_time.EARLIEST:
            raise BadInput(
                f"That would be before {local_time.FIRST_YEAR}: give it anew.", field=field
            )


def occupied_until(ends_at: datetime, *, turnaround_minutes: int) -> datetime:
    """Return until when a show occupies its auditorium: its end and the turnaround."""
    return ends_at + timedelta(minutes=turnaround_minutes)


def check_no_overlap(other: OccupiedTime | None) -> None:
    """Refuse with ShowOverlaps when another show has the auditorium in that time."""
    if other is None:
        return
    starts, until = (at.astimezone(other.zone) for at in (other.starts_at, other.occupied_until))
    raise ShowOverlaps(
        f"{other.movie} has {other.auditorium} from {write_time(starts, str(other.zone))} to "
        f"{write_time(until, str(other.zone))}, turnaround included. Choose another time or another "
        "auditorium.",
        show={
            "id": other.show_id,
            "movie": other.movie,
            "starts_at": starts.isoformat(timespec="seconds"),
            "occupied_until": until.isoformat(timespec="seconds"),
        },
    )


def check_clock_shows(instant: datetime | None, *, written: str) -> datetime:
    """Return when the clock shows the time a show was sold by. Refuses with BadInput if it never does."""
    if instant is None:
        raise BadInput(
            f"The clocks now skip {written}, by the rules of that zone. Move the show.",
            field="starts_at",
        )
    return instant


def check_no_overlaps(others: Sequence[OccupiedTime]) -> None:
    """Refuse with ShowOverlaps to extend shows when others have the auditoriums: all are named."""
    try:
        check_no_overlap(others[0] if others else None)
    except ShowOverlaps as refusal:
        named = "; ".join(
            f"{other.movie} in {other.auditorium} from "
            f"{other.starts_at.astimezone(other.zone):%Y-%m-%d %H:%M}"
            for other in others[:MAX_SHOWS_NAMED]
        )
        more = len(others) - MAX_SHOWS_NAMED
        rest = f" and {more} more" if more > 0 else ""
        raise ShowOverlaps(
            f"The longer shows would overlap others: {named}{rest}. Nothing was changed. Move those "
            "first, or change the runtime alone.",
            **refusal.facts,
        ) from None


def check_may_replace(*, auditorium: bool, has_bookings: bool, has_blocked_seats: bool) -> None:
    """Refuse with ShowHasBookings to give a show another movie or, with `auditorium`, another auditorium."""
    if has_bookings:
        raise ShowHasBookings(
            "Seats are held or sold, so the movie and the auditorium stay. Call this show off, "
            "which cancels its bookings, and add another."
        )
    if auditorium and has_blocked_seats:
        raise ShowHasBookings("Seats are blocked, so the auditorium stays. Unblock them first.")


def check_card_is_of_cinema(*, card_cinema_id: int, cinema_id: int) -> None:
    """Refuse with BadInput when the price card belongs to another cinema than the auditorium."""
    if card_cinema_id != cinema_id:
        raise BadInput("The price card belongs to another cinema.", field="price_card")


# --- Movies ---------------------------------------------------------------------------------------


def check_translations(languages: Sequence[str], *, known: Collection[str]) -> None:
    """Refuse with BadInput a language that pages are not translated into, or two translations into one."""
    for place, language in enumerate(languages):
        if language not in known:
            detail = f"Pages are not translated into {language}: there are {', '.join(known)}."
            raise BadInput(detail, field="translations")
        if language in languages[:place]:
            raise BadInput(f"Translate a movie into {language} once.", field="translations")


# --- Formats --------------------------------------------------------------------------------------


def check_format_code_stays(*, before: str, after: str) -> None:
    """Refuse with BadInput another code for a format."""
    if before != after:
        raise BadInput(f"Shows name this format {before}: add another one instead.", field="code")


def check_format_is_unused(*, code: str, shows: int) -> None:
    """Refuse with FormatInUse to delete a format that shows have."""
    if shows:
        raise FormatInUse(f"Shows have the format {code} ({shows}): give them another one first.")


# --- Price cards and ticket types -----------------------------------------------------------------


def check_prices_cover(
    *, default_type: str, seat_categories: Collection[str], priced: Collection[str], field: str
) -> None:
    """Refuse with BadInput when the default type has no price for some of the seat categories."""
    if missing := sorted(set(seat_categories) - set(priced)):
        raise BadInput(
            f"There is no {default_type} price for {' and '.join(missing)} seats.",
            field=field,
            categories=missing,
        )


def check_default_has_price(*, default_type: str, priced: Collection[str]) -> None:
    """Refuse with BadInput when customers can book the default type nowhere."""
    if not priced:
        raise BadInput(f"The default ticket type, {default_type}, has no price.", field="prices")


def check_may_be_default(*, code: str, is_restricted: bool) -> None:
    """Refuse with BadInput a default type that customers cannot book alone."""
    if is_restricted:
        raise BadInput(
            f"Customers cannot book one {code} ticket alone: choose another default type.",
            field="default_type",
        )


def check_may_restrict(*, cards: Collection[str], counter_only: bool) -> None:
    """Refuse with BadInput to restrict a ticket type that is the default of these price cards."""
    if cards:
        raise BadInput(
            f"It is the default type of {'; '.join(cards)}: first give those another one.",
            field="counter_only" if counter_only else "needs_kind",
        )


def check_ticket_type_known(code: str, *, known: Collection[str], field: str) -> None:
    """Refuse with BadInput a code that no ticket type has."""
    if code not in known:
        raise BadInput(
            f"There is no ticket type {code!r}: there are {', '.join(known)}.", field=field
        )


def check_seat_category_known(category: str, *, known: Collection[str], field: str) -> None:
    """Refuse with BadInput an unknown seat category."""
    if category not in known:
        raise BadInput(f"There is no seat category {category!r}.", field=field)


def check_price_is_new(
    category: str, code: str, *, known: Collection[tuple[str, str]], field: str
) -> None:
    """Refuse with BadInput a second price for the same seat category and ticket type."""
    if (category, code) in known:
        raise BadInput(f"The {code} price for {category} seats is given twice.", field=field)


def to_minor_units(amount: Decimal, currency: str, *, field: str) -> int:
    """Return a price in minor units. Refuses with BadInput what the currency cannot express."""
    try:
        return Money.parse(amount, currency, most=money.MAX_PRICE).minor
    except ValueError as error:
        raise BadInput(str(error), field=field) from None


# --- Cinemas --------------------------------------------------------------------------------------


def check_zone_is_place(zone: str) -> None:
    """Refuse with BadInput a time zone that is no place, such as UTC or `localtime`."""
    if detail := zones.refusal_of(zone):
        raise BadInput(detail, field="timezone")


def check_currency_is_current(currency: str) -> None:
    """Refuse with BadInput a currency that nobody pays with any more, such as ITL."""
    if not money.is_current(currency):
        raise BadInput(
            f"{currency} is no currency that ISO 4217 has now, such as EUR.", field="currency"
        )


def check_may_change_cinema(*, changes_meaning: bool, has_price_cards: bool) -> None:
    """Refuse with CinemaInUse another time zone or currency once the cinema has price cards.

    A cinema without price cards has no shows either. Another name of the same zone changes nothing.
    """
    if changes_meaning and has_price_cards:
        raise CinemaInUse(
            "The cinema has price cards, so its time zone and currency stay. "
            "Remove its shows and price cards first, or add another cinema. Those who run Marquee can "
            "change the zone: `manage.py change_zone` keeps the local times of its shows."
        )


def check_cinema_stays(*, before: int, after: int, what_stays: str) -> None:
    """Refuse with BadInput to move an auditorium or a price card to another cinema."""
    if before != after:
        raise BadInput(f"{what_stays}: add another one there.", field="cinema")
