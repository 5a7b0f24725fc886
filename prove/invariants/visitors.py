"""What visitors have and see: one provisional guest, holds that move once, and no booking of anybody else."""

from collections import Counter

from prove.audit_log import Booking, Transition
from prove.evidence import NEVER, SLACK_NS, Evidence, may_be_expired
from prove.history import Operation, visitor_number
from prove.invariants import Report, invariant
from prove.invariants.usage import may_have


@invariant("one provisional guest per visitor", "visitors")
def one_guest(evidence: Evidence, report: Report) -> None:
    """A browser has at most one guest who has not said who it is, also when two tabs begin at once."""
    guests = evidence.tables.guests
    report.checked = len({guest.visitor for guest in guests})
    nameless = Counter(guest.visitor for guest in guests if not guest.address)
    for visitor, count in nameless.items():
        if count > 1:
            report.add(f"visitor {visitor_number(visitor)}", f"{count} provisional guests")


@invariant("a hold moves to its own account", "moves")
def moves(evidence: Evidence, report: Report) -> None:
    """A booking changes hands from a visitor to the account that it logs in to, or to another guest of its own."""
    for booking in evidence.tables.bookings:
        owner = evidence.first_owner[booking.id]
        for one in evidence.given[booking.id]:
            report.checked += 1
            if one.had != owner:
                what = f"given by {one.had}, and was {owner}'s"
                report.add(f"booking {booking.reference}", what)
            elif not _is_explained(evidence, booking, one):
                what = f"given by {one.had} to {one.gen}, and nobody asked for it"
                report.add(f"booking {booking.reference}", what)
            owner = one.gen or 0
        if owner != evidence.last_owner[booking.id]:
            what = f"{evidence.last_owner[booking.id]}'s, and was given to {owner}"
            report.add(f"booking {booking.reference}", what)
    for log_in in evidence.by_verb["log_in"]:
        if log_in.is_accepted:
            report.checked += 1
            for booking in _left_behind(evidence, log_in):
                report.add(f"booking {booking.reference}", "stayed behind", [str(log_in)])


def _is_explained(evidence: Evidence, booking: Booking, one: Transition) -> bool:
    visitor, new = evidence.customer(one.had or 0), evidence.customer(one.gen or 0)
    if visitor >= 0:
        return False
    if new == visitor:
        confirmed = evidence.changes[booking.reference, "confirm"]
        return any(operation.user == visitor for operation in confirmed)
    return any(
        evidence.is_during(operation, evidence.to_monotonic(one.at)) or not evidence.clock_is_true
        for operation in evidence.log_ins[visitor, new]
    )


def _left_behind(evidence: Evidence, one: Operation) -> list[Booking]:
    """Return the holds that a visitor surely had when it logged in, and that its account could have had."""
    live = [
        booking
        for booking in map(evidence.bookings.__getitem__, evidence.bookings_of_visitor[one.user])
        if _is_surely_held(evidence, one, booking)
    ]
    account = int(one.facts["account"])
    left = []
    for booking in live:
        here = evidence.bookings_of_user[one.user, booking.show]
        theirs = {*evidence.bookings_of_user[account, booking.show], *here}
        has = sum(may_have(evidence, one, key) for key in theirs)
        if (
            account not in evidence.owners[booking.id]
            and has <= evidence.facts.seat_limit
            and not _has_left(evidence, one, booking)
        ):
            left.append(booking)
    return left


def _has_left(evidence: Evidence, one: Operation, booking: Booking) -> bool:
    """Return whether another tab had taken a hold along to another account before a login could."""
    return any(
        evidence.customer(move.gen or 0) != one.user
        and (
            not evidence.clock_is_true
            or evidence.to_monotonic(move.at) <= one.responded_at + SLACK_NS
        )
        for move in evidence.given[booking.id]
    )


def _is_surely_held(evidence: Evidence, one: Operation, booking: Booking) -> bool:
    history = evidence.booking_histories[booking.id]
    first, last = history.range_between(one.sent, one.responded_at)
    slack = 0 if evidence.clock_is_true else NEVER
    return all(
        version.state == "held" and not may_be_expired(version, one.responded_at + slack)
        for version in history.versions[first : max(first, last) + 1]
    )


@invariant("nobody else's booking is shown", "pages")
def shown(evidence: Evidence, report: Report) -> None:
    """A page names bookings of the account or the visitor alone, at a moment between request and response."""
    for one in evidence.operations:
        for reference in one.facts.get("shown", ()) if one.code != "not_found" else ():
            report.checked += 1
            booking = evidence.by_reference.get(reference)
            if booking is not None and not _owns_during(evidence, one, booking):
                report.add(f"booking {reference}", "shown to somebody else", [str(one)])


def _owns_during(evidence: Evidence, one: Operation, booking: Booking) -> bool:
    given = evidence.given[booking.id]
    begins = [-NEVER, *(evidence.to_monotonic(move.at) - SLACK_NS for move in given)]
    ends = [*(evidence.to_monotonic(move.at) + SLACK_NS for move in given), NEVER]
    return any(
        owner in evidence.senders(one)
        and (not evidence.clock_is_true or (begin <= one.responded_at and end >= one.sent))
        for owner, begin, end in zip(evidence.owners[booking.id], begins, ends, strict=True)
    )


INVARIANTS = [one_guest, moves, shown]
