"""How many mails about bookings go to one address that nobody verified. Those beyond it wait, and none is lost.

Who books need prove no address, so anybody could have a stranger mailed, by booking and cancelling.
"""

from datetime import datetime, timedelta
from math import ceil

from django.conf import settings

from marquee.accounts.rate_limits import HOUR, Limit, hashed_key, increment
from marquee.core.clock import database_now
from marquee.core.email_addresses import mailbox_key
from marquee.mail import rules
from marquee.mail.models import Message
from marquee.mail.states import Recipient


def turn_of(message: Message, address: str) -> datetime | None:
    """Count a mail that is about to be sent there. Return when its turn is; None for now.

    Call it outside a transaction.
    """
    if not _counts(message):
        return None
    key = hashed_key("booking-mails", mailbox_key(address))
    for count in increment([Limit(key, settings.BOOKING_MAIL_LIMIT, HOUR)]):
        if count.exceeds():
            window_ends = database_now() + timedelta(seconds=ceil(count.seconds_left))
            return rules.turn_at(count.attempts, count.limit.maximum, window_ends=window_ends)
    return None


def _counts(message: Message) -> bool:
    """Return whether a stranger may get this mail. One that failed before was counted then.

    What is sold at the counter goes to an address that staff typed.
    """
    event = message.booking_event
    return (
        event is not None
        and message.recipient == Recipient.CUSTOMER
        and not message.attempts
        and not event.booking.user.is_email_verified
    )
