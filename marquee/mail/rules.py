"""What is mailed, to whom, and how often it is tried: pure decisions, which load no database."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from marquee.accounts.states import AccountEventKind
from marquee.booking.states import Channel, EventKind
from marquee.mail.states import MailKind, Recipient

# Only of bookings that were confirmed: whoever gives a hold back, or lets it expire, gets no mail.
BOOKING_MAILS: Mapping[str, MailKind] = {
    EventKind.CONFIRMED: MailKind.BOOKED,
    EventKind.REDUCED: MailKind.REDUCED,
    EventKind.CANCELLED: MailKind.CANCELLED,
    EventKind.CALLED_OFF: MailKind.CALLED_OFF,
    EventKind.MOVED: MailKind.MOVED,
    EventKind.CHANGED: MailKind.CHANGED,
    EventKind.EXCHANGED: MailKind.EXCHANGED,
}
ACCOUNT_MAILS: Mapping[str, tuple[MailKind, Recipient]] = {
    AccountEventKind.SIGNED_UP: (MailKind.VERIFY, Recipient.CUSTOMER),
    AccountEventKind.GUEST_ADDED: (MailKind.VERIFY, Recipient.CUSTOMER),
    AccountEventKind.VERIFICATION_ASKED: (MailKind.VERIFY, Recipient.CUSTOMER),
    AccountEventKind.RESET_ASKED: (MailKind.RESET, Recipient.EVENT),
    AccountEventKind.CHANGE_ASKED: (MailKind.CONFIRM_CHANGE, Recipient.EVENT),
    # The event has the old address, whose owner should know.
    AccountEventKind.EMAIL_CHANGED: (MailKind.EMAIL_CHANGED, Recipient.EVENT),
    AccountEventKind.PASSWORD_CHANGED: (MailKind.PASSWORD_CHANGED, Recipient.CUSTOMER),
    AccountEventKind.PASSWORD_RESET: (MailKind.PASSWORD_CHANGED, Recipient.CUSTOMER),
    AccountEventKind.FACTOR_ADDED: (MailKind.FACTOR_ADDED, Recipient.CUSTOMER),
    AccountEventKind.FACTOR_REMOVED: (MailKind.FACTOR_REMOVED, Recipient.CUSTOMER),
    AccountEventKind.FACTOR_RESET: (MailKind.FACTOR_REMOVED, Recipient.CUSTOMER),
    AccountEventKind.WRONG_CODES: (MailKind.WRONG_CODES, Recipient.CUSTOMER),
    AccountEventKind.CLOSING_ASKED: (MailKind.CLOSE, Recipient.CUSTOMER),
}
# How long after each failure a mail is tried again; later every hour.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
# Mails about accounts have a link, or say something that is stale soon.
ACCOUNT_MAIL_LIFETIME = timedelta(days=1)
# A booking made minutes before its show is confirmed by mail for so long, at least.
BOOKED_LIFETIME = timedelta(hours=1)
# Staff may cancel a booking after its show has begun: that is tried for a day, too.
CHANGE_LIFETIME = timedelta(days=1)
AGAIN_LIFETIME = timedelta(days=1)


def mailed_account_kinds(*, guests_verify: bool) -> list[str]:
    """Return the kinds of account events that are mailed. Guests verify only where they must."""
    kinds = [str(kind) for kind in ACCOUNT_MAILS]
    return kinds if guests_verify else [one for one in kinds if one != AccountEventKind.GUEST_ADDED]


def booking_mail(kind: str, channel: str) -> tuple[MailKind, Recipient]:
    """Return which mail an event of a booking gives, and to whom.

    The user of a booking made at the counter is the member of staff.
    """
    at_counter = channel == Channel.COUNTER
    return BOOKING_MAILS[kind], Recipient.COUNTER if at_counter else Recipient.CUSTOMER


def account_mail(kind: str, *, address_taken: bool) -> tuple[MailKind, Recipient]:
    """Return which mail an event of an account gives, and to whom.

    `address_taken` is whether an account has the address that somebody asks for: its owner is told.
    """
    if kind == AccountEventKind.CHANGE_ASKED and address_taken:
        return MailKind.ADDRESS_IN_USE, Recipient.EVENT
    return ACCOUNT_MAILS[kind]


def gives_up_at(
    kind: str, *, happened_at: datetime, starts_at: datetime | None, again_at: datetime | None
) -> datetime:
    """Return until when a mail is tried: while it is of use, and a day after `again_at` (see Message)."""
    if starts_at is None:
        until = happened_at + ACCOUNT_MAIL_LIFETIME
    elif kind == MailKind.REMINDER:
        until = starts_at
    elif kind == MailKind.BOOKED:
        until = max(starts_at, happened_at + BOOKED_LIFETIME)
    else:
        until = max(starts_at, happened_at + CHANGE_LIFETIME)
    return until if again_at is None else max(until, again_at + AGAIN_LIFETIME)


def next_try_at(failures: int, *, now: datetime, until: datetime) -> datetime | None:
    """Return when to try a mail again that has failed so often, or None to give it up."""
    at = now + RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1]
    return at if at <= until else None


def turn_at(number: int, limit: int, *, window_ends: datetime) -> datetime:
    """Return when the mail of this number within an hour is to be tried, of which so many may go an hour.

    No more than may go come with each hour, however many wait: they keep no others waiting.
    """
    return window_ends + timedelta(hours=(number - 1) // limit - 1)


def is_hopeless(failures: int) -> bool:
    """Return whether a mail that cannot be written has been tried often enough: no server is to blame."""
    return failures > len(RETRY_AFTER)
