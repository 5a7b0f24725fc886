"""Count what this process answers, in files that outlive it (prometheus_client's multiprocess mode).

PROMETHEUS_MULTIPROC_DIR must be set before this is imported. Counters and histograms alone: their sums are
right over processes that are killed and replaced. Gauges are read from the database (`exporter.py`).
A label is a route, a method, a status or a code of ours, so clients cannot make more of them.
"""

from functools import cache

from prometheus_client import Counter, Histogram

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("marquee_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "marquee_request_seconds", "How long they took.", ["method", "route"], buckets=BUCKETS
)
WAITS = Histogram(
    "marquee_thread_wait_seconds", "How long they waited for a thread.", buckets=BUCKETS
)
REFUSALS = Counter("marquee_refusals", "Requests refused, by the code of the refusal.", ["code"])
# Seconds are counted in steps of about a microsecond, of which binary numbers have exact sums. Otherwise files that
# are added up in another order, as after the end of a worker, could give a sum that has fallen by its last digit.
STEPS = 2**20


@cache
def _of_requests(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """Return the metrics with these labels. Looking them up takes longer than counting."""
    return REQUESTS.labels(method, route, status), SECONDS.labels(method, route)


def record(
    method: str, route: str, status: int, seconds: float, refusal: str, waited: float
) -> None:
    """Count a request. `refusal` is a code, or blank; it counts only if the response says so."""
    requests, latencies = _of_requests(method, route, status)
    requests.inc()
    latencies.observe(_exact(seconds))
    WAITS.observe(_exact(waited))
    if refusal and status >= 400:
        REFUSALS.labels(refusal).inc()


def _exact(seconds: float) -> float:
    return round(seconds * STEPS) / STEPS
