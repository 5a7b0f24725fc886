"""Erase what is stored about users beside their row: logins, links, addresses in the history.

Some rows stay, without personal data: the events of the history, and the keyed hashes of addresses
(`AddressKey`), by which limits count for as long as bookings do.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from marquee.accounts.models import AccountEvent, AccountLink, LoginSession, RefreshToken, User
from marquee.accounts.states import AccountEventKind
from marquee.core.clock import DatabaseNow
from marquee.core.email_addresses import mailbox_key

ERASED = "(erased)"
# Mails about accounts are given up after a day. Until then they go to the address of their event.
KEPT_IN_HISTORY = timedelta(days=30)
KEPT_WITHOUT_ACCOUNT = timedelta(days=2)


def erase_traces(users: Collection[int]) -> None:
    """Delete the logins and links of some users, and erase their names and addresses elsewhere."""
    for model in (RefreshToken, AccountLink, LoginSession):
        rows: Any = model
        rows.objects.filter(user__in=users).delete()
    events = AccountEvent.objects.filter(user__in=users)
    # A reason can be the name that somebody gave a second factor.
    events.exclude(email="", reason="").update(email="", reason="")
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id__in=map(str, users)
    )
    entries.exclude(object_repr=ERASED).update(object_repr=ERASED, change_message="")


def erase_guests(guests: Collection[int]) -> None:
    """Erase names and addresses of guests, in the caller's transaction, and end their tokens."""
    User.objects.filter(pk__in=guests, email=None).update(
        name="",
        sort_name="",
        search_text="",
        contact_email="",
        visitor=None,
        email_verified_at=None,
        language="",
        is_active=False,
        token_epoch=F("token_epoch") + 1,
    )
    erase_traces(guests)


def erase_browser_sessions(user: User) -> None:
    """Delete the sessions of a user's browsers.

    They are stored encoded, so this reads all of them; but only for a user who ever logged in to a
    page, which few do.
    """
    if user.last_login is None:
        return
    sessions = Session.objects.only("session_key", "session_data").iterator(chunk_size=500)
    theirs = [row.pk for row in sessions if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()


def erase_reset_requests(address: str) -> None:
    """Erase an address, in all its spellings, where somebody asked to reset its password.

    These events have no user. The worker erases their addresses after days (`erase_old_addresses`), so
    there are not many.
    """
    key = mailbox_key(address)
    asked = AccountEvent.objects.filter(user=None).exclude(email="").values_list("pk", "email")
    theirs = [pk for pk, email in asked.iterator() if mailbox_key(email) == key]
    AccountEvent.objects.filter(pk__in=theirs).update(email="")


def erase_old_addresses() -> int:
    """Erase addresses in the history of accounts after 30 days; return of how many events.

    Those of requests to reset a password, which may be of people without an account, go after two days. A
    pending address, which may be a stranger's, goes with the event that asked for it.
    """
    now = DatabaseNow()
    old = Q(at__lte=now - KEPT_IN_HISTORY) | Q(user=None, at__lte=now - KEPT_WITHOUT_ACCOUNT)
    events = AccountEvent.objects.exclude(email="").filter(old)
    _drop_pending_addresses(events)
    return events.update(email="")


def _drop_pending_addresses(old_events: QuerySet[AccountEvent]) -> None:
    """Drop the pending addresses that were asked for so long ago, and not again since."""
    asked = old_events.filter(kind=AccountEventKind.CHANGE_ASKED)
    again = AccountEvent.objects.filter(
        user=OuterRef("pk"),
        kind=AccountEventKind.CHANGE_ASKED,
        at__gt=DatabaseNow() - KEPT_IN_HISTORY,
    )
    pending = User.objects.filter(pk__in=asked.values("user")).exclude(pending_email="")
    pending.exclude(Exists(again)).update(pending_email="")
