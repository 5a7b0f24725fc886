"""Format log records: for people or as JSON, with the id of the request, and without what is secret.

Any text of a record may be a client's: the message of an exception quotes what was sent. So a log has
no such message unless its words are known (`describe_error`), no path, query or header, and no URL but
the route of the view. What looks like an e-mail address, a token or a card's number is replaced in every message.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from django.conf import settings
from django.db import Error as DatabaseError

from marquee.core.current import current

unavailable_logger = logging.getLogger("marquee.database")

MAX_LENGTH = 300
MAX_MESSAGES = 100
NO_ROUTE = "no route"

# What is replaced in messages, and by what.
SECRETS = (
    (re.compile(r"[^\s@<>\"(),;:=]+@[\w.-]+"), "<address>"),
    (re.compile(r"(?<=Bearer )\S+", re.IGNORECASE), "<token>"),
    (re.compile(r"(?<=\?)\S+"), "…"),
    (re.compile(r"(?=[\w-]*\d)(?=[\w-]*[A-Z])[\w-]{24,}(\.[\w-]+)*"), "<token>"),
    (re.compile(r"(?<!\d)\d(?:[ .\-\u00a0\u2009\u202f\u2010-\u2014]?\d){12,18}(?!\d)"), "<number>"),
)
QUOTED = re.compile(r"(?<=')[^']*(?=')|(?<=\")[^\"]*(?=\")")
# Django's loggers of requests that it refuses, by the class of the error. All but one quote without quotation marks.
REFUSED, BAD_HOST = "django.security.", "django.security.DisallowedHost"
# What the log says of a Host header: an IP address, with its port, is a proxy that hides the host.
IP_ADDRESS = re.compile(r"(localhost|\d{1,3}(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.IGNORECASE)
# The messages of these are Python's own words, about types and names in our code.
ABOUT_CODE = (
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    RecursionError,
    NotImplementedError,
)
WITHHELD = "(its message may quote what was sent)"


class OnceAMinute(logging.Filter):
    """Lets each message through once a minute, and at most MAX_MESSAGES in a minute.

    For records that any request can cause: the operator sees what is wrong, and nobody fills the log.
    """

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self._minute = 0
        self._seen: set[str] = set()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log the record."""
        minute = int(record.created // 60)
        if minute != self._minute:
            self._minute, self._seen = minute, set()
        message = record.getMessage()[:MAX_LENGTH]
        if message in self._seen or len(self._seen) >= MAX_MESSAGES:
            return False
        self._seen.add(message)
        return True


class LineFormatter(logging.Formatter):
    """Writes a record for people: a line, and the traceback of an error below it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        request_id = request_id_of(record)
        line = f"{record.levelname:<8}{record.name}: {message_of(record)}"
        line = f"{line} [{request_id}]" if request_id else line
        return "\n".join(filter(None, [line, traceback_of(record)]))


class OneLineFormatter(LineFormatter):
    """Writes a record as one line of limited length, without a traceback.

    It formats records that any request can cause: clients must not fill the log or inject lines.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one escaped line."""
        line = super().format(without_traceback(record))
        return line.encode("unicode_escape").decode()[:MAX_LENGTH]


class JSONFormatter(logging.Formatter):
    """Writes a record as a line of JSON, whose members docs/operating.md lists."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as an object of JSON."""
        members: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            "request_id": request_id_of(record),
            "traceback": traceback_of(record),
        }
        return orjson.dumps({key: value for key, value in members.items() if value != ""}).decode()


class BriefJSONFormatter(JSONFormatter):
    """Writes records that any request can cause as JSON, without a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a short object of JSON."""
        return super().format(without_traceback(record))


def without_traceback(record: logging.LogRecord) -> logging.LogRecord:
    """Return a copy of a record that has no error."""
    brief = logging.makeLogRecord(record.__dict__)
    brief.exc_info = brief.exc_text = brief.stack_info = None
    return brief


def request_id_of(record: logging.LogRecord) -> str:
    """Return the id of the request that a record is about; blank outside of requests."""
    request = getattr(record, "request", None)
    return getattr(request, "request_id", "") or current.request_id


def message_of(record: logging.LogRecord) -> str:
    """Return the message of a record, without what is secret.

    Django's records about a response name a path, and sometimes the headers that were wrong: the route is enough.
    """
    if hasattr(record, "status_code") and isinstance(record.args, tuple) and record.args:
        reason = str(record.args[0]).partition(" - ")[0]
        return f"{reason}: {route_of(getattr(record, 'request', None))}"
    if record.name.startswith(REFUSED) and record.name != BAD_HOST:
        return f"{WITHHELD}: {route_of(getattr(record, 'request', None))}"
    message = record.getMessage()
    if record.name.startswith("django."):
        message = QUOTED.sub(lambda found: _ip_address(found[0]), message)
    return redacted(message)


def _ip_address(quoted: str) -> str:
    return quoted if IP_ADDRESS.fullmatch(quoted) else "…"


def redacted(text: str) -> str:
    """Return text without what looks like an e-mail address, a token, a query or a card's number."""
    for pattern, replacement in SECRETS:
        text = pattern.sub(replacement, text)
    return text


def route_of(request: Any) -> str:
    """Return the route of the view that a request leads to. It has no values of the URL."""
    match = getattr(request, "resolver_match", None)
    return f"/{match.route}" if match else NO_ROUTE


def traceback_of(record: logging.LogRecord) -> str:
    """Return the lines of code that led to a record's error, and its causes; blank without an error."""
    error = record.exc_info[1] if record.exc_info else None
    described = [
        "".join(traceback.format_tb(one.__traceback__)) + describe_error(one)
        for one in _chain(error)
    ]
    return "\n\nwhich led to\n\n".join(reversed(described))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def log_unavailable(error: BaseException) -> None:
    """Log why the database did not answer a request, once a minute: the answer is 503, and says nothing of it."""
    unavailable_logger.warning("The database did not answer: %s", describe_error(error))


def describe_error(error: BaseException) -> str:
    """Return the class of an error, and its message where that quotes nothing that was sent."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    return f"{name}: {redacted(_message_of_error(error))}"


def _message_of_error(error: BaseException) -> str:
    if isinstance(error, DatabaseError):
        return _message_of_database(error)
    if isinstance(error, psycopg.Error):
        return WITHHELD  # Django's error, which it led to, has what may be said
    if settings.DEBUG or isinstance(error, ABOUT_CODE):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return WITHHELD


def _message_of_database(error: DatabaseError) -> str:
    """Return what the database says, without the row: PostgreSQL's DETAIL has its values.

    Data exceptions (SQLSTATE class 22) quote the value itself.
    """
    diagnostics: Any = getattr(error.__cause__, "diag", None)
    sqlstate = diagnostics.sqlstate if diagnostics else None
    if not sqlstate:
        return str(error)  # SQLite, or no connection
    return f"{sqlstate} {WITHHELD if sqlstate.startswith('22') else diagnostics.message_primary}"
