"""Begin as a guest: book without a password."""

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction

from marquee.accounts import rate_limits, tokens
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import User, address_key
from marquee.accounts.operations.events import record_event
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.text import tidy


def add_guest(
    *,
    email: str,
    name: str,
    networks: Sequence[str],
    language: str = "",
    device: Device = UNKNOWN_DEVICE,
) -> tuple[User, TokenPair]:
    """Create a guest, and return it with its tokens. It never has the bookings of another guest or account.

    The address is not looked up, so the result reveals nothing of it. Where guests must verify it
    before they book, the event makes that mail. Refuses with TooManyAttempts.
    """
    rate_limits.check_guest_limit(networks=networks)
    if not settings.BOOK_BEFORE_VERIFYING:  # it gets a mail at once
        rate_limits.check_guest_mail_limit(address=mailbox_key(email), networks=networks)
    guest = User(
        email=None, contact_email=normalise_email(email), name=tidy(name), language=language
    )
    guest.set_unusable_password()
    with transaction.atomic():
        guest.save()
        record_event(
            kind=AccountEventKind.GUEST_ADDED,
            user=guest,
            email=guest.address,
            language=guest.language,
        )
        return guest, tokens.issue_pair(guest, device)


def guests_with_address(address: str) -> list[int]:
    """Return the ids of the guests with an address, in any spelling, in ascending order."""
    guests = User.objects.filter(email=None, address_keys__key=address_key(address))
    found = guests.exclude(contact_email="").order_by("pk").values_list("pk", "contact_email")
    key = mailbox_key(address)
    # A guest whose address staff have corrected has the key of the wrong one, too.
    return [pk for pk, email in found if mailbox_key(email) == key]
