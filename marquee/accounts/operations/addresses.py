"""Verify addresses, and change them: a link proves that its user reads what is sent there."""

from collections.abc import Sequence

from django.db import IntegrityError

from marquee.accounts import rate_limits, rules
from marquee.accounts.models import AddressKey, User
from marquee.accounts.operations.events import record_event
from marquee.accounts.operations.links import spend_link
from marquee.accounts.states import AccountEventKind, LinkFault, LinkPurpose
from marquee.core.clock import DatabaseNow
from marquee.core.email_addresses import mailbox_key
from marquee.core.text import search_text
from marquee.core.transactions import run_in_transaction, transactional


def ask_for_verification(*, user: User, networks: Sequence[str], language: str = "") -> None:
    """Ask for another mail that verifies the address. A verified address gets none.

    Refuses with TooManyAttempts.
    """
    if user.is_email_verified:
        return
    rate_limits.check_verification_limit(
        user_id=user.pk, address=mailbox_key(user.address), networks=networks
    )
    record_event(
        kind=AccountEventKind.VERIFICATION_ASKED,
        user=user,
        email=user.address,
        language=language,
    )


@transactional
def verify_email(*, token: str) -> User:
    """Verify the address that a link was sent to; return its account or guest. Refuses with BadLink."""
    user = spend_link(token=token, purpose=LinkPurpose.VERIFY)
    mark_verified(user)
    return user


def mark_verified(user: User) -> None:
    """Note that the user of this locked row reads what is sent to its address, unless it is noted."""
    if user.is_email_verified:
        return
    rows = User.objects.filter(pk=user.pk)
    rows.update(email_verified_at=DatabaseNow())
    user.email_verified_at = rows.values_list("email_verified_at", flat=True).get()
    record_event(kind=AccountEventKind.VERIFIED, user=user, email=user.address)


def confirm_email_change(*, token: str, language: str = "") -> User:
    """Make the pending address, to which a link was sent, the account's own; return the account.

    The address is verified by that. The event has the old address, so that mail can tell its owner.
    Refuses with BadLink, also when another account has the address by now.
    """
    try:
        return run_in_transaction(lambda: _take_pending_address(token, language))
    except IntegrityError:
        raise rules.bad_link(LinkFault.TAKEN, LinkPurpose.CHANGE_EMAIL) from None


def _take_pending_address(token: str, language: str) -> User:
    user = spend_link(token=token, purpose=LinkPurpose.CHANGE_EMAIL)
    before, user.email = user.address, user.pending_email
    rows = User.objects.filter(pk=user.pk)
    rows.update(
        email=user.email,
        email_key=mailbox_key(user.email),
        search_text=search_text(user.name, user.email),
        email_verified_at=DatabaseNow(),
        pending_email="",
    )
    AddressKey.add(user)
    changed = AccountEventKind.EMAIL_CHANGED
    record_event(kind=changed, user=user, email=before, language=language)
    user.refresh_from_db()
    return user
