"""Make the mails of what happened: one row for each event that has none, by an anti-join."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.conf import settings
from django.db.models import F, Max
from django.db.models.functions import Greatest

from marquee.accounts.states import AccountEventKind
from marquee.booking.models import BookingEvent
from marquee.booking.states import MAILED_KINDS
from marquee.core.clock import database_now
from marquee.mail import queries, rules
from marquee.mail.models import Message, OutboxStart
from marquee.mail.queries import UnplannedEvent
from marquee.mail.states import MailKind, Recipient

# Longer than any transaction takes to commit. What commits later still is found by the hour.
LATELY = timedelta(minutes=15)
# How far back the worker looks when it starts, and every hour: it may have been down for long.
EVER = timedelta(days=30)
BATCH_SIZE = 1000
MAX_BATCHES = 20


def plan_booking_mails(*, back: timedelta = LATELY) -> int:
    """Make the mails for events of bookings from so far back; return how many."""
    return _in_batches(lambda: _plan_bookings(back))


def plan_account_mails(*, back: timedelta = LATELY) -> int:
    """Make the mails for events of accounts from so far back; return how many."""
    return _in_batches(lambda: _plan_accounts(back))


def plan_reminders() -> int:
    """Make the reminders of shows that are as near as their cinema reminds; return how many."""
    return _in_batches(_plan_reminders)


def plan_everything() -> int:
    """Make every mail that is due, from as far back as the worker ever looks; return how many."""
    return plan_booking_mails(back=EVER) + plan_account_mails(back=EVER)


def begin_after_now() -> None:
    """Never mail the events so far that have no mail yet: the demo's, which nobody waits for.

    Call it in the transaction that adds them; `plan_everything` before that plans what is real.
    """
    newest = BookingEvent.objects.filter(kind__in=MAILED_KINDS).aggregate(at=Max("at"))["at"]
    now = database_now()
    since = now if newest is None else max(now, newest + timedelta(microseconds=1))
    row, added = OutboxStart.objects.get_or_create(pk=1, defaults={"since": since})
    if not added:
        OutboxStart.objects.filter(pk=row.pk).update(since=Greatest(F("since"), since))


def _in_batches(plan: Callable[[], int]) -> int:
    """Plan until a batch is not full: a task of the worker must not keep the others waiting."""
    done = 0
    for _ in range(MAX_BATCHES):
        done += (planned := plan())
        if planned < BATCH_SIZE:
            break
    return done


def _plan_bookings(back: timedelta) -> int:
    events = queries.unplanned_booking_events(back=back, limit=BATCH_SIZE)
    return _insert(
        Message(booking_event_id=event.id, kind=kind, recipient=recipient)
        for event in events
        for kind, recipient in [rules.booking_mail(event.kind, event.about)]
    )


def _plan_accounts(back: timedelta) -> int:
    must_verify = not settings.BOOK_BEFORE_VERIFYING
    kinds = rules.mailed_account_kinds(guests_verify=must_verify)
    events = queries.unplanned_account_events(kinds, back=back, limit=BATCH_SIZE)
    return _insert(
        Message(account_event_id=event.id, kind=kind, recipient=recipient)
        for event in events
        for kind, recipient in [_account_mail(event)]
    )


def _account_mail(event: UnplannedEvent) -> tuple[MailKind, Recipient]:
    taken = event.kind == AccountEventKind.CHANGE_ASKED and queries.is_address_taken(
        event.about, by_other_than=event.user_id
    )
    return rules.account_mail(event.kind, address_taken=taken)


def _plan_reminders() -> int:
    events = queries.confirmations_to_remind_of(limit=BATCH_SIZE)
    return _insert(
        Message(booking_event_id=event.id, kind=MailKind.REMINDER, recipient=recipient)
        for event in events
        for _, recipient in [rules.booking_mail(event.kind, event.about)]
    )


def _insert(messages: Iterable[Message]) -> int:
    """Insert mails, but those that another worker has just inserted: the unique keys decide."""
    rows = list(messages)
    if rows:
        now = database_now()
        for row in rows:
            row.created_at = row.next_at = now
        Message.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)
