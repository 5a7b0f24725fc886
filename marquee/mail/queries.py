"""Which events have no mail yet, and which bookings are to be reminded."""

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce

from marquee.accounts.models import User
from marquee.booking.states import MAILED_KINDS
from marquee.core.clock import DatabaseNow, database_now, now_sql
from marquee.core.sql import fetch_all, is_postgresql
from marquee.mail.models import Message
from marquee.mail.states import MailKind, MessageState, Recipient

LIVE_STATES = (MessageState.DUE, MessageState.SENDING)
# A mail that is still not sent so long after its event is shown to staff.
OVERDUE_AFTER = timedelta(minutes=15)


class UnplannedEvent(NamedTuple):
    """An event without a mail: of a booking, made by a channel, or about an address of a user."""

    id: int
    kind: str
    about: str
    user_id: int | None = None


# An anti-join, not "after the last id": ids are not in the order of commits, and a transaction that
# commits late would be skipped. `since` is missing where the outbox has not begun: then nothing is mailed.
BEGUN_SQL = "event.at >= %(after)s AND event.at >= (SELECT since FROM outbox_start)"
OF_A_CONFIRMED_BOOKING_SQL = """
    EXISTS (SELECT 1 FROM booking_event AS confirmed WHERE confirmed.booking_id = event.booking_id
        AND confirmed.kind = 'confirmed' AND confirmed.id <= event.id)
"""
# Whoever buys at the counter need not say an address.
HAS_A_RECIPIENT_SQL = """
    (booking.channel <> 'counter' OR EXISTS (SELECT 1 FROM counter_sale
        WHERE counter_sale.booking_id = booking.id AND counter_sale.customer_email <> ''))
"""
# The kinds in the order of the partial index `booking_event_to_mail`, for SQLite to know it again.
BOOKING_EVENTS_SQL = f"""
    SELECT event.id, event.kind, booking.channel
    FROM booking_event AS event JOIN booking ON booking.id = event.booking_id
    WHERE event.kind IN ({", ".join(f"'{kind}'" for kind in MAILED_KINDS)}) AND {BEGUN_SQL}
        AND {OF_A_CONFIRMED_BOOKING_SQL} AND {HAS_A_RECIPIENT_SQL}
        AND NOT EXISTS (SELECT 1 FROM message
            WHERE message.booking_event_id = event.id AND message.kind <> '{MailKind.REMINDER}')
    ORDER BY event.at, event.id LIMIT %(limit)s
"""  # noqa: S608 (our own constants)
ACCOUNT_EVENTS_SQL = f"""
    SELECT event.id, event.kind, event.email, event.user_id FROM account_event AS event
    WHERE event.kind IN ({{kinds}}) AND {BEGUN_SQL}
        AND NOT EXISTS (SELECT 1 FROM message WHERE message.account_event_id = event.id)
    ORDER BY event.at, event.id LIMIT %(limit)s
"""  # noqa: S608 (our own constants)
# A booking made when the reminder was due already needs none. A show that moved closer gets one.
REMINDERS_SQL = f"""
    SELECT event.id, event.kind, booking.channel
    FROM cinema JOIN auditorium ON auditorium.cinema_id = cinema.id
        JOIN show ON show.auditorium_id = auditorium.id
        JOIN booking ON booking.show_id = show.id
        JOIN booking_event AS event ON event.booking_id = booking.id
    WHERE cinema.reminder_hours > 0 AND show.state = 'scheduled' AND show.starts_at > {{now}}
        AND show.starts_at <= {{due}} AND booking.status = 'confirmed'
        AND event.kind = 'confirmed' AND event.at < {{asked}}
        AND event.at >= (SELECT since FROM outbox_start) AND {HAS_A_RECIPIENT_SQL}
        AND NOT EXISTS (SELECT 1 FROM message WHERE message.booking_event_id = event.id
            AND message.kind = '{MailKind.REMINDER}')
    ORDER BY show.starts_at, event.id LIMIT %(limit)s
"""  # noqa: S608 (our own constants)
HOURS = "cinema.reminder_hours"
# An index serves a comparison with it, but not one with clock_timestamp(), which is volatile.
POSTGRESQL_STABLE_NOW = "statement_timestamp()"


def unplanned_booking_events(*, back: timedelta, limit: int) -> list[UnplannedEvent]:
    """Return the oldest events of bookings that are to be mailed and have no mail yet."""
    sql = BOOKING_EVENTS_SQL.replace("%(after)s", _ago(back))
    return [UnplannedEvent(*row) for row in fetch_all(sql, {"limit": limit})]


def unplanned_account_events(
    kinds: list[str], *, back: timedelta, limit: int
) -> list[UnplannedEvent]:
    """Return the oldest events of accounts, of these kinds, that have no mail yet."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    sql = ACCOUNT_EVENTS_SQL.format(kinds=listed).replace("%(after)s", _ago(back))
    return [UnplannedEvent(*row) for row in fetch_all(sql, {"limit": limit})]


def confirmations_to_remind_of(*, limit: int) -> list[UnplannedEvent]:
    """Return the confirmations of bookings whose show is as near as their cinema reminds."""
    now = POSTGRESQL_STABLE_NOW if is_postgresql() else now_sql()
    sql = REMINDERS_SQL.format(
        now=now,
        due=_hours_from(now, f"+ {HOURS}"),
        asked=_hours_from("show.starts_at", f"- {HOURS}"),
    )
    return [UnplannedEvent(*row) for row in fetch_all(sql, {"limit": limit})]


def _ago(time: timedelta) -> str:
    """Return SQL for a time before the database's now."""
    seconds = int(time.total_seconds())
    if is_postgresql():
        return f"{POSTGRESQL_STABLE_NOW} - interval '{seconds} seconds'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '-{seconds} seconds')"


def _hours_from(time: str, hours: str) -> str:
    """Return SQL for some hours after or before a time."""
    sign, column = hours.split()
    if is_postgresql():
        return f"{time} {sign} {column} * interval '1 hour'"
    base = "'now'" if time == now_sql() else time
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', {base}, ({sign} {column}) || ' hours')"


def is_address_taken(email: str, *, by_other_than: int | None) -> bool:
    """Return whether an account but this one has the address, in any spelling."""
    owner = User.objects.find_by_email(email)
    return owner is not None and owner.pk != by_other_than


class WaitingMails(NamedTuple):
    """How many mails are to be sent, and for how many seconds the oldest of them has waited."""

    number: int
    seconds: float


def waiting_mails() -> WaitingMails:
    """Return the length and the age of the outbox, by the database's clock, without what waits for its turn."""
    live = Message.objects.filter(state__in=LIVE_STATES).exclude(again_at__gt=DatabaseNow())
    first = Min(Coalesce("again_at", "created_at"))
    found = live.order_by().aggregate(number=Count("pk"), first=first)
    seconds = (database_now() - found["first"]).total_seconds() if found["first"] else 0.0
    return WaitingMails(found["number"], max(0.0, seconds))


def undelivered(now: datetime) -> QuerySet[Message]:
    """Return the mails that staff should look at: those given up, and those that are late."""
    late = Q(state__in=LIVE_STATES, created_at__lt=now - OVERDUE_AFTER) & ~Q(again_at__gt=now)
    return Message.objects.filter(Q(state=MessageState.DEAD) | late)


def address_of(message: Message) -> str:
    """Return where a mail goes to as things are now; blank for nowhere.

    Load it with `booking_event__booking__user`, `…__counter_sale` and `account_event__user`.
    """
    if message.recipient == Recipient.EVENT:
        return message.account_event.email if message.account_event else ""
    if message.booking_event is None:
        user = message.account_event.user if message.account_event else None
    elif message.recipient == Recipient.COUNTER:
        return str(message.booking_event.booking.counter_sale.customer_email)
    else:
        user = message.booking_event.booking.user
    return "" if user is None or user.is_closed else user.address
