"""Who sends a mail: a worker takes a lease of it, sends it outside transactions, and notes the result.

A worker that dies leaves its leases, and another takes them when they have ended. So a mail may go twice
where a worker died between sending it and noting that; both copies have the same Message-ID.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, PositiveSmallIntegerField, Q, QuerySet, Value, When

from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.clock import DatabaseNow, database_now
from marquee.core.transactions import transactional
from marquee.mail.models import Message
from marquee.mail.queries import LIVE_STATES
from marquee.mail.states import MessageState

# Longer than a round of sending takes.
LEASE = timedelta(minutes=10)
WITH_ITS_EVENT = (
    "booking_event__booking__user",
    "booking_event__booking__show",
    "booking_event__booking__counter_sale",
    "account_event__user",
)


def is_anything_due() -> bool:
    """Return whether a mail is to be sent now, by one query."""
    waiting = Message.objects.filter(state__in=LIVE_STATES).order_by("next_at")
    oldest = waiting.values_list("next_at", DatabaseNow()).first()
    return oldest is not None and oldest[0] <= oldest[1]


def claim(*, limit: int) -> list[Message]:
    """Take leases of the oldest mails that are due, which then are ours until `next_at`.

    Other workers skip what we have locked, and afterwards it is not due for them.
    """
    with transaction.atomic():
        now = database_now()
        oldest = _due(now).select_for_update(skip_locked=True).order_by("next_at", "id")
        ids = list(oldest.values_list("pk", flat=True)[:limit])
        _take(ids, now)
    return list(Message.objects.select_related(*WITH_ITS_EVENT).filter(pk__in=ids).order_by("pk"))


def _due(now: datetime) -> QuerySet[Message]:
    return Message.objects.filter(state__in=LIVE_STATES, next_at__lte=now)


def _take(ids: list[int], now: datetime) -> None:
    """Begin the lease. A lease that ended without a result counts as a failure."""
    ended = When(state=MessageState.SENDING, then=Value(1))
    lost = Case(ended, default=Value(0), output_field=PositiveSmallIntegerField())
    ours = _due(now).filter(pk__in=ids)
    changed = ours.update(
        attempts=F("attempts") + lost, state=MessageState.SENDING, next_at=now + LEASE
    )
    if changed != len(ids):
        raise RuntimeError(f"Of the mails {ids} some changed under their own lock.")


def release(messages: Iterable[Message]) -> None:
    """Give back what was not tried, so that it is due as before."""
    for message in messages:
        _ours(message).update(state=MessageState.DUE, next_at=message.created_at)


def note_sent(message: Message) -> bool:
    """Note that the mail server has taken a mail. Return False if the lease ended before."""
    return _note(message, MessageState.SENT, sent_at=DatabaseNow(), error="")


def note_dropped(message: Message) -> bool:
    """Note that there is nothing to send any more."""
    return _note(message, MessageState.DROPPED)


def note_failed(message: Message, error: str, *, next_at: datetime | None) -> bool:
    """Note why a mail was not sent, and when to try it again; None gives it up."""
    failed = {"attempts": F("attempts") + 1, "error": error}
    if next_at is None:
        return _note(message, MessageState.DEAD, **failed)
    return _note(message, MessageState.DUE, next_at=next_at, **failed)


def note_waiting(message: Message, *, turn_at: datetime) -> bool:
    """Note when a mail's turn is. Waiting takes nothing off the time for which it is tried."""
    return _note(message, MessageState.DUE, next_at=turn_at, again_at=turn_at)


def _note(message: Message, state: MessageState, **columns: object) -> bool:
    return bool(_ours(message).update(state=state, **columns))


def _ours(message: Message) -> QuerySet[Message]:
    """Return the row while the lease is ours: `next_at` is when it ends, so another lease has another."""
    return Message.objects.filter(
        Q(state=MessageState.SENDING), pk=message.pk, next_at=message.next_at
    )


@transactional
def send_again(*, message: Message) -> bool:
    """Make a mail due that was given up or is late. Return False if it is no longer so.

    Its failures so far stay in the row.
    """
    now = database_now()
    waiting = Q(state__in=[MessageState.DEAD, MessageState.DUE])
    rows = Message.objects.filter(waiting, pk=message.pk)
    if not rows.update(state=MessageState.DUE, next_at=now, again_at=now):
        return False
    record(Action.SENT_AGAIN, Subject.MAIL, message.pk)
    return True
