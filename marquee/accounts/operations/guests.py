"""Begin as a guest: book without a password."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from marquee.accounts import rate_limits, tokens
from marquee.accounts.models import User
from marquee.accounts.operations.events import record_event
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair
from marquee.core.email_addresses import normalise_email
from marquee.core.text import tidy


def add_guest(
    *, email: str, name: str, networks: Sequence[str], language: str = ""
) -> tuple[User, TokenPair]:
    """Create a guest, and return it with its tokens. It never has the bookings of another guest or account.

    The address is not looked up, so the result reveals nothing of it. Where guests must verify it
    before they book, this asks for that mail. Refuses with TooManyAttempts.
    """
    rate_limits.check_guest_limit(networks=networks)
    guest = User(
        email=None, contact_email=normalise_email(email), name=tidy(name), language=language
    )
    guest.set_unusable_password()
    with transaction.atomic():
        guest.save()
        _record(guest, AccountEventKind.GUEST_ADDED)
        if not settings.BOOK_BEFORE_VERIFYING:
            _record(guest, AccountEventKind.VERIFICATION_ASKED)
        return guest, tokens.issue_pair(guest)


def _record(guest: User, kind: AccountEventKind) -> None:
    record_event(kind=kind, user=guest, email=guest.address, language=guest.language)
