"""Limits of wrong codes of the second factor: of an account within an hour and a day, and of a client.

Codes of an app and recovery codes count apart, so that who guesses the one keeps no owner from the other.
Only who knows the password gets so far (decision 34).
"""

from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings

from marquee.accounts import rate_limits
from marquee.accounts.errors import TooManyCodes
from marquee.accounts.models import AttemptCount
from marquee.accounts.rate_limits import (
    DAY,
    HOUR,
    SESSIONS_PER_CLIENT,
    Count,
    Limit,
    hashed_key,
    limits_by_network,
)

APP, RECOVERY = "app", "recovery"
# After so many wrong codes the owner gets a mail: fewer than a limit, or who stays below it goes unseen.
SUSPICIOUS = 5


class CodeCounts(NamedTuple):
    """The counts of one code, of its account and of its client."""

    account: list[Count]
    client: list[Count]

    def are_suspicious(self) -> bool:
        """Return whether the account has had so many wrong codes that its owner should know."""
        return any(count.attempts >= min(count.limit.maximum, SUSPICIOUS) for count in self.account)

    def take_back(self) -> None:
        """Take a right code back: only wrong ones stay counted."""
        rate_limits.decrement([*self.account, *self.client])


def count(*, user_id: int, kind: str, networks: Sequence[str]) -> CodeCounts:
    """Count a code of this kind, by one statement, before it is looked at.

    Refuses with TooManyCodes beyond a limit of the account, or with TooManyAttempts beyond the client's.
    """
    own = _limits(user_id, kind)
    by_client = settings.SECOND_FACTOR_LIMIT * SESSIONS_PER_CLIENT
    counted = rate_limits.increment(
        [*own, *limits_by_network("codes", networks, by_client, seconds=HOUR)]
    )
    counts = CodeCounts(
        [one for one in counted if one.limit in own],
        [one for one in counted if one.limit not in own],
    )
    if any(one.exceeds() for one in counts.account):
        rate_limits.refuse(counted, TooManyCodes)
    if any(one.exceeds() for one in counts.client):
        rate_limits.refuse(counted)
    return counts


def is_first_today(user_id: int) -> bool:
    """Return whether this was not asked about an account for a day: true once. Call it in a transaction."""
    return rate_limits.is_first(f"wrong codes of {user_id}", seconds=DAY)


def forget(user_id: int) -> None:
    """Forget an account's wrong codes: whoever guessed knows the password no more, or the factor is gone.

    Call it in a transaction. It locks the rows in the order in which `count` does: no deadlock.
    """
    keys = [limit.key for kind in (APP, RECOVERY) for limit in _limits(user_id, kind)]
    rows = AttemptCount.objects.filter(key__in=keys)
    if rows.select_for_update().order_by("key").values_list("key", flat=True):
        rows.delete()


def _limits(user_id: int, kind: str) -> list[Limit]:
    owner = str(user_id)
    return [
        Limit(hashed_key("code", owner, kind), settings.SECOND_FACTOR_LIMIT, HOUR),
        Limit(hashed_key("code-day", owner, kind), settings.SECOND_FACTOR_DAILY_LIMIT, DAY),
    ]
