"""What callers were told: every acknowledged change kept, every no true and without trace, every doubt resolved."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from statistics import median

from prove.audit_log import Booking, Ticket
from prove.evidence import NEVER, SLACK_NS, Evidence, may_be_expired
from prove.history import Operation
from prove.invariants import Report, exchanges, forms, invariant, roles, usage
from prove.invariants.reads import was_taken
from prove.lives import Step
from prove.pages import REFUSED

STALL_NS, LONGEST_NS = 5_000_000_000, 20_000_000_000
TIMES_USUAL = 10  # on a machine so busy that a usual response takes half a second or more
DEFAULT_TYPE = "adult"


@invariant("every acknowledged change is stored", "acknowledgements")
def accepted(evidence: Evidence, report: Report) -> None:
    """What was answered 2xx is there, with exactly its effects, by the time of the answer."""
    for verb, check in ACCEPTANCE_CHECKS.items():
        for one in evidence.by_verb[verb]:
            if one.is_accepted:
                report.checked += 1
                if wrong := check(evidence, one):
                    where = one.facts.get("reference") or one.reference or f"show {one.show}"
                    report.add(str(where), wrong, [str(one)])


def _check_booked(evidence: Evidence, one: Operation) -> str:
    booking = evidence.by_reference.get(one.facts["reference"])
    if booking is None:
        return "acknowledged, and lost"
    if not evidence.is_owner(one, booking) or booking.show != one.show:
        return f"of user {booking.user} at show {booking.show}"
    if one.show in evidence.facts.closed_shows:
        return "sold after sales had closed"
    wrong = _differs_from_request(evidence, one, booking)
    if not (wrong or one.form):  # a form is answered by a redirect
        wrong = _differs_from_response(evidence, one, booking)
    if wrong or one.facts["replayed"]:
        return wrong
    if one.facts["status"] != ("held" if one.hold else "confirmed"):
        return f"answered {one.facts['status']}"
    if one.hold and (wrong := _check_hold_length(evidence, booking)):
        return wrong
    return _check_happened(evidence, one, booking.id, "held" if one.hold else "confirmed")


def _differs_from_request(evidence: Evidence, one: Operation, booking: Booking) -> str:
    """Say where a booking differs from what was asked for."""
    tickets = evidence.lives[booking.id].first
    labels = sorted(evidence.label[ticket.seat] for ticket in tickets)
    named = sorted(request[0] for request in one.ticket_requests if request[0])
    if len(labels) != len(one.ticket_requests) or (named and named != labels):
        return f"asked for {named or len(one.ticket_requests)}, has {labels}"
    requested_types = sorted(type_ or DEFAULT_TYPE for _, type_ in one.ticket_requests)
    types = sorted(ticket.type for ticket in tickets)
    return "" if requested_types == types else f"asked for {requested_types}, has {types}"


def _differs_from_response(evidence: Evidence, one: Operation, booking: Booking) -> str:
    """Say where what was answered is nothing that a booking ever had: at first, if it was just made."""
    life = evidence.lives[booking.id]
    told = zip(one.facts["seats"], one.facts["tickets"], strict=True)
    answer = sorted((seat, *ticket[:2]) for seat, ticket in told), one.facts["total"]
    steps = life.steps if one.facts["replayed"] or one.verb != "book" else life.steps[:1]
    has = [(_rows(evidence, step.tickets), step.total) for step in steps]
    if one.facts["status"] == "cancelled":
        has.append((_rows(evidence, life.all_tickets), booking.total))
    return "" if answer in has else f"acknowledged {answer}, has {has}"


def _rows(evidence: Evidence, tickets: Sequence[Ticket]) -> list[tuple[str, str, int]]:
    return sorted((evidence.label[one.seat], one.type, one.price) for one in tickets)


def _check_hold_length(evidence: Evidence, booking: Booking) -> str:
    """Say whether a hold was for longer or shorter than holds are."""
    step = evidence.lives[booking.id].step("held")
    until = {version.expires_at for version in step.versions} if step else set()
    wanted = booking.created_at + evidence.facts.hold_micros
    return "" if until <= {wanted} else f"held until {until}, not {wanted}"


def _check_happened(evidence: Evidence, one: Operation, booking: int, kind: str) -> str:
    """Say what is missing of the seats' having become so for a booking before the response."""
    step = evidence.lives[booking].step(kind)
    if step is None:
        return f"never {kind}"
    if not step.is_whole:
        return f"{kind}, with {len(step.versions)} of {len(step.moves)} seats"
    return f"{kind} only after the response" if _is_after(evidence, one, step) else ""


def _is_after(evidence: Evidence, one: Operation, step: Step) -> bool:
    """Say whether seats moved by a step only after a response."""
    moments = [evidence.to_monotonic(version.at) for version in step.versions]
    return evidence.clock_is_true and max(moments, default=0) > one.responded_at + SLACK_NS


def _check_confirmed(evidence: Evidence, one: Operation) -> str:
    booking = evidence.by_reference.get(one.reference)
    if booking is None or not evidence.is_owner(one, booking):
        return "confirmed a booking that is not theirs"
    if one.facts["status"] not in {"confirmed", "cancelled"}:
        return f"answered {one.facts['status']}"
    if "confirmed" not in evidence.events[booking.id]:
        return "acknowledged, and lost"
    return _check_happened(evidence, one, booking.id, "confirmed")


def _check_cancelled(evidence: Evidence, one: Operation) -> str:
    booking = evidence.by_reference.get(one.reference)
    if booking is None or not evidence.is_owner(one, booking):
        return "cancelled a booking that is not theirs"
    if one.facts["status"] != "cancelled":
        return f"answered {one.facts['status']}"
    if booking.status != "cancelled":
        return f"acknowledged, and {booking.status}"
    if one.show in evidence.facts.soon_shows and "confirmed" in evidence.events[booking.id]:
        return "cancelled when it was too late"
    return ""


def _check_exchanged(evidence: Evidence, one: Operation) -> str:
    wrong = exchanges.check(evidence, one)
    if wrong or one.form:
        return wrong
    return _differs_from_response(evidence, one, evidence.by_reference[one.reference])


def _check_called_off(evidence: Evidence, one: Operation) -> str:
    show = evidence.shows.get(one.show)
    return "" if show and show.state == "called_off" else "acknowledged, and still on"


def _check_blocked(evidence: Evidence, one: Operation) -> str:
    for label, _ in one.ticket_requests:
        history = evidence.seats.get((one.show, evidence.seat(one.show, label)), [])
        moments = [
            evidence.to_monotonic(version.at) for version in history if version.state == "blocked"
        ]
        if not any(_is_during(evidence, one, at) for at in moments):
            return f"acknowledged, and {label} was not blocked"
    return ""


def _is_during(evidence: Evidence, one: Operation, at: int) -> bool:
    slack = SLACK_NS if evidence.clock_is_true else NEVER
    return one.sent - slack <= at <= one.responded_at + slack


def _check_scheduled(evidence: Evidence, one: Operation) -> str:
    return "" if one.facts["id"] in evidence.shows else "acknowledged, and lost"


ACCEPTANCE_CHECKS: dict[str, Callable[[Evidence, Operation], str]] = {
    "book": _check_booked,
    "sell": _check_booked,
    "confirm": _check_confirmed,
    "exchange": _check_exchanged,
    "release": forms.check_released,
    "cancel": _check_cancelled,
    "call_off": _check_called_off,
    "block": _check_blocked,
    "schedule": _check_scheduled,
}


@invariant("refused requests change nothing", "refusals")
def side_effects(evidence: Evidence, report: Report) -> None:
    """Whatever changed, somebody was told, or nobody knows: never was it refused."""
    report.checked = sum(one.is_refused for one in evidence.operations)
    for booking in evidence.unexplained:
        describe = [
            one
            for one in evidence.by_verb["book"]
            if (one.user, one.show) == (booking.user, booking.show) and one.is_refused
        ]
        what = "is there, and no request that was accepted made it"
        report.add(f"booking {booking.reference}", what, evidence.describe(describe[-4:]))
    for (show, seat), history in evidence.seats.items():
        for version in history:
            causes = evidence.causes(version)
            if (
                causes is not None
                and not causes
                and version.booking not in _unexplained_ids(evidence)
            ):
                what = f"became {version.state} for {version.booking}, was {version.was} for"
                what += f" {version.had}, and no request explains it"
                report.add(evidence.name(show, seat), what)
    for show in evidence.called_off.keys() - {
        one.show for one in evidence.by_verb["call_off"] if not one.is_refused
    }:
        report.add(f"show {show}", "is called off, and no accepted request did it")
    _check_shows(evidence, report)


def _unexplained_ids(evidence: Evidence) -> set[int]:
    return {booking.id for booking in evidence.unexplained}


def _check_shows(evidence: Evidence, report: Report) -> None:
    """Every show was built, or scheduled with a yes, or by a request that was never answered."""
    made = {one.facts["id"] for one in evidence.by_verb["schedule"] if one.is_accepted}
    unknown = sum(one.is_outcome_unknown for one in evidence.by_verb["schedule"])
    extra = evidence.shows.keys() - made - set(evidence.facts.initial_shows)
    if len(extra) > unknown:
        report.add(f"shows {sorted(extra)}", "are there, and no accepted request did it")


@invariant("every refusal is justified", "refusals")
def refused(evidence: Evidence, report: Report) -> None:
    """A refusal has its reason: the seat was taken then, the show off, the key another's."""
    for one in evidence.operations:
        if one.is_refused and one.status != HTTPStatus.NOT_MODIFIED:
            report.checked += 1
            check = REFUSAL_CHECKS.get(one.code)
            wrong = "nobody expected that" if check is None else check(evidence, one)
            if wrong:
                where = one.reference or f"show {one.show}"
                report.add(where, f"{one.status} {one.code}: {wrong}", [str(one)])


def _justify_seats_taken(evidence: Evidence, one: Operation) -> str:
    named = {request[0] for request in one.ticket_requests if request[0]}
    seats = one.facts.get("seats", [])
    if named and not (seats and named.issuperset(seats)):
        return f"names {seats}"
    for label in seats:
        if not was_taken(evidence, one, label):
            return f"{label} was free all the time"
    return ""


def _justify_called_off(evidence: Evidence, one: Operation) -> str:
    offs = evidence.staff_operations["call_off", one.show]
    return "" if any(off.sent < one.responded_at for off in offs) else "nobody had called it off"


def _justify_key_reused(evidence: Evidence, one: Operation) -> str:
    others = evidence.keyed[one.user, one.key]
    if any(
        o.request != one.request and o.sent < one.responded_at and not o.is_refused for o in others
    ):
        return ""
    return "the key stood for nothing else"


def _justify_seat_limit(evidence: Evidence, one: Operation) -> str:
    """Say whether the customer never had as many seats; a confirmation counts its own, too."""
    booking = evidence.by_reference.get(one.reference)
    wants = len(evidence.tickets[booking.id]) if booking else len(one.ticket_requests)
    has = usage.has_at_most(evidence, one, booking.show if booking else one.show)
    if has + wants > evidence.facts.seat_limit:
        return ""
    return f"had at most {has} seats, wanted {wants}"


def _justify_too_late(evidence: Evidence, one: Operation) -> str:
    return "" if one.show in evidence.facts.soon_shows else "there was time enough"


def _justify_sales_closed(evidence: Evidence, one: Operation) -> str:
    return "" if one.show in evidence.facts.closed_shows else "sales were open"


# Which statuses a booking cannot be changed in by which operation.
ENDED = {"confirm": {"cancelled"}, "cancel": {"expired"}, "exchange": {"cancelled", "expired"}}


def _justify_not_held(evidence: Evidence, one: Operation) -> str:
    """Confirming needs a booking that is not cancelled; cancelling, one that has not expired."""
    booking = evidence.by_reference.get(one.reference)
    if booking is None:
        return "there is no such booking"
    history = evidence.booking_histories[booking.id]
    first, last = history.range_between(one.sent, one.responded_at)
    slack = 0 if evidence.clock_is_true else NEVER
    for version in history.versions[first : max(first, last) + 1]:
        if version.state in ENDED[one.verb]:
            return ""
        if one.verb != "confirm" and may_be_expired(version, one.responded_at + slack):
            return ""
    return "it was held"


def _justify_hold_expired(evidence: Evidence, one: Operation) -> str:
    booking = evidence.by_reference.get(one.reference)
    if booking is None:
        return "there is no such booking"
    history = evidence.booking_histories[booking.id]
    slack = 0 if evidence.clock_is_true else NEVER
    if not any(may_be_expired(version, one.responded_at + slack) for version in history.versions):
        return "the hold had not ended"
    lost = one.facts.get("seats", [])
    free = [label for label in lost if not was_taken(evidence, one, label)]
    return f"{free} were free all the time" if free or not lost else ""


def _justify_not_found(evidence: Evidence, one: Operation) -> str:
    booking = evidence.by_reference.get(one.reference)
    if booking is None or evidence.given[booking.id]:
        return ""  # it changed hands
    if one.user in evidence.sellers and roles.may_lack(evidence, one):
        return ""  # a sale is its seller's with the role alone
    return "it is their own" if evidence.is_owner(one, booking) else ""


def _justify_overlap(evidence: Evidence, one: Operation) -> str:
    others = evidence.by_verb["schedule"]
    if any(o is not one and not o.is_refused and o.sent < one.responded_at for o in others):
        return ""
    return "the auditorium was free"


def _justify_sold_out(evidence: Evidence, one: Operation) -> str:
    """Say whether more seats were free all the time than were asked for, of the ordinary ones."""
    plan = evidence.shows[one.show].plan
    labels = [seat.label for seat in evidence.tables.seats if seat.plan == plan]
    free = sum(not was_taken(evidence, one, label) for label in labels)
    return f"{free} were free all the time" if free >= len(one.ticket_requests) else ""


def _justify_by_page(evidence: Evidence, one: Operation) -> str:
    return forms.justify(evidence, one, REFUSAL_CHECKS)


REFUSAL_CHECKS: dict[str, Callable[[Evidence, Operation], str]] = {
    "seats_taken": _justify_seats_taken,
    "show_called_off": _justify_called_off,
    "key_reused": _justify_key_reused,
    "seat_limit": _justify_seat_limit,
    "too_late_to_cancel": _justify_too_late,
    "too_late_to_exchange": _justify_too_late,
    "exchange_costs_more": exchanges.justify_costs_more,
    "sales_closed": _justify_sales_closed,
    "not_held": _justify_not_held,
    "hold_expired": _justify_hold_expired,
    "not_found": _justify_not_found,
    "not_allowed": roles.justify_forbidden,
    "show_overlaps": _justify_overlap,
    "sold_out": _justify_sold_out,
    REFUSED: _justify_by_page,
}


@invariant("unknown outcomes: at most one effect", "requests")
def unknown_outcomes(evidence: Evidence, report: Report) -> None:
    """A request that was never answered made one booking, or none; each explains at most one."""
    explained = {id(one): key for key, creators in evidence.creators.items() for one in creators}
    for one in evidence.operations:
        if not one.is_outcome_unknown:
            continue
        report.checked += 1
        key = explained.get(id(one))
        if one.verb != "book" or key is None:
            continue
        booking = evidence.bookings[key]
        if len(evidence.tickets[key]) != len(one.ticket_requests):
            what = f"incomplete: {len(evidence.tickets[key])} of {len(one.ticket_requests)} tickets"
            report.add(f"booking {booking.reference}", what, [str(one)])


@invariant("one effect per key", "keys")
def keys(evidence: Evidence, report: Report) -> None:
    """A key stands for one request: the same response again, 422 for another, one booking."""
    made: dict[tuple[int, str], list[str]] = {}
    for booking in evidence.tables.bookings:
        if booking.key:
            made.setdefault((booking.user, booking.key), []).append(booking.reference)
    for (user, key), some in evidence.keyed.items():
        report.checked += 1
        done = [one for one in some if one.is_accepted]
        references = {one.facts["reference"] for one in done}
        wrong = []
        stored = made.get((user, key), [])
        if len(stored) > 1 or len(references) > 1 or (references and references != {*stored}):
            wrong.append(f"answered {sorted(references)}, stored {stored}")
        if len({one.request for one in done}) > 1:
            wrong.append("stands for two requests")
        if len({_response_summary(evidence, one) for one in done}) > 1:
            wrong.append("different responses")
        fresh = sum(not one.facts["replayed"] for one in done)
        if fresh > 1 or (done and not fresh and not any(one.is_outcome_unknown for one in some)):
            wrong.append(f"{fresh} responses were no replays")
        wrong += _inconsistent_repeats(some, done)
        if wrong:
            report.add(f"user {user} key {key}", "; ".join(wrong), evidence.describe(some))


def _response_summary(evidence: Evidence, one: Operation) -> tuple[object, ...]:
    """Return what a repeated response says again. Seats that were exchanged are another invariant's."""
    booking = evidence.by_reference.get(one.facts["reference"])
    if booking and evidence.lives[booking.id].exchanges():
        return (one.facts["reference"],)
    tickets = tuple(tuple(ticket[:2]) for ticket in one.facts["tickets"])
    return one.facts["reference"], tuple(one.facts["seats"]), tickets, one.facts["total"]


def _inconsistent_repeats(some: list[Operation], done: list[Operation]) -> list[str]:
    """Say what was answered otherwise than it must be once the key stands for something."""
    if not done:
        return []
    first = min(done, key=lambda one: one.responded_at)
    later = [one for one in some if one.sent > first.responded_at and not one.is_outcome_unknown]
    return [
        f"#{one.number} answered {one.status} {one.code}, after #{first.number}"
        for one in later
        if one.status != (201 if one.request == first.request else 422)
    ]


@invariant("no stuck keys", "keys")
def stuck_keys(evidence: Evidence, report: Report) -> None:
    """A key whose first request was never answered is answered in the end."""
    for (user, key), some in evidence.keyed.items():
        report.checked += 1
        last = max(some, key=lambda one: one.sent)
        if last.is_outcome_unknown and not any(one.is_accepted for one in some):
            what = f"never answered, in {len(some)} requests"
            report.add(f"user {user} key {key}", what, evidence.describe(some))


@invariant("no unexplained 5xx", "operations")
def server_errors(evidence: Evidence, report: Report) -> None:
    """Never a 500; a 503 with Retry-After, or no response at all, only where a fault explains it."""
    expected = evidence.facts.expected
    for one in evidence.operations:
        report.checked += 1
        if not one.responded_at and not (expected.cuts or one.facts.get("abandoned")):
            report.add(f"show {one.show}", "got no response", [str(one)])
        elif one.status >= 500:
            is_deliberate = one.status == 503 and one.facts.get("retry_after")
            if not (is_deliberate and expected.unavailable):
                report.add(f"show {one.show}", f"answered {one.status}", [str(one)])


@invariant("no response after five seconds", "operations")
def slow_responses(evidence: Evidence, report: Report) -> None:
    """Nobody waits for more than five seconds, or ten times as long as is usual, unless a fault explains it."""
    times = [one.responded_at - one.sent for one in evidence.operations if one.responded_at]
    limit = max(STALL_NS, TIMES_USUAL * median(times)) if times else STALL_NS
    for one in evidence.operations:
        report.checked += 1
        took = one.responded_at - one.sent
        if took > min(limit, LONGEST_NS) and not evidence.facts.expected.slow_responses:
            report.add(f"show {one.show}", f"took {took / 1e9:.1f} s", [str(one)])


INVARIANTS = [
    accepted,
    side_effects,
    refused,
    unknown_outcomes,
    keys,
    stuck_keys,
    server_errors,
    slow_responses,
]
