"""The rules of who may book: pure functions."""

from django.conf import settings

from marquee.accounts.errors import AccountClosed
from marquee.booking import rules
from marquee.booking.errors import EmailNotVerified
from marquee.booking.records import Actor, LockedBooking, LockedShow, Usage
from marquee.booking.states import ActorKind
from marquee.core.errors import BadInput


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


def check_has_contact(locked: LockedBooking, *, is_given: bool) -> None:
    """Refuse with BadInput to book for a guest that has not said who it is, and does not now."""
    if not (is_given or locked.has_address):
        raise BadInput("Say who the tickets are for: a name and an address.", field="email")


def check_new_owner(*, usage: Usage, seats: int, capacity: int, is_staff: bool) -> None:
    """Refuse to give these seats of a show to a customer who would have too many.

    `usage` counts them already. Refuses with SeatLimit, and customers also with UnpaidLimit.
    """
    others = usage._replace(customer_seats=usage.customer_seats - seats)
    rules.check_seat_limit(has=others.customer_seats, wants=seats)
    if not is_staff:
        rules.check_unpaid_limit(usage=others, wants=seats, capacity=capacity)


def seats_allowed(*, has: int) -> int:
    """Return how many more seats of a show a customer can have who has so many: see `rules.check_limits`."""
    limits = [settings.SEAT_LIMIT, *filter(None, [settings.UNPAID_SEAT_LIMIT])]
    return max(0, min(limits) - has)
