"""Ask for a link that sets a new password, and set it by the link."""

from collections.abc import Sequence

from django.contrib.auth.hashers import make_password
from django.db.models import F

from marquee.accounts import rate_limits
from marquee.accounts.models import User
from marquee.accounts.operations.addresses import mark_verified
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.links import read_link, spend_link
from marquee.accounts.operations.passwords import validate_new_password
from marquee.accounts.states import AccountEventKind, LinkPurpose
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.text import opaque_string
from marquee.core.transactions import transactional


def ask_for_reset(*, email: str, networks: Sequence[str], language: str = "") -> None:
    """Ask for a mail with a link that sets a new password.

    No account is looked up here, so the response reveals none, not even by its time: mail looks when it
    sends (`queries.account_to_reset`). Refuses with TooManyAttempts, alike for every address.
    """
    rate_limits.check_reset_limit(address=mailbox_key(email), networks=networks)
    asked, address = AccountEventKind.RESET_ASKED, normalise_email(email)
    record_event(kind=asked, user=None, email=address, language=language)


def reset_password(*, token: str, password: str, language: str = "") -> User:
    """Set a new password by a link; return the account.

    The link proves the address: it is verified, all tokens and sessions end, and a change of address
    that was asked for is dropped. Refuses with WeakPassword or Busy, which leave the link as it is, or
    with BadLink.
    """
    hashed = hash_for_reset(token=token, password=password)  # before the locks, as it takes long
    return set_hashed_password(token=token, hashed=hashed, language=language)


def hash_for_reset(*, token: str, password: str) -> str:
    """Return the hash of a new password for the account of a link. Refuses with WeakPassword or BadLink."""
    user = read_link(token=token, purpose=LinkPurpose.RESET)
    validate_new_password(password, user=user, field="password")
    return make_password(opaque_string(password))


@transactional
def set_hashed_password(*, token: str, hashed: str, language: str = "") -> User:
    """Use a link up, and set this password; return the account. Refuses with BadLink."""
    user = spend_link(token=token, purpose=LinkPurpose.RESET)
    mark_verified(user)
    rows = User.objects.filter(pk=user.pk)
    rows.update(password=hashed, token_epoch=F("token_epoch") + 1, pending_email="")
    record_event(
        kind=AccountEventKind.PASSWORD_RESET, user=user, email=user.address, language=language
    )
    user.refresh_from_db()
    return user
