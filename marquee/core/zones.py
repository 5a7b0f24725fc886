"""Times by the clock of a time zone. Importing this loads no database."""

from datetime import datetime
from zoneinfo import ZoneInfo


def isoformat_in(moment: datetime, timezone: str) -> str:
    """Return a time as ISO 8601, with the offset that a time zone has then."""
    return moment.astimezone(ZoneInfo(timezone)).isoformat(timespec="seconds")
