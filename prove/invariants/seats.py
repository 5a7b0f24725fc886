"""What must be true of every version of every seat, in the order in which they were written."""

from collections import defaultdict
from itertools import pairwise

from prove.audit_log import Transition
from prove.evidence import NEVER, Evidence
from prove.invariants import Report, invariant
from prove.lives import Step

TAKEN = {"held", "sold"}
AT_ONCE = {"held", "extended", "confirmed", "exchanged"}
# A hold that ends within so long after its show was called off may have ended before the sweep.
SWEEP_MICROS = 500_000
LEGAL = {
    ("free", "held"),
    ("free", "sold"),
    ("free", "blocked"),
    ("blocked", "free"),
    ("held", "free"),
    ("sold", "free"),
    ("held", "held"),
    ("held", "sold"),
    ("held", "blocked"),
}


@invariant("one owner at a time", "transitions")
def one_owner(evidence: Evidence, report: Report) -> None:
    """Nobody gets a seat that another booking has, and no version is written past the record."""
    for (show, seat), versions in evidence.seats.items():
        report.checked += len(versions)
        state, booking = "free", None
        for one in versions:
            if (one.was, one.had) != (state, booking):
                what = f"was {one.was} for {one.had}, recorded as {state} for {booking}"
                report.add(evidence.name(show, seat), what, evidence.describe(evidence.causes(one)))
            elif _is_robbed(one):
                still = "" if one.was == "sold" else ", which had not ended"
                what = f"{one.state} to booking {one.booking} while {one.was} to {one.had}{still}"
                causes = (evidence.causes(one), evidence.creators.get(one.had or 0))
                report.add(evidence.name(show, seat), what, evidence.describe(*causes))
            state, booking = one.state, one.booking
        claim = evidence.claims.get((show, seat))
        if claim is None or (claim.state, claim.booking, claim.gen) != (
            state,
            booking,
            versions[-1].gen,
        ):
            report.add(evidence.name(show, seat), f"the claim is {claim}, recorded: {versions[-1]}")
    for where in evidence.claims.keys() - evidence.seats.keys():
        report.add(evidence.name(*where), "a claim that nobody saw being written")


def _is_robbed(one: Transition) -> bool:
    """Say whether somebody else's seat was given away."""
    if one.booking == one.had or one.state == "free":
        return False
    return one.was == "sold" or (one.was == "held" and one.in_time)


@invariant("legal transitions only", "transitions")
def legal(evidence: Evidence, report: Report) -> None:
    """A seat goes from state to state as section 6 of the design has it."""
    for (show, seat), versions in evidence.seats.items():
        report.checked += len(versions)
        for one in versions:
            step = evidence.step(one)
            odd = (one.was, one.state) not in LEGAL
            again = one.was == one.state and one.booking == one.had
            again &= step is None or step.kind != "extended"
            early = one.state == "blocked" and one.in_time
            if one.state == "free" and one.was == "held" and one.in_time:
                early = step is None or step.kind == "expired"
            if odd or again or early:
                what = f"{one.was} for {one.had} became {one.state} for {one.booking}"
                what += " before the hold ended" * early
                report.add(evidence.name(show, seat), what, evidence.describe(evidence.causes(one)))


@invariant("versions without gaps", "transitions")
def no_gaps(evidence: Evidence, report: Report) -> None:
    """A seat's `gen` is 1, 2, 3…: unique, rising, none left out."""
    for (show, seat), versions in evidence.seats.items():
        report.checked += len(versions)
        for number, one in enumerate(versions, 1):
            if one.gen != number:
                what = f"version {number} has gen {one.gen}"
                report.add(evidence.name(show, seat), what, evidence.describe(evidence.causes(one)))
                break


@invariant("real-time order", "transitions")
def real_time(evidence: Evidence, report: Report) -> None:
    """What was answered before another request was sent has the smaller `gen` on each seat."""
    for (show, seat), versions in evidence.seats.items():
        report.checked += len(versions)
        newest, before = -NEVER, None
        for one in sorted(versions, key=lambda version: version.gen or 0):
            causes = evidence.causes(one)
            low, high = evidence.window(causes or [])
            if high < newest:
                what = f"gen {one.gen} was answered before gen {before and before.gen} was sent"
                describe = evidence.describe(causes, before and evidence.causes(before))
                report.add(evidence.name(show, seat), what, describe)
            if low > newest:
                newest, before = low, one


@invariant("all seats or none", "bookings")
def all_or_none(evidence: Evidence, report: Report) -> None:
    """A booking gets each of its seats, at once, or does not exist."""
    for booking in evidence.tables.bookings:
        report.checked += 1
        life = evidence.lives[booking.id]
        had = {ticket.seat for ticket in life.all_tickets}
        claimed = evidence.claimed_versions.get(booking.id, {}).keys()
        wrong = [problem for step in life.steps for problem in _problems(step)]
        if not had or had != claimed:
            wrong.append(f"{len(had & claimed)} of {len(had)} seats claimed")
        if wrong:
            exchanges = evidence.changes[booking.reference, "exchange"]
            describe = evidence.describe(evidence.creators.get(booking.id), exchanges)
            report.add(f"booking {booking.reference}", "; ".join(wrong), describe)
    for missing in evidence.claimed_versions.keys() - evidence.bookings.keys():
        report.add(f"booking {missing}", "has seats, and is not there")


def _problems(step: Step) -> list[str]:
    """Say where a step has not all its seats, or not at once: an exchange gets and gives up in one statement."""
    wrong = []
    if not step.tickets or len(step.seats) < len(step.tickets):
        wrong.append(f"tickets for {[ticket.seat for ticket in step.tickets]}")
    if step.kind in AT_ONCE and not step.is_whole:
        wrong.append(f"{step.kind}, with {len(step.versions)} of {len(step.moves)} seats moved")
    if step.kind in AT_ONCE and len({one.tx for one in step.versions}) > 1:
        wrong.append(f"{step.kind} in several transactions")
    if step.kind == "exchanged" and _is_interrupted(step):
        wrong.append("exchanged, with another change of seats in between")
    return wrong


def _is_interrupted(step: Step) -> bool:
    """Say whether SQLite, where one transaction writes at a time, let another one in between."""
    numbers = [one.n for one in step.versions if one.tx is None]
    return bool(numbers) and max(numbers) - min(numbers) >= len(numbers)


@invariant("seat limit", "transitions")
def seat_limit(evidence: Evidence, report: Report) -> None:
    """Nobody ever has more seats at a show than one customer may, by the order of versions and of moves."""
    held = _HeldSeats(evidence)
    for one in evidence.tables.transitions:
        if one.seat is None and one.booking is None:
            continue
        report.checked += 1
        user = held.follow(one)
        if user in evidence.sellers:
            continue  # what is sold at the counter has no limit
        if one.seat is not None and not _is_last_of_step(evidence, one):
            continue
        live = held.count(one.show, user, one.at)
        if live > evidence.facts.seat_limit:
            describe = evidence.describe(evidence.causes(one) if one.seat else [])
            report.add(evidence.name(one.show, one.seat), f"user {user} has {live} seats", describe)


class _HeldSeats:
    """Which seats each row of `account` has, of each show, and until when."""

    def __init__(self, evidence: Evidence) -> None:
        self.owners = dict(evidence.first_owner)
        self.bookings: dict[tuple[int, int], int] = {}
        self.seats: dict[int, dict[int, int | None]] = defaultdict(dict)  # by booking
        self.of_user: dict[tuple[int, int], set[int]] = defaultdict(set)

    def follow(self, one: Transition) -> int:
        """Take a version or a move into account; return whose the booking is."""
        if one.seat is None:
            self.of_user[one.show, self.owners.get(one.booking or 0, 0)].discard(one.booking or 0)
            self.owners[one.booking or 0] = one.gen or 0
        elif (former := self.bookings.pop((one.show, one.seat), None)) is not None:
            self.seats[former].pop(one.seat, None)
        if one.booking is None:
            return 0
        if one.seat is not None:
            self.bookings[one.show, one.seat] = one.booking
            until = one.expires_at if one.state == "held" else None
            self.seats[one.booking][one.seat] = until
        user = self.owners.get(one.booking, 0)
        self.of_user[one.show, user].add(one.booking)
        return user

    def count(self, show: int, user: int, at: int) -> int:
        """Return how many seats a user has that are not lapsed."""
        ends = [
            until for booking in self.of_user[show, user] for until in self.seats[booking].values()
        ]
        return sum(until is None or until > at for until in ends)


def _is_last_of_step(evidence: Evidence, one: Transition) -> bool:
    """Say whether no more seats move by the same step: an exchange counts when all of it is done."""
    step = evidence.step(one)
    return step is None or one.n == max(version.n for version in step.versions)


@invariant("nothing sold after a call-off", "transitions")
def called_off(evidence: Evidence, report: Report) -> None:
    """Once a show is called off nobody gets a seat, and nobody keeps one."""
    for one in evidence.tables.transitions:
        if one.seat is None:
            continue
        report.checked += 1
        end = evidence.called_off.get(one.show)
        if end is not None and one.n > end.n and one.state in TAKEN:
            describe = evidence.describe(
                evidence.causes(one), evidence.staff_operations["call_off", one.show]
            )
            what = f"{one.state} to booking {one.booking} after the show was called off"
            report.add(evidence.name(one.show, one.seat), what, describe)
    for booking in evidence.tables.bookings:
        show = evidence.shows[booking.show]
        if show.state == "called_off" and _is_live(evidence, booking.id):
            describe = evidence.describe(
                evidence.creators.get(booking.id),
                evidence.staff_operations["call_off", booking.show],
            )
            what = f"{booking.status} at show {booking.show}, which is called off"
            report.add(f"booking {booking.reference}", what, describe)


def _is_live(evidence: Evidence, key: int) -> bool:
    """Say whether a booking was still good when its show was called off, and was left so."""
    booking = evidence.bookings[key]
    end = evidence.called_off.get(booking.show)
    if booking.status == "confirmed" or end is None:
        return booking.status in {"confirmed", "held"}
    if "called_off" in evidence.events[key] or booking.status not in {"held", "expired"}:
        return False
    holds = [
        one.expires_at or 0
        for versions in evidence.claimed_versions[key].values()
        for one in versions
    ]
    return any(until > end.at + SWEEP_MICROS for until in holds)


@invariant("no orphan claims", "claims")
def no_orphans(evidence: Evidence, report: Report) -> None:
    """Whoever has a seat has a booking that says so, a ticket for it, and the same deadline."""
    for claim in evidence.tables.claims:
        report.checked += 1
        if claim.booking is None:
            continue
        booking = evidence.bookings.get(claim.booking)
        wanted = "confirmed" if claim.state == "sold" else "held"
        wrong = ""
        if booking is None or booking.status != wanted:
            wrong = f"{claim.state} for a booking that is {booking and booking.status}"
        elif all(ticket.seat != claim.seat for ticket in evidence.tickets[claim.booking]):
            wrong = f"{claim.state} for {booking.reference}, which has no ticket for it"
        elif booking.held_until != claim.expires_at:
            wrong = f"held until {claim.expires_at}, {booking.reference} until {booking.held_until}"
        if wrong:
            describe = evidence.describe(evidence.creators.get(claim.booking))
            report.add(evidence.name(claim.show, claim.seat), wrong, describe)


@invariant("no overlapping shows", "shows")
def no_overlap(evidence: Evidence, report: Report) -> None:
    """Two scheduled shows are never in one auditorium at once."""
    shows = [show for show in evidence.tables.shows if show.state == "scheduled"]
    report.checked = len(shows)
    shows.sort(key=lambda show: (show.auditorium, show.starts_at))
    for one, other in pairwise(shows):
        if one.auditorium == other.auditorium and other.starts_at < one.occupied_until:
            keys = {one.id, other.id}
            made = [op for op in evidence.by_verb["schedule"] if op.facts.get("id") in keys]
            report.add(f"show {one.id}", f"overlaps with show {other.id}", evidence.describe(made))


INVARIANTS = [
    one_owner,
    legal,
    no_gaps,
    real_time,
    all_or_none,
    seat_limit,
    called_off,
    no_orphans,
    no_overlap,
]
