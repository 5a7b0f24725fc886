"""Give the bookings of guests to the account whose owner proves to read their address.

A guest types an address, and nobody knows whose it is. So its bookings join an account only when a
link from a mail to that address is used.
"""

from collections.abc import Callable, Sequence

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking import locks
from marquee.booking.models import Booking
from marquee.booking.operations import transitions
from marquee.booking.records import Actor
from marquee.booking.states import EventKind
from marquee.core.clock import database_now
from marquee.core.transactions import transactional

Proof = Callable[[], User]


def prove_and_join(*, user: User, address: str, proof: Proof) -> User:
    """Run `proof`, which verifies an account's address, and move the bookings of its guests there.

    All of it is one transaction. The guests' own data is erased, and their tokens end. Returns what
    `proof` does, and refuses as it does. A guest's own address can be verified, too: it joins nothing.
    """
    while (proved := _prove_once(user, address, proof)) is None:
        pass
    return proved


@transactional
def _prove_once(user: User, address: str, proof: Proof) -> User | None:
    """Return None if a guest booked another show while we waited for the locks.

    Its show must be locked before the guest, so the caller starts again.
    """
    guests = [] if user.is_guest else accounts.guests_with_address(address)
    shows = _shows_of(guests)
    locks.share_show_locks(shows)
    for pk in sorted({user.pk, *guests}):
        locks.lock_account(pk)
    if not _shows_of(guests) <= shows:
        return None
    proved = proof()
    if guests:
        _join(guests, proved)
    return proved


def _shows_of(guests: Sequence[int]) -> set[int]:
    return set(Booking.objects.filter(user__in=guests).values_list("show_id", flat=True))


def _join(guests: Sequence[int], account: User) -> None:
    """Move all bookings of locked guests. Their keys end: the account may have used the same."""
    bookings = Booking.objects.filter(user__in=guests)
    moved = list(bookings.values_list("pk", flat=True))
    bookings.update(user=account, idempotency_key=None, request_digest="")
    transitions.record_events(moved, EventKind.JOINED, database_now(), Actor.customer(account.pk))
    accounts.erase_guests(guests)
