"""Format log records."""

import logging
from copy import copy

MAX_LENGTH = 300
MAX_MESSAGES = 100


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


class OneLineFormatter(logging.Formatter):
    """A formatter that writes a record as one line of limited length, without a traceback.

    It formats records that any request can cause: clients must not fill the log or inject lines.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one escaped line."""
        line = copy(record)
        line.exc_info = line.exc_text = line.stack_info = None
        return super().format(line).encode("unicode_escape").decode()[:MAX_LENGTH]
