"""The rules of who may book: pure functions."""

from django.conf import settings

from marquee.accounts.errors import AccountClosed
from marquee.booking.errors import EmailNotVerified
from marquee.booking.records import Actor, LockedBooking, LockedShow
from marquee.booking.states import ActorKind


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


def check_still_owns(locked: LockedBooking, *, owner: int, actor: Actor | None) -> None:
    """Refuse with AccountClosed a customer who had the booking when it was read, and not any more.

    A guest's booking joins an account once that verifies the guest's address. Staff go on.
    """
    if locked.user_id != owner and (actor is None or actor.by == ActorKind.CUSTOMER):
        raise AccountClosed("This booking is in an account now: log in to it.")
