"""Users who were refused several times in a row: we check their requests before writing.

One statement stores a booking, counts the limits and claims the seats; a refusal rolls it back. That
is the cheapest way for nearly everybody, but each refusal leaves some 5 KB in PostgreSQL's log: 50 a
second would be 20 GB a day. So after STREAK_LIMIT refusals in a row we check a user's request by
reading alone, first.

Each process counts for itself. The streak is a hint: it never decides what is booked.
"""

from collections import OrderedDict
from threading import Lock

from marquee.core.cache import on_clear_caches

STREAK_LIMIT = 5
MAX_USERS = 10_000


class RefusalStreaks:
    """How often in a row users were refused, for the users refused last."""

    def __init__(self, max_users: int) -> None:
        self._max_users = max_users
        self._counts: OrderedDict[int, int] = OrderedDict()
        self._lock = Lock()
        on_clear_caches(self._counts.clear)

    def extend(self, user_id: int) -> None:
        """Count one more refusal."""
        with self._lock:
            self._counts[user_id] = self._counts.pop(user_id, 0) + 1
            if len(self._counts) > self._max_users:
                self._counts.popitem(last=False)

    def end(self, user_id: int) -> None:
        """Forget the user's refusals, after a booking."""
        if user_id in self._counts:
            with self._lock:
                self._counts.pop(user_id, None)

    def is_long(self, user_id: int) -> bool:
        """Say whether a user was refused STREAK_LIMIT times in a row."""
        return self._counts.get(user_id, 0) >= STREAK_LIMIT


refusal_streaks = RefusalStreaks(MAX_USERS)
