"""Format log records."""

import logging
from copy import copy

MAX_LENGTH = 300


class OneLineFormatter(logging.Formatter):
    """A formatter that writes a record as one line of limited length, without a traceback.

    It formats records that any request can cause: clients must not fill the log or inject lines.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one escaped line."""
        line = copy(record)
        line.exc_info = line.exc_text = line.stack_info = None
        return super().format(line).encode("unicode_escape").decode()[:MAX_LENGTH]
