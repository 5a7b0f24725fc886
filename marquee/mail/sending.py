"""One round of sending: open the mail server's connection, and send what is due through it.

Nothing here is in a transaction. A mail server that hangs costs the worker one deadline, not one for
each mail: a connection that fails ends the round for all mails, and none of them counts as tried.
"""

import logging
import smtplib
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from threading import Thread
from typing import Any, TypeVar

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import InterfaceError, OperationalError

from marquee.core.clock import database_now
from marquee.mail import headers, outbox, pace, rules
from marquee.mail.addresses import Undeliverable
from marquee.mail.contents import compose
from marquee.mail.failures import Failure, describe, describe_connection, failure_of
from marquee.mail.models import Message

log = logging.getLogger(__name__)
Result = TypeVar("Result")

BATCH_SIZE = 20
# After so long, a round ends and the worker's other tasks run.
ROUND_SECONDS = 30
# A server may answer each command just before EMAIL_TIMEOUT, or a byte at a time for ever.
DEADLINE_FACTOR = 3
# How long no connection is tried after so many that failed, in seconds.
PAUSES = (10, 30, 60, 120, 300)


class Pause:
    """How long to leave the mail server alone: longer after each connection that failed."""

    def __init__(self) -> None:
        self.failures, self.until = 0, 0.0

    @property
    def is_over(self) -> bool:
        """Whether a connection may be tried."""
        return time.monotonic() >= self.until

    def lengthen(self) -> int:
        """Begin the next pause, and return its seconds."""
        seconds = PAUSES[min(self.failures, len(PAUSES) - 1)]
        self.failures += 1
        self.until = time.monotonic() + seconds
        return seconds

    def end(self) -> None:
        """Forget the failures: the server answers."""
        self.failures, self.until = 0, 0.0


pause = Pause()


def send_due_mails() -> int:
    """Send what is due, for a bounded time, and return how many mails left."""
    if not pause.is_over or not outbox.is_anything_due():
        return 0
    connection = get_connection()
    try:
        within_deadline(lambda: _open(connection))
    except Exception as error:  # noqa: BLE001 (whatever it is, no mail can be sent)
        _abandon(connection)
        log.warning(
            "The mail server cannot be used (%s). Next try in %d s.",
            describe_connection(error),
            pause.lengthen(),
        )
        return 0
    pause.end()
    return _send_batches(connection, time.monotonic() + ROUND_SECONDS)


def _open(connection: Any) -> None:
    """Connect and greet, so that a server that does neither costs no mail a try."""
    connection.open()
    if isinstance(client := getattr(connection, "connection", None), smtplib.SMTP):
        client.ehlo_or_helo_if_needed()


def _send_batches(connection: Any, deadline: float) -> int:
    sent = 0
    while time.monotonic() < deadline and (batch := outbox.claim(limit=BATCH_SIZE)):
        for number, message in enumerate(batch):
            failure = _send(message, connection)
            sent += failure is None
            if (failure and failure.ends_round) or time.monotonic() > deadline:
                outbox.release(batch[number + 1 :])
                _end(connection, failure)
                return sent
    _close(connection)
    return sent


def _end(connection: Any, failure: Failure | None) -> None:
    if failure and failure.ends_round:
        _abandon(connection)
        pause.lengthen()
    else:
        _close(connection)


def _send(message: Message, connection: Any) -> Failure | None:
    """Write a mail and send it, and note what became of it. Return the failure, or None."""
    now, until = database_now(), _gives_up_at(message)
    if now > until:
        return _note(message, Failure("Not sent in time.", is_final=True), now, until)
    try:
        mail = compose(message)
        address = headers.complete(mail, message) if mail is not None else ""
    except (OperationalError, InterfaceError):
        raise  # the database's fault: the lease ends, and the mail is sent then
    except Undeliverable as error:
        return _note(message, Failure(str(error), is_final=True), now, until)
    except Exception as error:
        log.exception("A mail cannot be written: %s, mail %s", message, message.pk)
        hopeless = rules.is_hopeless(message.attempts + 1)
        return _note(message, Failure(describe(error), is_final=hopeless), now, until)
    if mail is None:
        outbox.note_dropped(message)
        return Failure("Nothing to send any more.")
    if turn_at := pace.turn_of(message, address):
        return _put_off(message, turn_at)
    return _deliver(message, mail, address, connection)


def _put_off(message: Message, turn_at: datetime) -> Failure:
    outbox.note_waiting(message, turn_at=turn_at)
    log.info("%s, mail %s waits for its turn: its address has many.", message, message.pk)
    return Failure("It waits for its turn.")


def _deliver(message: Message, mail: EmailMessage, address: str, connection: Any) -> Failure | None:
    try:
        within_deadline(lambda: connection.send_messages([mail]))
    except Exception as error:  # noqa: BLE001 (`failure_of` decides what it means)
        failure = failure_of(error, address=address)
        return _note(message, failure, database_now(), _gives_up_at(message))
    if not outbox.note_sent(message):
        log.warning("%s, mail %s: sent after its lease had ended.", message, message.pk)
    return None


def _note(message: Message, failure: Failure, now: datetime, until: datetime) -> Failure:
    next_at = None
    if not failure.is_final:
        next_at = rules.next_try_at(message.attempts + 1, now=now, until=until)
    outbox.note_failed(message, failure.text, next_at=next_at)
    if next_at is None:
        log.warning("%s, mail %s is given up: %s", message, message.pk, failure.log_text)
    else:
        log.info("%s, mail %s is tried again: %s", message, message.pk, failure.log_text)
    return failure


def _gives_up_at(message: Message) -> datetime:
    booking, account = message.booking_event, message.account_event
    return rules.gives_up_at(
        message.kind,
        happened_at=booking.at if booking else account.at if account else message.created_at,
        starts_at=booking.booking.show.starts_at if booking else None,
        again_at=message.again_at,
    )


def within_deadline(func: Callable[[], Result]) -> Result:
    """Return what a function returns, or raise TimeoutError when it takes too long.

    The timeout of a socket bounds each read, not all of them, and none bounds the lookup of a name. So it
    runs in a thread of its own, which we leave behind.
    """
    future: Future[Result] = Future()
    Thread(target=_resolve, args=(future, func), daemon=True).start()
    seconds = settings.EMAIL_TIMEOUT * DEADLINE_FACTOR
    try:
        return future.result(seconds)
    except TimeoutError:
        if future.done():
            raise
        raise TimeoutError(f"No answer within {seconds} s.") from None


def _resolve(future: "Future[Result]", func: Callable[[], Result]) -> None:
    try:
        future.set_result(func())
    except BaseException as error:  # noqa: BLE001 (raised again by `result`)
        future.set_exception(error)


def _close(connection: Any) -> None:
    with suppress(Exception):
        within_deadline(connection.close)


def _abandon(connection: Any) -> None:
    """Close the socket without a word to a server that does not listen. It wakes a waiting thread.

    Until it has logged in, Django keeps the connection under another name, and closes it only for OSError.
    """
    client = getattr(connection, "connection", None) or getattr(
        connection, "_partial_connection", None
    )
    if isinstance(client, smtplib.SMTP):
        with suppress(OSError):
            if isinstance(client.sock, socket.socket):
                client.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            client.close()
