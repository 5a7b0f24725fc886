"""What the page of seats says of a refusal: in the reader's language, and what to do now."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marquee.booking.errors import NeedsAnother
from marquee.core import locales
from marquee.core.errors import Refused
from marquee.core.money import Money
from marquee.web.returning import with_next
from marquee.web.storefront.seat_choice import SeatChoice
from marquee.web.storefront.seat_messages import (
    Message,
    Text,
    alternatives_of,
    gap_title,
    seats_in_words,
    taken_by_now,
)
from marquee.web.storefront.seat_offer import SeatOffer


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
        tickets=_refused_tickets(refusal, choice, offer),
    )


def _refused_tickets(refusal: Refused, choice: SeatChoice, offer: SeatOffer) -> dict[str, str]:
    """Return what to say beside each ticket whose type is refused, by the label of its seat."""
    explain = REFUSED_TYPES.get(refusal.code)
    if explain is None:
        return {}
    types = {
        seat: choice.types.get(seat.label) or offer.default_type(seat) for seat in choice.seats
    }
    return {
        seat.label: explain(refusal, type_, offer)
        for seat, type_ in types.items()
        if type_ in refusal.facts["types"]
        and (isinstance(refusal, NeedsAnother) or type_ not in offer.types(seat))
    }


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
    return taken_by_now(refusal.facts["seats"], offer), advice


def _single_gap(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        gap_title(refusal.facts["left_alone"], offer),
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


def _must_add(refusal: Refused, type_: str, offer: SeatOffer) -> str:
    name, needs = offer.type_names.get(type_, type_), refusal.facts["needs"]
    if needs["kind"]:
        return _("%(type)s needs a ticket in a wheelchair space.") % {"type": name}
    other = offer.type_names.get(needs["type"], needs["type"])
    return _("%(type)s needs another ticket: %(other)s.") % {"type": name, "other": other}


def _not_sold(refusal: Refused, type_: str, offer: SeatOffer) -> str:
    return _("What was chosen here is not sold for this seat. Choose another type.")


def _not_sold_here(refusal: Refused, type_: str, offer: SeatOffer) -> str:
    name = offer.type_names.get(type_, type_)
    return _("Only the box office sells this: %(types)s") % {"types": name}


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


# Refusals about the type of a ticket stand beside it, too.
REFUSED_TYPES: Mapping[str, Callable[[Refused, str, SeatOffer], str]] = {
    "counter_only": _not_sold_here,
    "needs_another": _must_add,
    "unknown_ticket_type": _not_sold,
}
