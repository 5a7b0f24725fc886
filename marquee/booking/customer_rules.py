"""The rules of who may book: pure functions."""

from django.conf import settings

from marquee.booking.errors import EmailNotVerified
from marquee.booking.records import LockedBooking, LockedShow


def check_verified(locked: LockedShow | LockedBooking) -> None:
    """Refuse with EmailNotVerified a customer with an unverified address, where it must be verified.

    Staff who may sell at the counter need not verify theirs.
    """
    if settings.BOOK_BEFORE_VERIFYING or locked.is_verified or locked.is_staff:
        return
    raise EmailNotVerified(
        "Your address is not verified yet. Open the link in the mail that we sent you, or ask for "
        "another one, and then book."
    )
