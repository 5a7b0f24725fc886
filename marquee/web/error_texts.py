"""What pages say about errors and refusals. Operations write theirs for API clients, in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True, slots=True)
class ErrorText:
    """What a page about an error says: what happened, why, and what to do next."""

    title: Text
    detail: Text
    advice: Text = ""


STATUS_TEXTS: Mapping[int, ErrorText] = {
    400: ErrorText(
        _("This request cannot be read"),
        _("Something in the address or in the form is not what the page takes."),
        _("Nothing was changed. Go back, and try again."),
    ),
    403: ErrorText(_("You may not open this page"), _("It is not for everybody.")),
    404: ErrorText(
        _("There is no such page"),
        _("The address may be mistyped, or cut off at the end of a line in a mail."),
        _("Copy the whole address, or open the link in the mail once more."),
    ),
    405: ErrorText(
        _("This page does not do that"),
        _("It was asked for something that it does not know."),
        _("Nothing was changed. Open the page again."),
    ),
    408: ErrorText(
        _("This took too long"),
        _("What you sent did not arrive here in time."),
        _("Nothing was changed. Look at your connection, go back, and try again."),
    ),
    413: ErrorText(
        _("This is too large"),
        _("What was sent is more than any form here can hold."),
        _("Nothing was changed. Go back, and send less."),
    ),
    429: ErrorText(_("Too many attempts"), _("This was tried very often in a short time.")),
    500: ErrorText(
        _("The mistake is ours"),
        _("Something went wrong here, and it is in our log. You did nothing wrong."),
        _("Try again in a moment. If it stays like this, ask the cinema."),
    ),
    503: ErrorText(
        _("Busy for a moment"),
        _("The box office did not answer in time. Nothing was changed."),
        _("Try again in a few seconds."),
    ),
}
STALE_FORM = ErrorText(
    _("This form is out of date"),
    _(
        "The page was open for a long time, or the browser does not keep cookies. "
        "To be safe, nothing was changed."
    ),
    _("Open the page anew, and send it again. This site needs cookies for its forms."),
)

REFUSALS: Mapping[str, ErrorText] = {
    "too_late_to_cancel": ErrorText(
        _("It is too late to cancel"),
        _("The time until which this booking could be cancelled is over. Nothing was changed."),
        _("Ask at the box office."),
    ),
    "too_late_to_exchange": ErrorText(
        _("It is too late to change seats"),
        _("Seats can be changed as long as the booking can be cancelled. Nothing was changed."),
        _("Ask at the box office."),
    ),
    "already_used": ErrorText(
        _("A ticket was used already"),
        _("Somebody came in with a ticket of this booking, so it stays. Nothing was changed."),
        _("Ask at the box office about the other tickets."),
    ),
    "not_held": ErrorText(
        _("These seats are free for others again"),
        _(
            "The booking was cancelled, or the time to book its seats was over. Nothing was changed."
        ),
        _("Choose seats again."),
    ),
    "single_gap": ErrorText(
        _("One seat would stay alone"),
        _("Beside these seats a single one would stay free, which hardly anybody books."),
        _("Nothing was changed. Go back, and choose seats right beside others, or at an aisle."),
    ),
    "last_superuser": ErrorText(
        _("This account stays"),
        _("It is the only one that can manage this site. Nothing was changed."),
    ),
}
REFUSED = ErrorText(
    _("This is not possible now"),
    _("Something has changed since the page was opened. Nothing was done."),
    _("Open the page again to see how things stand."),
)

INCOMPLETE_LINK = ErrorText(
    _("This link is not complete"),
    _("It was cut off or changed on its way, or it is not one of ours. Nothing was changed."),
    _("Open it from the mail once more. If that does not help, copy the whole address."),
)
NO_LINK = ErrorText(
    _("Open the link in your mail"),
    _("This page needs the link that was mailed to you, and a browser that keeps cookies."),
    _("Open the link in the mail once more. It is good for a limited time."),
)
NO_BOOKING = ErrorText(
    _("Open your booking from your mail"),
    _("This browser has not opened the booking lately, or the address is mistyped."),
    _(
        "Use the link in any mail about your booking, or log in if you booked with an account. "
        "Without these mails, ask at the box office, and give your reference."
    ),
)
NO_MOVIE = ErrorText(
    _("There is no such movie"),
    _("We do not show it any more, or the address is mistyped."),
    _("See what is on now."),
)
NO_CINEMA = ErrorText(
    _("There is no such cinema"),
    _("It is not one of ours any more, or the address is mistyped."),
    _("See what is on in our cinemas."),
)
BAD_LINKS: Mapping[str, ErrorText] = {
    "used": ErrorText(
        _("This link was used already"),
        _("Each link in a mail works once, and this one has done its work."),
        _("If it was not you who used it, ask for a new one."),
    ),
    "expired": ErrorText(
        _("This link has expired"),
        _("To be safe, links in mails work for a limited time. Nothing was changed."),
        _("Ask for a new one, and open it soon."),
    ),
    "outdated": ErrorText(
        _("This link is no longer valid"),
        _("Something has changed since the mail was sent, so the link does nothing any more."),
        _("Open the newest mail, or ask for a new link."),
    ),
    "taken": ErrorText(
        _("This address cannot be used"),
        _("Another account has proved in the meantime that the address is its own."),
        _("Choose another address, or log in with that account."),
    ),
}


def text_of_bad_link(reason: str | None) -> ErrorText:
    """Return what a page says about a link that does not work, by the `reason` of the refusal."""
    return BAD_LINKS.get(reason or "", INCOMPLETE_LINK)
