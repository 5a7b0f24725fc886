"""Use the links of accounts' mails, with what they do to bookings.

Each proves that its user reads an address, so guests' bookings under the address join the account. For
doors, these stand for the operations of `accounts` of the same names.
"""

from functools import partial

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.accounts.states import LinkPurpose
from marquee.booking.operations.close_account import close_account
from marquee.booking.operations.join_guests import prove_and_join
from marquee.booking.states import UpcomingBookings


def verify_email(*, token: str) -> User:
    """Verify the address that a link was sent to; return its account or guest. Refuses with BadLink."""
    user = accounts.read_link(token=token, purpose=LinkPurpose.VERIFY)
    proof = partial(accounts.verify_email, token=token)
    return prove_and_join(user=user, address=user.address, proof=proof)


def reset_password(*, token: str, password: str, language: str = "") -> User:
    """Set a new password by a link; return the account.

    Refuses with WeakPassword, which leaves the link as it is, or with BadLink.
    """
    # Hashing takes long, so it comes before the locks.
    hashed = accounts.hash_for_reset(token=token, password=password)
    user = accounts.read_link(token=token, purpose=LinkPurpose.RESET)
    proof = partial(accounts.set_hashed_password, token=token, hashed=hashed, language=language)
    return prove_and_join(user=user, address=user.address, proof=proof)


def confirm_email_change(*, token: str, language: str = "") -> User:
    """Make the pending address, to which a link was sent, the account's own; return the account.

    Refuses with BadLink, also when another account has the address by now.
    """
    user = accounts.read_link(token=token, purpose=LinkPurpose.CHANGE_EMAIL)
    proof = partial(accounts.confirm_email_change, token=token, language=language)
    return prove_and_join(user=user, address=user.pending_email, proof=proof)


def close_by_link(*, token: str, upcoming: UpcomingBookings | None = None) -> None:
    """Close a guest by a link: see `close_account`. Of several uses at once one wins.

    Refuses with BadLink, or with HasUpcomingBookings unless it is said what becomes of them. Then
    the link can still be used.
    """
    user = accounts.read_link(token=token, purpose=LinkPurpose.CLOSE)
    close_account(
        user=user,
        upcoming=upcoming,
        proof=partial(accounts.spend_link, token=token, purpose=LinkPurpose.CLOSE),
    )
