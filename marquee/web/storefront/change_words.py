"""What the page that changes seats says: of what is chosen, and of refusals."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from marquee.core.errors import Refused
from marquee.core.money import Money
from marquee.web.storefront import seat_refusals
from marquee.web.storefront.seat_choice import SeatChoice
from marquee.web.storefront.seat_messages import Message
from marquee.web.storefront.seat_offer import SeatOffer

# Refusals of the seats that are chosen. All others are about the booking, and get a page of their own.
ABOUT_SEATS = frozenset(
    {
        "companion_without_space",
        "cooling_down",
        "counter_only",
        "exchange_costs_more",
        "hold_limit",
        "invalid",
        "needs_another",
        "seats_taken",
        "single_gap",
        "unknown_ticket_type",
        "wheelchair_limit",
    }
)


def status_texts() -> dict[str, str]:
    """Return the line about the choice: while seats are missing; then by the sign of the difference in price."""
    return {
        "missing": _("%(seats)s chosen. Seats still to choose: %(count)s"),
        "0": _("%(seats)s chosen, %(total)s as before"),
        "-1": _("%(seats)s chosen, %(total)s instead of %(before)s"),
        "1": _("%(seats)s would cost %(total)s: more than %(before)s is not possible here"),
        "limit": _("You have a seat for each ticket: first take one of them away."),
    }


def about_refusal(refusal: Refused, choice: SeatChoice, offer: SeatOffer) -> Message | None:
    """Return what to say about a refusal of the seats chosen; None for one that is about the booking."""
    if refusal.code not in ABOUT_SEATS:
        return None
    message = seat_refusals.about_refusal(refusal, choice, offer)
    if explain := REFUSALS.get(refusal.code):
        title, detail = explain(refusal, offer)
        message = replace(message, title=title, detail=detail)
    return message


Text = tuple[str, str]


def _bad_choice(refusal: Refused, offer: SeatOffer) -> Text:
    count = len(offer.exchanged)
    title = _("Choose as many seats as you have tickets: %(count)s") % {"count": count}
    return title, _("Your booking keeps its seats.")


def _costs_more(refusal: Refused, offer: SeatOffer) -> Text:
    totals = {name: _money(refusal.facts[name], offer) for name in ("total", "current_total")}
    detail = _(
        "They would cost %(total)s, and your booking costs %(current_total)s. Choose seats that "
        "cost no more."
    )
    return _("These seats cost more"), detail % totals


def _often(refusal: Refused, offer: SeatOffer) -> Text:
    return (
        _("Please wait a little"),
        _("These seats were chosen and given back often. Choose others, or try again in an hour."),
    )


def _money(amount: Mapping[str, str], offer: SeatOffer) -> str:
    return offer.money(Money.parse(Decimal(amount["amount"]), amount["currency"]).minor)


REFUSALS: Mapping[str, Callable[[Refused, SeatOffer], Text]] = {
    "exchange_costs_more": _costs_more,
    "hold_limit": _often,
    "invalid": _bad_choice,
}
