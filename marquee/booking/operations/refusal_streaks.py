"""Who was refused again and again lately: their requests are checked before anything is written.

A booking is stored by the statement that also counts the limits and claims the seats, and is rolled
back when a rule says no. That is the cheapest way for nearly everybody, but each refusal leaves some
5 KB in PostgreSQL's log: 50 a second would be 20 GB a day. So whoever was refused PATIENCE times in a
row is first asked about by reading alone.

Each process remembers for itself. It is a hint: what is booked is decided as ever.
"""

from collections import OrderedDict
from threading import Lock

from marquee.core.cache import on_clear_caches

PATIENCE = 5
MOST_USERS = 10_000


class Refusals:
    """How often in a row users were refused; of the last so many users."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._counts: OrderedDict[int, int] = OrderedDict()
        self._lock = Lock()
        on_clear_caches(self._counts.clear)

    def count(self, user_id: int) -> None:
        """Count one more refusal."""
        with self._lock:
            self._counts[user_id] = self._counts.pop(user_id, 0) + 1
            if len(self._counts) > self._most:
                self._counts.popitem(last=False)

    def end(self, user_id: int) -> None:
        """Forget them: the user got something."""
        if user_id in self._counts:
            with self._lock:
                self._counts.pop(user_id, None)

    def are_many(self, user_id: int) -> bool:
        """Say whether a user was refused PATIENCE times in a row."""
        return self._counts.get(user_id, 0) >= PATIENCE


refusals = Refusals(MOST_USERS)
