"""What the page of seats says when something is not possible: in the reader's language, with a way on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.lists import format_list
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marquee.booking.sales_states import SalesState
from marquee.core import locales
from marquee.core.errors import Refused
from marquee.core.money import Money
from marquee.core.zones import zone_as_stored
from marquee.web.returning import with_next
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


def seats_in_words(labels: Sequence[str], offer: SeatOffer) -> str:
    """Return labels as a sentence has them: `C7, C8 and C9`."""
    return format_list([*labels], locale=offer.locale)


def about_refusal(refusal: Refused, choice: SeatChoice, offer: SeatOffer) -> Message:
    """Return what to say about a refusal of the seats chosen."""
    explain = REFUSALS.get(refusal.code)
    if explain is None:
        return Message(
            _("This is not possible now"),
            _("Something has changed since the page was opened. Nothing was booked."),
        )
    title, detail = explain(refusal, offer)
    return Message(
        title,
        detail,
        alternatives_of(refusal.facts.get("alternatives", ()), choice, offer),
        bookings=refusal.facts.get("own_bookings", ()),
    )


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
        _gap_title(alone, offer),
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
        parts.append(_taken(choice.taken, offer))
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


def _taken(labels: Sequence[str], offer: SeatOffer) -> str:
    return ngettext("%(seats)s is taken by now.", "%(seats)s are taken by now.", len(labels)) % {
        "seats": seats_in_words(labels, offer)
    }


def at_most(limit: int) -> str:
    """Return how many seats can be chosen."""
    return ngettext(
        "At most %(limit)s seat can be chosen.", "At most %(limit)s seats can be chosen.", limit
    ) % {"limit": limit}


def _gap_title(alone: Sequence[str], offer: SeatOffer) -> str:
    return _("Your choice would leave %(seats)s alone") % {"seats": seats_in_words(alone, offer)}


def _seats_taken(refusal: Refused, offer: SeatOffer) -> Text:
    if refusal.facts.get("own_bookings"):
        return (
            _("You have these seats already"),
            _("They are in a booking of yours."),
        )
    advice = (
        _("Choose one of these, or other seats:")
        if refusal.facts.get("alternatives")
        else _("Choose other seats.")
    )
    return _taken(refusal.facts["seats"], offer), advice


def _single_gap(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _gap_title(refusal.facts["left_alone"], offer),
        _(
            "This cinema asks you to leave no single seat while there are better ones at the same price:"
        ),
    )


def _sold_out(refusal: Refused, offer: SeatOffer) -> Text:
    left = refusal.facts["left"]
    return (
        _("Not enough seats are left for this"),
        ngettext(
            "%(left)s seat of this kind is free.", "%(left)s seats of this kind are free.", left
        )
        % {"left": left}
        + " "
        + _("Ask for fewer seats, or for others."),
    )


def _limit(refusal: Refused, offer: SeatOffer) -> Text:
    left = refusal.facts["left"]
    return (
        _("These are too many seats"),
        ngettext(
            "You can book %(left)s more seat of this show.",
            "You can book %(left)s more seats of this show.",
            left,
        )
        % {"left": left}
        + " "
        + _("The box office helps larger parties."),
    )


def _wheelchairs(refusal: Refused, offer: SeatOffer) -> Text:
    left = refusal.facts["left"]
    return (
        _("These are too many wheelchair spaces"),
        ngettext(
            "You can book %(left)s wheelchair space here.",
            "You can book %(left)s wheelchair spaces here.",
            left,
        )
        % {"left": left}
        + " "
        + _("The box office helps larger parties."),
    )


def _until(refusal: Refused, offer: SeatOffer) -> str:
    until = datetime.fromisoformat(refusal.facts["until"]).astimezone(ZoneInfo(offer.show.timezone))
    return locales.format_clock(until, offer.locale)


def _hold_limit(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("You held seats of this show very often"),
        _("So that others have a chance, try again at %(time)s.")
        % {"time": _until(refusal, offer)},
    )


def _cooling_down(refusal: Refused, offer: SeatOffer) -> Text:
    seats = seats_in_words(refusal.facts["seats"], offer)
    return (
        _("You gave %(seats)s back several times") % {"seats": seats},
        _("Choose other seats, or try again at %(time)s.") % {"time": _until(refusal, offer)},
    )


def _price_changed(refusal: Refused, offer: SeatOffer) -> Text:
    total = refusal.facts["total"]
    return (
        _("The price has changed"),
        _("These seats cost %(total)s now. Continue if that is all right.")
        % {"total": offer.money(_minor(total))},
    )


def _minor(total: Mapping[str, str]) -> int:
    return Money.parse(Decimal(total["amount"]), total["currency"]).minor


def _needs_another(refusal: Refused, offer: SeatOffer) -> Text:
    names = ", ".join(offer.type_names.get(code, code) for code in refusal.facts["types"])
    needs = refusal.facts["needs"]
    if needs["kind"]:
        detail = _("Each of these tickets goes with one in a wheelchair space.")
    else:
        other = offer.type_names.get(needs["type"], needs["type"])
        detail = _("Each of these tickets goes with a ticket of the type %(type)s.") % {
            "type": other
        }
    return (
        _("%(types)s: another ticket is missing") % {"types": names},
        f"{detail} " + _("Add it, or choose another type."),
    )


def _companions(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("Companion seats go with wheelchair spaces"),
        _(
            "Each companion seat needs a wheelchair space in the same booking. Add one, or choose other seats."
        ),
    )


def _unknown_seat(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("The auditorium has no such seat"),
        _("Choose among the seats below. Nothing was booked."),
    )


def _unknown_type(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("This ticket type is not sold for these seats"),
        _("Choose the types again. Nothing was booked."),
    )


def _counter_only(refusal: Refused, offer: SeatOffer) -> Text:
    names = ", ".join(offer.type_names.get(code, code) for code in refusal.facts["types"])
    return (
        _("Only the box office sells this: %(types)s") % {"types": names},
        _("Choose another type, or ask at the box office."),
    )


def _too_many_holds(refusal: Refused, offer: SeatOffer) -> Text:
    seconds = refusal.facts["retry_after"]
    return (
        _("Many seats are held from your network"),
        ngettext(
            "Try again in %(minutes)s minute.",
            "Try again in %(minutes)s minutes.",
            -(-seconds // 60),
        )
        % {"minutes": -(-seconds // 60)},
    )


def _too_many_attempts(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("Too many attempts"),
        _("This was tried very often in a short time. Try again later."),
    )


def about_unverified(path: str, *, is_logged_in: bool) -> Message:
    """Return what to do where only verified accounts book: `path` leads back to the choice."""
    if is_logged_in:
        return Message(
            _("Verify your address first"),
            _("Open the link in the mail that we sent you, and then continue here."),
            links=[(_("To your account"), reverse("account"))],
        )
    return Message(
        _("You need an account to book here"),
        _("This cinema takes bookings from verified addresses. Your choice of seats stays."),
        links=[
            (_("Log in"), with_next("log-in", path)),
            (_("Sign up"), with_next("sign-up", path)),
        ],
    )


def _key_reused(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("This form was sent before with other seats"),
        _("Look at the seats below, and continue once more."),
    )


def _account_closed(refusal: Refused, offer: SeatOffer) -> Text:
    return (_("You are no longer logged in"), _("Log in again, or continue as a guest."))


def _bad_input(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("This cannot be booked"),
        _("Something of what was sent does not fit this show. Nothing was booked: choose again."),
    )


def _state(refusal: Refused, offer: SeatOffer) -> Text:
    return (_("This show is not on sale"), _("Nothing was booked."))


REFUSALS: Mapping[str, Callable[[Refused, SeatOffer], Text]] = {
    "account_closed": _account_closed,
    "companion_without_space": _companions,
    "cooling_down": _cooling_down,
    "counter_only": _counter_only,
    "hold_limit": _hold_limit,
    "invalid": _bad_input,
    "key_reused": _key_reused,
    "needs_another": _needs_another,
    "price_changed": _price_changed,
    "sales_closed": _state,
    "sales_not_open": _state,
    "seat_limit": _limit,
    "seats_taken": _seats_taken,
    "show_called_off": _state,
    "single_gap": _single_gap,
    "sold_out": _sold_out,
    "too_many_attempts": _too_many_attempts,
    "too_many_holds": _too_many_holds,
    "unknown_seat": _unknown_seat,
    "unknown_ticket_type": _unknown_type,
    "unpaid_limit": _limit,
    "wheelchair_limit": _wheelchairs,
}


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
