"""What the page of seats says when something is not possible: in the reader's language, with a way on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from babel.lists import format_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marquee.booking.sales_states import SalesState
from marquee.core import locales
from marquee.core.zones import zone_as_stored
from marquee.web.storefront.seat_choice import SeatChoice
from marquee.web.storefront.seat_offer import SeatOffer


@dataclass(frozen=True, slots=True)
class Alternative:
    """Other seats, and the query of the URL that chooses them."""

    seats: str
    query: str


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, what to do, and seats to choose instead."""

    title: str
    detail: str = ""
    alternatives: Sequence[Alternative] = ()
    may_keep: bool = False  # whether the same choice can be sent once more
    bookings: Sequence[str] = ()  # the customer's own, by reference
    links: Sequence[tuple[str, str]] = ()  # what to do first: words and URL
    tickets: Mapping[str, str] = field(default_factory=dict)  # what is wrong with one, by its seat


def seats_in_words(labels: Sequence[str], offer: SeatOffer) -> str:
    """Return labels as a sentence has them: `C7, C8 and C9`."""
    return format_list([*labels], locale=offer.locale)


def alternatives_of(
    groups: Sequence[Sequence[str]], choice: SeatChoice, offer: SeatOffer
) -> list[Alternative]:
    """Return groups of seats, each in the order of the seats chosen, as links."""
    return [Alternative(seats_in_words(group, offer), choice.query(group)) for group in groups]


def about_gaps(
    alone: Sequence[str], groups: Sequence[Sequence[str]], choice: SeatChoice, offer: SeatOffer
) -> Message:
    """Return the advice to choose seats that leave none alone."""
    return Message(
        gap_title(alone, offer),
        _(
            "Hardly anybody books a single seat. Would other seats at the same price suit you as well?"
        ),
        alternatives_of(groups, choice, offer),
        may_keep=True,
    )


def about_choice(choice: SeatChoice, offer: SeatOffer) -> Message | None:
    """Return what could not be chosen of what a URL asks for, and why; None if all could."""
    parts = []
    if choice.taken:
        parts.append(taken_by_now(choice.taken, offer))
    if choice.unknown:
        unknown = ", ".join(choice.unknown)
        parts.append(_("There is no seat %(seats)s in this auditorium.") % {"seats": unknown})
    if choice.beyond_limit:
        parts.append(at_most(offer.limit))
    if not parts:
        return None
    return Message(_("Not all of these seats can be chosen"), " ".join(parts))


def nothing_chosen() -> Message:
    """Return what to say about a form without a seat."""
    return Message(
        _("Choose at least one seat"), _("Tick the seats, or take the best ones for you.")
    )


def about_state(offer: SeatOffer) -> tuple[str, str]:
    """Return why no seat can be booked, as a title and a sentence."""
    title, detail = STATES[offer.state](offer)
    return title, detail


Text = tuple[str, str]


def moment(at: datetime, offer: SeatOffer) -> str:
    """Return a time by the cinema's clock."""
    show = offer.show
    zone = zone_as_stored(show.starts_at, show.timezone, show.utc_offset)
    return locales.format_moment(at.astimezone(zone), offer.locale)


def taken_by_now(labels: Sequence[str], offer: SeatOffer) -> str:
    """Return that these seats are taken."""
    return ngettext("%(seats)s is taken by now.", "%(seats)s are taken by now.", len(labels)) % {
        "seats": seats_in_words(labels, offer)
    }


def at_most(limit: int) -> str:
    """Return how many seats can be chosen."""
    return ngettext(
        "At most %(limit)s seat can be chosen.", "At most %(limit)s seats can be chosen.", limit
    ) % {"limit": limit}


def gap_title(alone: Sequence[str], offer: SeatOffer) -> str:
    """Return that a choice leaves these seats alone."""
    return _("Your choice would leave %(seats)s alone") % {"seats": seats_in_words(alone, offer)}


def _called_off(offer: SeatOffer) -> Text:
    reason = offer.show.call_off_reason
    says = _("The cinema says: %(reason)s") % {"reason": reason} if reason else ""
    return _("This show does not take place"), says


def _over(offer: SeatOffer) -> Text:
    return _("This show is over"), ""


def _started(offer: SeatOffer) -> Text:
    return _("This show has started"), _(
        "Its seats are no longer sold here. Ask at the box office."
    )


def _closed(offer: SeatOffer) -> Text:
    return (
        _("This show is no longer sold here"),
        _("Sales closed on %(when)s. The box office may still have seats.")
        % {"when": moment(offer.show.sales_until, offer)},
    )


def _not_open(offer: SeatOffer) -> Text:
    opens = offer.show.sales_from or offer.show.starts_at
    return (
        _("This show is not on sale yet"),
        _("Sales open on %(when)s.") % {"when": moment(opens, offer)},
    )


def _all_sold(offer: SeatOffer) -> Text:
    return (
        _("This show is sold out"),
        _("Seats that others give back are sold here again: look in once more later."),
    )


STATES: Mapping[SalesState, Callable[[SeatOffer], Text]] = {
    SalesState.CALLED_OFF: _called_off,
    SalesState.OVER: _over,
    SalesState.STARTED: _started,
    SalesState.CLOSED: _closed,
    SalesState.NOT_OPEN: _not_open,
    SalesState.SOLD_OUT: _all_sold,
}
