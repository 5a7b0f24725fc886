"""What exchanges did, and what they would have cost: their rules once more, in a few lines."""

from collections.abc import Iterator, Sequence

from prove.audit_log import Ticket
from prove.evidence import NEVER, SLACK_NS, Evidence
from prove.history import Operation
from prove.lives import Step


def check(evidence: Evidence, one: Operation) -> str:
    """Say what is wrong with an exchange that was accepted: the booking had just these seats by then."""
    booking = evidence.by_reference.get(one.reference)
    if booking is None or not evidence.is_owner(one, booking):
        return "exchanged a booking that is not theirs"
    if one.show in evidence.facts.closed_shows:
        return "exchanged after sales had closed"
    labels = sorted(label for label, _ in one.ticket_requests)
    if one.show in evidence.facts.soon_shows and _is_too_late(evidence, booking.id):
        return "exchanged when it was too late"
    for step in _steps_during(evidence, one):
        if labels == sorted(evidence.label[seat] for seat in step.seats):
            return ""
    return f"acknowledged, and it did not have {labels} then"


def _is_too_late(evidence: Evidence, booking: int) -> bool:
    """Say whether a booking, of a show about to begin, got other seats after it was confirmed."""
    kinds = evidence.events[booking]
    return "confirmed" in kinds and "exchanged" in kinds[kinds.index("confirmed") :]


def justify_costs_more(evidence: Evidence, one: Operation) -> str:
    """Say whether at no step that may have been the newest the seats would have cost more."""
    totals = [
        (step.total, _total_after(evidence, one, step)) for step in _steps_during(evidence, one)
    ]
    if any(after > before for before, after in totals):
        return ""
    return f"costs and would cost: {totals}"


def had_another_total(evidence: Evidence, one: Operation) -> bool:
    """Say whether a booking may have cost something else, as it was confirmed, than its page had shown."""
    return any(str(step.total) != one.facts.get("total") for step in _steps_during(evidence, one))


def _steps_during(evidence: Evidence, one: Operation) -> Iterator[Step]:
    """Yield the steps that may have been the newest of a booking while an operation went on."""
    booking = evidence.by_reference.get(one.reference)
    steps = evidence.lives[booking.id].steps if booking else []
    for number, step in enumerate(steps):
        begins = evidence.to_monotonic(step.at)
        ends = evidence.to_monotonic(steps[number + 1].at) if number + 1 < len(steps) else NEVER
        is_during = begins <= one.responded_at + SLACK_NS and ends >= one.sent - SLACK_NS
        if is_during or not evidence.clock_is_true:
            yield step


def _total_after(evidence: Evidence, one: Operation, step: Step) -> int:
    """Return what a booking would cost with the seats requested. Who keeps a ticket keeps its price."""
    prices = {(category, type_): amount for category, type_, amount in evidence.facts.prices}
    own = {evidence.label[ticket.seat]: ticket for ticket in step.tickets}
    return sum(
        own[label].price
        if label in own and own[label].type == type_
        else prices[evidence.category[evidence.seat(one.show, label)], type_]
        for label, type_ in _with_types(own, one.ticket_requests)
    )


def _with_types(own: dict[str, Ticket], requests: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the requests with their types: a seat's own, or those of the tickets given up, in turn."""
    named = {label for label, _ in requests}
    left = [ticket.type for label, ticket in own.items() if label not in named]
    for label, type_ in requests:
        if label not in own and type_ in left:
            left.remove(type_)
    return [
        (label, type_ or (own[label].type if label in own else left.pop(0)))
        for label, type_ in requests
    ]
