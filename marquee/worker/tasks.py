"""Periodic tasks: they send mail, and tidy up. Every response is right without them.

A task returns how many things it did. A hold ends for everybody when it expires, whether or not a
task has recorded it.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db import InterfaceError, OperationalError
from django.db.models import Model, QuerySet

from marquee.accounts import browser_sessions, login_sessions, rate_limits, tokens
from marquee.accounts.operations import delete_expired_links, erase_old_addresses
from marquee.booking import operations, queries
from marquee.booking.operations import call_off, expire
from marquee.booking.records import WORKER
from marquee.mail import planning, sending
from marquee.worker import heartbeat

log = logging.getLogger(__name__)
Row = TypeVar("Row", bound=Model)

# Each booking or show is a transaction of its own, so a larger batch would delay the other tasks.
BATCH_SIZE = 500


def expire_holds() -> int:
    """Record which holds have expired, and free their seats."""
    expired = queries.expired_holds()[:BATCH_SIZE]
    return _each(expired, lambda booking: expire(booking=booking))


def finish_called_off_shows() -> int:
    """Cancel the bookings of shows that something else called off, such as SQL typed by hand."""
    shows = queries.called_off_shows_with_bookings()[:BATCH_SIZE]
    return _each(shows, lambda show: call_off(show=show, actor=WORKER))


def _each(rows: QuerySet[Row], act: Callable[[Row], object]) -> int:
    """Act on each row; return on how many. One that fails stops no other: its error is raised after them."""
    errors: list[Exception] = []
    for row in rows:
        try:
            act(row)
        except (OperationalError, InterfaceError):
            raise  # the database's fault, for all of them
        except Exception as error:  # noqa: BLE001 (raised below)
            errors.append(error)
    if errors:
        raise errors[0]
    return len(rows)


HOUR = 3600.0


class Every:
    """A task that runs in the first round of a process, and then once in so many seconds.

    In the rounds between, `otherwise` runs, if there is one.
    """

    def __init__(
        self,
        seconds: float,
        task: Callable[[], int],
        otherwise: Callable[[], int] = lambda: 0,
    ) -> None:
        self.seconds, self.task, self.otherwise = seconds, task, otherwise
        self.next_at = 0.0

    def __call__(self) -> int:
        """Run the task if it is time. An exception leaves it due."""
        if time.monotonic() < self.next_at:
            return self.otherwise()
        done = self.task()
        self.next_at = time.monotonic() + self.seconds
        return done


def keep_local_times() -> int:
    """Move the shows to come whose instant is no longer that of the local time they were sold by."""
    kept = operations.keep_local_times()
    for show, reason in kept.stuck:
        log.warning("%s cannot be moved to its local time: %s", show, reason)
    return len(kept.moved)


TASKS: dict[str, Callable[[], int]] = {
    "holds expired": expire_holds,
    "shows called off": finish_called_off_shows,
    # The rules of time zones change a few times a year.
    "shows moved to keep their local time": Every(HOUR, keep_local_times),
    # Each round looks at what happened lately, and the first of an hour at the last 30 days.
    "mails about bookings": Every(
        HOUR, partial(planning.plan_booking_mails, back=planning.EVER), planning.plan_booking_mails
    ),
    "mails about accounts": Every(
        HOUR, partial(planning.plan_account_mails, back=planning.EVER), planning.plan_account_mails
    ),
    "reminders": Every(5 * 60, planning.plan_reminders),
    "mails sent": sending.send_due_mails,
    "refresh tokens forgotten": tokens.delete_expired,
    "logins forgotten": Every(HOUR, login_sessions.delete_ended),
    "browser sessions forgotten": Every(HOUR, browser_sessions.delete_expired),
    "expired links forgotten": Every(HOUR, delete_expired_links),
    "guests forgotten": Every(HOUR, operations.erase_old_guests),
    "customers of the counter forgotten": Every(HOUR, operations.erase_old_counter_customers),
    "addresses in the history forgotten": Every(HOUR, erase_old_addresses),
    "attempts forgotten": rate_limits.delete_expired,
    # The last: a round that hangs is one that does not end.
    "rounds noted": heartbeat.note,
}
