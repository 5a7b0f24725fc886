"""What the checkout says when a hold cannot be confirmed or kept, in the reader's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marquee.core.errors import Refused
from marquee.web.storefront.shown_hold import ShownHold


@dataclass(frozen=True, slots=True)
class Notice:
    """What happened, and what to do."""

    title: str
    detail: str = ""
    is_good: bool = False
    is_news: bool = True  # whether it answers what was just sent: then it has the focus


def about_refusal(refusal: Refused, hold: ShownHold) -> Notice:
    """Return what to say about a refusal. What the page itself shows by now needs no words."""
    explain = REFUSALS.get(refusal.code)
    if explain is None:
        return Notice(
            _("This is not possible now"),
            _("Something has changed since the page was opened. Nothing was booked."),
        )
    return explain(refusal, hold)


def lapsed() -> Notice:
    """Return what to say of a hold that has run out, and whose seats are free."""
    return Notice(
        _("The time is up, but your seats are still free"),
        _("Nobody has taken them: you can still book them now."),
        is_news=False,
    )


def kept(hold: ShownHold) -> Notice:
    """Return what to say of a hold that was extended."""
    title = _("Your seats are kept until %(time)s") % {"time": hold.held_until}
    return Notice(title, is_good=True)


def _price_changed(refusal: Refused, hold: ShownHold) -> Notice:
    return Notice(
        _("The price has changed"),
        _("These seats cost %(total)s now. Nothing was booked: book them if you agree.")
        % {"total": hold.total_text},
    )


def _too_many_seats(refusal: Refused, hold: ShownHold) -> Notice:
    left = refusal.facts["left"]
    more = ngettext(
        "One customer can book %(left)s more seat of this show. Nothing was booked.",
        "One customer can book %(left)s more seats of this show. Nothing was booked.",
        left,
    )
    return Notice(
        _("These would be too many seats for one customer"),
        f"{more % {'left': left}} {_('The box office helps larger parties.')}",
    )


def _too_many_spaces(refusal: Refused, hold: ShownHold) -> Notice:
    return Notice(
        _("These would be too many wheelchair spaces for one customer"),
        _("Nothing was booked. The box office helps larger parties."),
    )


def _not_verified(refusal: Refused, hold: ShownHold) -> Notice:
    return Notice(
        _("Your address is not verified yet"),
        _(
            "This cinema takes bookings from accounts with a verified address only. Open the link in the mail that we sent you, and then book."
        ),
    )


def _cannot_extend(refusal: Refused, hold: ShownHold) -> Notice:
    return Notice(
        _("These seats cannot be kept for longer"),
        _("A hold is extended once. Book the seats until %(time)s.") % {"time": hold.held_until},
    )


REFUSALS: Mapping[str, Callable[[Refused, ShownHold], Notice]] = {
    "price_changed": _price_changed,
    "seat_limit": _too_many_seats,
    "unpaid_limit": _too_many_seats,
    "wheelchair_limit": _too_many_spaces,
    "email_not_verified": _not_verified,
    "cannot_extend": _cannot_extend,
}
