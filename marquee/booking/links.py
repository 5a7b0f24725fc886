"""The links to a booking in its mails: signed, and good until some time after the show.

The token holds the booking's reference and its `link_epoch`, signed with a salt of its own. Nothing
is stored: raising the epoch revokes all links so far (`operations.revoke_links`).
"""

from datetime import datetime, timedelta

from django.core.signing import BadSignature, Signer

from marquee.accounts.errors import BadLink
from marquee.accounts.states import LinkFault
from marquee.booking.models import Booking
from marquee.core.zones import write_time

SALT = "marquee.booking.link"
VALID_AFTER_SHOW = timedelta(days=30)


def booking_link_token(booking: Booking) -> str:
    """Return the token of a booking's link, made of letters, digits, dots, hyphens and underscores."""
    return _signer().sign(f"{booking.reference}.{booking.link_epoch}")


def booking_of_token(token: str, now: datetime) -> Booking:
    """Return the booking of a link, with its show, auditorium and cinema.

    Refuses with BadLink, whose `reason` is a `LinkFault`: a token that is not ours, or not whole, or was
    revoked, and every token from 30 days after the end of the show on.
    """
    reference, epoch = _read(token)
    related = Booking.objects.select_related("show__auditorium__cinema")
    if (booking := related.filter(reference=reference).first()) is None:
        raise _unknown_link()  # ours, of a booking that a restored backup does not have
    if booking.link_epoch != epoch:
        raise _bad_link(
            LinkFault.OUTDATED,
            "This link was replaced. Open the newest mail, or ask the cinema for help.",
        )
    if now >= (ended_at := booking.show.ends_at + VALID_AFTER_SHOW):
        ended = write_time(ended_at, booking.show.auditorium.cinema.timezone)
        raise _bad_link(
            LinkFault.EXPIRED,
            f"This link worked until {ended}. Ask the cinema if you need the booking.",
        )
    return booking


def opens(token: str, booking: Booking, *, show_ends_at: datetime, now: datetime) -> bool:
    """Return whether a token opens this booking, which was read without it: as `booking_of_token` does."""
    try:
        named = _read(token)
    except BadLink:
        return False
    is_current = named == (booking.reference, booking.link_epoch)
    return is_current and now < show_ends_at + VALID_AFTER_SHOW


def _read(token: str) -> tuple[str, int]:
    """Return the reference and the epoch that we signed. Refuses with BadLink."""
    try:
        reference, epoch = _signer().unsign(token).split(".")
    except (BadSignature, UnicodeEncodeError):  # a lone surrogate cannot be signed
        raise _unknown_link() from None
    return reference, int(epoch)


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")


def _unknown_link() -> BadLink:
    return _bad_link(
        LinkFault.UNKNOWN,
        "This link is not complete, or not ours. Open it from the mail once more.",
    )


def _bad_link(fault: LinkFault, detail: str) -> BadLink:
    return BadLink(detail, field="token", reason=fault.value)
