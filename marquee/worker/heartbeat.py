"""When the worker last finished a round: a key among the counted attempts, remembered for some days.

It needs no table of its own, and is one upsert a round.
"""

from django.db.models import F

from marquee.accounts import rate_limits
from marquee.accounts.models import AttemptCount
from marquee.core.clock import DatabaseNow

KEY, DAYS = "worker", 30


def note() -> int:
    """Note that a round ends now. Returns 0, as it is no work to report."""
    rate_limits.decrement([], remember=KEY, days=DAYS)
    return 0


def age() -> float | None:
    """Return how many seconds ago a worker last finished a round; None if none ever did."""
    row = AttemptCount.objects.filter(key=KEY).values_list(F("expires_at"), DatabaseNow()).first()
    if row is None:
        return None
    expires_at, now = row
    left: float = (expires_at - now).total_seconds()
    return max(0.0, DAYS * rate_limits.DAY - left)
