"""Format log records."""

import logging
from copy import copy

MAX_LENGTH = 300


class OneLine(logging.Formatter):
    """A formatter that writes a record as one line of limited length, without a traceback.

    It is for records that anybody can cause: nobody may fill the log or inject lines into it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one escaped line."""
        bare = copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        return super().format(bare).encode("unicode_escape").decode()[:MAX_LENGTH]
