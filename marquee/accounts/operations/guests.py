"""Begin as a guest: book without a password."""

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from marquee.accounts import queries, rate_limits, rules, tokens
from marquee.accounts.errors import AccountClosed
from marquee.accounts.login_sessions import UNKNOWN_DEVICE, Device
from marquee.accounts.models import User, address_key
from marquee.accounts.operations.events import record_event
from marquee.accounts.states import AccountEventKind
from marquee.accounts.tokens import TokenPair
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.transactions import transactional


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
        email=None,
        contact_email=normalise_email(email),
        name=rules.stored_name(name),
        language=language,
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


def provisional_guest(*, visitor: UUID, networks: Sequence[str], language: str = "") -> User:
    """Return the provisional guest of a visitor, who has no name and no address yet; add it if need be.

    A visitor has one at a time, also when two tabs ask at once: a unique constraint decides. A new one
    counts as a guest. Refuses with TooManyAttempts.
    """
    if guest := queries.find_provisional_guest(visitor):
        return guest
    rate_limits.check_guest_limit(networks=networks)
    try:
        return _add_provisional_guest(visitor, language)
    except IntegrityError:  # another tab was first
        return queries.find_provisional_guest(visitor) or _add_provisional_guest(visitor, language)


def _add_provisional_guest(visitor: UUID, language: str) -> User:
    guest = User(email=None, visitor=visitor, language=language)
    guest.set_unusable_password()
    with transaction.atomic():
        guest.save(force_insert=True)
    return guest


@transactional
def discard_guest(*, guest: User) -> None:
    """Delete a provisional guest that was added a moment ago, and for whom nothing was held.

    Another request may hold something for it meanwhile: the lock is that of a booking.
    """
    rows = User.objects.filter(pk=guest.pk)
    if rows.select_for_update(no_key=True).first():
        rows.filter(contact_email="", bookings=None).delete()


def name_guest(*, guest_id: int, email: str, name: str, language: str = "") -> User:
    """Give a provisional guest its name and address, in the caller's transaction; return the guest.

    The caller has locked the guest. One who has another name or address by now, as another tab has
    booked, keeps it: then a second guest of the same visitor is added and returned. Refuses with
    AccountClosed.
    """
    guest = User.objects.get(pk=guest_id)
    if not guest.is_active or not guest.is_guest:
        raise AccountClosed("This browser's guest was erased. Choose the seats again.")
    email, name = normalise_email(email), rules.stored_name(name)
    if guest.contact_email:
        if (guest.contact_email, guest.name) == (email, name):
            return guest
        guest = User(email=None, visitor=guest.visitor)
        guest.set_unusable_password()
    guest.contact_email, guest.name, guest.language = email, name, language
    is_new = guest.pk is None
    guest.save(update_fields=None if is_new else ["contact_email", "name", "language"])
    kind = AccountEventKind.GUEST_ADDED
    record_event(kind=kind, user=guest, email=guest.address, language=guest.language)
    return guest


def guests_with_address(address: str) -> list[int]:
    """Return the ids of the guests with an address, in any spelling, in ascending order."""
    guests = User.objects.filter(email=None, address_keys__key=address_key(address))
    found = guests.exclude(contact_email="").order_by("pk").values_list("pk", "contact_email")
    key = mailbox_key(address)
    # A guest whose address staff have corrected has the key of the wrong one, too.
    return [pk for pk, email in found if mailbox_key(email) == key]
