"""How the log is written."""

import logging
from copy import copy

LONGEST = 300


class OneLine(logging.Formatter):
    """Writes a record as one line of limited length, without a traceback.

    For what strangers cause: nobody shall fill the log, or write lines of their own into it.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        bare = copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        return super().format(bare).encode("unicode_escape").decode()[:LONGEST]
