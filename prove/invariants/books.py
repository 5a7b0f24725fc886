"""What must be true of bookings, tickets, money and history, when all is over."""

from prove.audit_log import Booking
from prove.evidence import Evidence
from prove.invariants import Report, invariant

# DESIGN 6: what may follow what in the life of a booking.
NEXT: dict[str, set[str]] = {
    "": {"held", "confirmed"},
    "held": {"confirmed", "cancelled", "expired", "called_off"},
    "expired": {"confirmed"},
    "confirmed": {"cancelled", "called_off", "admitted"},
    "admitted": {"admitted", "undone", "called_off"},
    "undone": {"admitted", "undone", "cancelled", "called_off"},
}
# Events that leave the status as it is.
BESIDE = {"reduced", "moved", "changed", "joined", "extended", "exchanged"}
STATUS = {"called_off": "cancelled", "admitted": "confirmed", "undone": "confirmed"}
TICKETS = {
    "held": {"valid"},
    "expired": {"valid"},
    "confirmed": {"valid", "used"},
    "cancelled": {"void"},
}


@invariant("one event per transition", "bookings")
def event_history(evidence: Evidence, report: Report) -> None:
    """The history of a booking is legal, ends where it stands, and moved each seat once."""
    for booking in evidence.tables.bookings:
        report.checked += 1
        kinds = [kind for kind in evidence.events[booking.id] if kind not in BESIDE]
        wrong = []
        for before, after in zip(["", *kinds], kinds, strict=False):
            if after not in NEXT.get(before, set()):
                wrong.append(f"{after} after {before or 'nothing'}")
        last = kinds[-1] if kinds else "nothing"
        if STATUS.get(last, last) != booking.status:
            wrong.append(f"{booking.status} after {last}")
        wrong += evidence.lives[booking.id].wrong_moves()[:1]
        wrong += _unexplained_moves(evidence, booking)[:1]
        if wrong:
            _add(evidence, report, booking, "; ".join(wrong))


def _unexplained_moves(evidence: Evidence, booking: Booking) -> list[str]:
    """Return which seats were given to a booking without an event that says so."""
    return [
        f"seat {seat} {one.state} without an event"
        for seat, versions in evidence.claimed_versions.get(booking.id, {}).items()
        for one in versions
        if evidence.step(one) is None
    ]


@invariant("a booking has its seats", "bookings")
def has_its_seats(evidence: Evidence, report: Report) -> None:
    """A confirmed booking has all its seats, one that is over has none; its tickets say so."""
    for booking in evidence.tables.bookings:
        report.checked += 1
        tickets = evidence.tickets[booking.id]
        claims = [evidence.claims.get((booking.show, ticket.seat)) for ticket in tickets]
        mine = [one.state for one in claims if one and one.booking == booking.id]
        sold = mine.count("sold")
        if booking.status == "confirmed" and sold < len(tickets):
            _add(evidence, report, booking, f"confirmed, with {sold} of {len(tickets)} seats")
        elif booking.status in {"cancelled", "expired"} and mine:
            _add(evidence, report, booking, f"{booking.status}, and still has {mine}")
        found = {ticket.status for ticket in tickets}
        if not found <= TICKETS.get(booking.status, set()):
            _add(evidence, report, booking, f"{booking.status}, with tickets {sorted(found)}")
        given_up = {*evidence.lives[booking.id].all_tickets} - {*tickets}
        if any(ticket.status != "void" for ticket in given_up):
            _add(evidence, report, booking, f"{given_up} are given up, and not void")


@invariant("totals add up", "bookings")
def totals(evidence: Evidence, report: Report) -> None:
    """Each ticket costs what its seat and type cost; the total is their sum, which no exchange raises."""
    prices = {(category, type_): amount for category, type_, amount in evidence.facts.prices}
    for booking in evidence.tables.bookings:
        report.checked += 1
        tickets = evidence.tickets[booking.id]
        if booking.total != sum(ticket.price for ticket in tickets):
            _add(evidence, report, booking, f"total {booking.total}, tickets {tickets}")
        for before, after in evidence.lives[booking.id].exchanges():
            if after.total > before.total:
                what = f"exchanged for {after.total}, and cost {before.total}"
                _add(evidence, report, booking, what)
        for ticket in evidence.lives[booking.id].all_tickets:
            price = prices.get((evidence.category[ticket.seat], ticket.type))
            if price != ticket.price:
                _add(evidence, report, booking, f"{ticket} costs {price}")


def _add(evidence: Evidence, report: Report, booking: Booking, what: str) -> None:
    done = [evidence.changes[booking.reference, verb] for verb in ("confirm", "exchange", "cancel")]
    describe = evidence.describe(evidence.creators.get(booking.id), *done)
    report.add(f"booking {booking.reference}", what, describe)


INVARIANTS = [event_history, has_its_seats, totals]
