"""What pages did: a form is one request, however often it is sent, and its refusals have reasons."""

from collections.abc import Callable
from itertools import combinations

from prove.audit_log import Booking
from prove.evidence import NEVER, Evidence, may_be_expired
from prove.history import Operation
from prove.invariants import Report, exchanges, invariant
from prove.invariants.reads import was_taken

Check = Callable[[Evidence, Operation], str]


@invariant("one live hold per form", "forms")
def forms(evidence: Evidence, report: Report) -> None:
    """A form that is sent again while its hold is live gives the same hold, and no refusal."""
    sent: dict[tuple[object, ...], list[Operation]] = {}
    for one in evidence.by_verb["book"]:
        if one.form and not one.is_outcome_unknown:
            sent.setdefault((one.user, one.form, one.request), []).append(one)
    for some in sent.values():
        report.checked += 1
        some.sort(key=lambda one: one.responded_at)
        for before, after in combinations(some, 2):
            if before.is_accepted and _loses(evidence, before, after):
                what = f"held {before.facts['reference']}, and then {_outcome(after)}"
                report.add(f"user {after.user} form {after.form}", what, evidence.describe(some))


def _loses(evidence: Evidence, before: Operation, after: Operation) -> bool:
    """Return whether a form was not given the hold that it surely had all the time."""
    if after.is_refused and after.sent < before.responded_at:
        return False  # it may have been first
    if after.is_accepted and after.facts["reference"] == before.facts["reference"]:
        return False
    booking = evidence.by_reference.get(before.facts["reference"])
    if booking and evidence.given[booking.id]:
        return False  # it changed hands, and its key ended
    return not _may_have_ended(evidence, before, after)


def _outcome(one: Operation) -> str:
    return str(one.facts.get("reference", f"{one.status} {one.code}"))


def _may_have_ended(evidence: Evidence, before: Operation, after: Operation) -> bool:
    booking = evidence.by_reference.get(before.facts["reference"])
    if booking is None:
        return True  # another invariant says so
    history = evidence.booking_histories[booking.id]
    first, last = history.range_between(after.sent, after.responded_at)
    slack = 0 if evidence.clock_is_true else NEVER
    return any(
        version.state in {"cancelled", "expired"}
        or may_be_expired(version, after.responded_at + slack)
        for version in history.versions[first : max(first, last) + 1]
    )


def justify(evidence: Evidence, one: Operation, checks: dict[str, Check]) -> str:
    """Say whether nothing justifies what a page refused: pages have words, and no codes."""
    if one.verb in {"extend", "release"}:
        return _justify_at_checkout(evidence, one)
    labels = [label for label, _ in one.ticket_requests]
    if any(was_taken(evidence, one, label) for label in labels):
        return ""
    may_be = ["show_called_off", "sales_closed", "seat_limit"]
    if one.verb != "book":
        may_be += ["not_held"]
        booking = evidence.by_reference.get(one.reference)
        slack = 0 if evidence.clock_is_true else NEVER
        if booking and any(
            may_be_expired(version, one.responded_at + slack)
            for version in evidence.booking_histories[booking.id].versions
        ):
            return ""  # its hold was over
    if one.verb == "confirm" and exchanges.had_another_total(evidence, one):
        return ""
    if one.verb == "cancel":
        may_be = ["too_late_to_cancel", "not_held"]
    if one.verb == "exchange":
        may_be = ["exchange_costs_more", "too_late_to_exchange", "show_called_off", "sales_closed"]
        may_be += ["not_held"]
    if any(not checks[code](evidence, one) for code in may_be):
        return ""
    return "no reason for it was found"


def _justify_at_checkout(evidence: Evidence, one: Operation) -> str:
    """Say whether a hold was live all the time, and could have been kept for longer or given back."""
    booking = evidence.by_reference.get(one.reference)
    if booking is None or _may_not_be_held(evidence, one, booking):
        return ""
    is_extended = one.verb == "extend" and "extended" in evidence.events[booking.id]
    return "" if is_extended else "it was held"


def check_released(evidence: Evidence, one: Operation) -> str:
    """Say whether a hold that was given back may still have been live when that was answered."""
    booking = evidence.by_reference.get(one.reference)
    if booking is None or not evidence.is_owner(one, booking):
        return "gave back a hold that is not theirs"
    return "" if _may_not_be_held(evidence, one, booking) else "acknowledged, and still held"


def _may_not_be_held(evidence: Evidence, one: Operation, booking: Booking) -> bool:
    """Say whether a hold may have been over, or confirmed, when an operation was answered."""
    history = evidence.booking_histories[booking.id]
    first, last = history.range_between(one.sent, one.responded_at)
    slack = 0 if evidence.clock_is_true else NEVER
    return any(
        version.state != "held" or may_be_expired(version, one.responded_at + slack)
        for version in history.versions[first : max(first, last) + 1]
    )


INVARIANTS = [forms]
