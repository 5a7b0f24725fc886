"""How many seats somebody may have had while an operation went on."""

from prove.evidence import Evidence
from prove.history import Operation


def has_at_most(evidence: Evidence, one: Operation, show: int) -> int:
    """Return the most seats of a show that the customer may have had, in all bookings."""
    keys = {
        key for user in evidence.customers_of(one) for key in evidence.bookings_of_user[user, show]
    }
    return sum(may_have(evidence, one, key) for key in keys)


def may_have(evidence: Evidence, one: Operation, key: int) -> int:
    """Return how many seats a booking may have had."""
    history = evidence.booking_histories[key]
    first, last = history.range_between(one.sent, one.responded_at)
    states = {version.state for version in history.versions[first : max(first, last) + 1]}
    return len(evidence.tickets[key]) if states & {"held", "confirmed"} else 0
