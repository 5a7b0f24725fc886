"""The metrics that are read from the database when they are asked for: the same on every host."""

import time
from collections import Counter, deque
from collections.abc import Iterator
from threading import Lock, Thread

from django.db import Error, connections
from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from marquee.booking import queries
from marquee.booking.states import EventKind
from marquee.mail.queries import waiting_mails
from marquee.worker import heartbeat

# Transactions end sooner: their statements have a timeout.
SECONDS_TO_COMMIT = 60.0
# Prometheus gives a scrape up after 10 s.
SECONDS_TO_READ = 5.0


class EventCounts:
    """How many events of each kind joined the history of bookings since the first reading.

    Ids are not in the order of commits. So an id is settled only when every transaction that can have
    taken a lower one has ended. The events after it are counted anew each time.
    """

    def __init__(self) -> None:
        self._settled_id: int | None = None
        self._settled: Counter[str] = Counter()
        self._seen: deque[tuple[float, int]] = deque()

    def read(self) -> Counter[str]:
        """Return the counts, which never fall."""
        now, last_id = time.monotonic(), queries.last_event_id()
        if self._settled_id is None:
            self._settled_id = last_id
        while self._seen and self._seen[0][0] < now - SECONDS_TO_COMMIT:
            self._settle(self._seen.popleft()[1])
        self._seen.append((now, last_id))
        return self._settled + queries.count_events(after=self._settled_id)

    def _settle(self, last_id: int) -> None:
        self._settled += queries.count_events(after=self._settled_id or 0, up_to=last_id)
        self._settled_id = last_id


class DatabaseCollector(Collector):
    """Reads the database once a scrape. Where it cannot, `marquee_database_up` is 0 and alone.

    A database may hang, or its host be gone. So a thread of its own reads, which a scrape leaves behind.
    """

    def __init__(self) -> None:
        self._lock, self._events = Lock(), EventCounts()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics."""
        metrics: list[Metric] = []
        reader = Thread(target=self._read, args=[metrics], daemon=True)
        reader.start()
        reader.join(SECONDS_TO_READ)
        if reader.is_alive():
            metrics = []
        up = GaugeMetricFamily("marquee_database_up", "Whether the database can be read.")
        up.add_metric([], bool(metrics))
        yield up
        yield from metrics

    def _read(self, metrics: list[Metric]) -> None:
        """Add the metrics, all or none. While an earlier scrape still reads, add none."""
        if not self._lock.acquire(timeout=SECONDS_TO_READ):
            return
        try:
            metrics += [*self._gauges(), *self._counted_events()]
        except Error:
            pass
        finally:
            connections.close_all()  # this thread's
            self._lock.release()

    def _gauges(self) -> Iterator[Metric]:
        mails, holds, age = waiting_mails(), queries.hold_counts(), heartbeat.age()
        values = {
            "holds": ("Holds that have not expired.", holds.live),
            "expired_holds_seconds": (
                "How long ago the oldest hold expired that is not recorded as expired.",
                holds.seconds_late,
            ),
            "mails_waiting": ("Mails to be sent.", mails.number),
            "mail_wait_seconds": ("How long the oldest of them has waited.", mails.seconds),
            "worker_age_seconds": ("How long ago a worker finished a round.", age),
        }
        for name, (text, value) in values.items():
            if value is not None:
                yield GaugeMetricFamily(f"marquee_{name}", text, value=value)
        claims = GaugeMetricFamily(
            "marquee_claims", "Seats claimed at shows that have not ended.", labels=["state"]
        )
        for state, number in queries.count_claims().items():
            claims.add_metric([state], number)
        yield claims

    def _counted_events(self) -> Iterator[Metric]:
        counted = self._events.read()
        events = CounterMetricFamily(
            "marquee_booking_events", "Events in the history of bookings.", labels=["event"]
        )
        for kind in EventKind.values:
            events.add_metric([kind], counted[kind])
        yield events
