"""What people were shown: explainable by one moment between asking and being answered.

The stated bound of every cache is none: a read is as fresh as the moment it was asked for.
A map says which state each seat is in, and its `version` counts the transitions of all seats of
the show twice, and holds that the clock has ended once (booking/queries/availability.py). The windows of the
seats' versions bound both.
"""

from collections import defaultdict
from collections.abc import Iterator

from prove.evidence import NEVER, SLACK_NS, Evidence, VersionHistory, may_be_expired, may_be_live
from prove.history import Operation
from prove.invariants import Report, invariant

READS = ("seats", "availability")
LETTER = {"h": "held", "s": "sold", "b": "blocked"}
# What a list of taken seats says, and what a version number alone says, of one seat.
TAKEN, ANYTHING = "taken", "anything"

# How often a seat's versions count at least and at most, given what was seen of it.
Bounds = tuple[int, int]


@invariant("no stale or dirty seat map", "reads")
def seat_maps(evidence: Evidence, report: Report) -> None:
    """Every seat shown was so at some moment of the read, and the version fits all of them."""
    seats = _seats_by_show(evidence)
    slack = 0 if evidence.clock_is_true else NEVER
    for one in _reads(evidence):
        report.checked += 1
        low = high = 0
        seen = _states_shown(one)
        shown = 0
        for seat, label in seats[one.show]:
            history = evidence.seat_histories.get((one.show, seat))
            what = seen.get(label, "free") if seen is not None else ANYTHING
            shown += what != "free"
            if history is None:
                bounds = (0, 0) if what in {"free", ANYTHING} else None
            else:
                bounds = _bounds(history, one, what, slack)
            if bounds is None:
                what = f"shown as {what}, which it was not then"
                report.add(evidence.name(one.show, seat), what, _describe_read(evidence, one, seat))
                break
            low, high = low + bounds[0], high + bounds[1]
        else:
            version = one.facts["version"]
            if not low <= version <= high:
                what = f"version {version}, where {low} to {high} was possible"
                report.add(f"show {one.show}", what, [str(one)])
            elif seen is not None and one.facts["left"] != len(seats[one.show]) - shown:
                report.add(
                    f"show {one.show}", f"{one.facts['left']} left, {shown} taken", [str(one)]
                )


def _seats_by_show(evidence: Evidence) -> dict[int, list[tuple[int, str]]]:
    plans: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for seat in evidence.tables.seats:
        plans[seat.plan].append((seat.id, seat.label))
    return {show.id: plans[show.plan] for show in evidence.tables.shows}


def _reads(evidence: Evidence) -> Iterator[Operation]:
    """Yield what showed the seats of a show, also as a part of the response to something else."""
    for verb in (*READS, "block", "unblock"):
        for one in evidence.by_verb[verb]:
            if "version" in one.facts:
                yield one


def _states_shown(one: Operation) -> dict[str, str] | None:
    """Return what a response says of the seats that it names; None for a 304."""
    if "states" in one.facts:
        return {label: LETTER[letter] for label, letter in one.facts["states"].items()}
    if "taken" in one.facts:
        return dict.fromkeys(one.facts["taken"], TAKEN)
    return None


def _bounds(history: VersionHistory, one: Operation, seen: str, slack: int) -> Bounds | None:
    """Return the least and the most that a seat adds to the version; None if it was never so."""
    first, last = history.range_between(one.sent, one.responded_at)
    low, high = NEVER, -1
    for number in range(first, max(first, last) + 1):
        version = history.versions[number]
        state = version.state
        if state == "held":
            if may_be_live(version, one.sent - slack) and seen in {"held", TAKEN, ANYTHING}:
                low, high = min(low, 2 * number), max(high, 2 * number)
            if may_be_expired(version, one.responded_at + slack) and seen in {"free", ANYTHING}:
                low, high = min(low, 2 * number + 1), max(high, 2 * number + 1)
        elif seen in {state, ANYTHING} or (seen == TAKEN and state != "free"):
            low, high = min(low, 2 * number), max(high, 2 * number)
    return None if high < 0 else (low, high)


@invariant("no stale list", "reads")
def show_lists(evidence: Evidence, report: Report) -> None:
    """A list of shows shows for each a number of seats left that it can have had during the read."""
    seats = _seats_by_show(evidence)
    slack = 0 if evidence.clock_is_true else NEVER
    for one in evidence.by_verb["shows"]:
        for show, left in one.facts.get("left", ()):
            report.checked += 1
            histories = [evidence.seat_histories.get((show, seat)) for seat, _ in seats[show]]
            least = sum(history is None for history in histories)
            most = len(histories)
            for history in histories:
                if history is not None:
                    least += _bounds(history, one, TAKEN, slack) is None
                    most -= _bounds(history, one, "free", slack) is None
            if not least <= left <= most:
                what = f"{left} left, where {least} to {most} were possible"
                report.add(f"show {show}", what, [str(one)])


def was_taken(evidence: Evidence, one: Operation, label: str) -> bool:
    """Say whether a seat may have been somebody's, or blocked, while an operation went on."""
    history = evidence.seat_histories.get((one.show, evidence.seat(one.show, label)))
    slack = 0 if evidence.clock_is_true else NEVER
    return history is not None and _bounds(history, one, TAKEN, slack) is not None


def _describe_read(evidence: Evidence, one: Operation, seat: int) -> list[str]:
    """Return the read, and what made the versions of the seat around it."""
    history = evidence.seat_histories.get((one.show, seat))
    if history is None:
        return [str(one)]
    first, last = history.range_between(one.sent, one.responded_at)
    made = evidence.seats[one.show, seat][max(0, first - 1) : last + 1]
    return evidence.describe([one], *(evidence.causes(version) for version in made[:3]))


@invariant("versions never decrease", "reads")
def versions_rise(evidence: Evidence, report: Report) -> None:
    """Of two reads of a show, one after the other, the second has at least the version."""
    by_show: dict[int, list[Operation]] = defaultdict(list)
    for one in _reads(evidence):
        by_show[one.show].append(one)
    for show, some in by_show.items():
        report.checked += len(some)
        responded_at = iter(sorted(some, key=lambda one: one.responded_at))
        earlier = next(responded_at)
        newest: Operation | None = None
        for one in sorted(some, key=lambda one: one.sent):
            while earlier.responded_at < one.sent:
                if newest is None or earlier.facts["version"] > newest.facts["version"]:
                    newest = earlier
                earlier = next(responded_at)  # `one` itself is answered later: there is a next
            if newest is not None and newest.facts["version"] > one.facts["version"]:
                what = f"version {newest.facts['version']}, then {one.facts['version']}"
                report.add(f"show {show}", what, [str(newest), str(one)])


@invariant("no stale booking", "reads")
def bookings(evidence: Evidence, report: Report) -> None:
    """One's bookings are shown as they stood at some moment of the read, none left out."""
    for one in evidence.by_verb["booking"]:
        if one.is_accepted:
            report.checked += 1
            _check_status(evidence, report, one, one.reference, one.facts["status"])
            _check_is_whole(report, one)
    mine: dict[int, list[int]] = defaultdict(list)
    for booking in sorted(evidence.tables.bookings, key=lambda row: (row.created_at, row.id)):
        for owner in {*evidence.owners[booking.id]}:
            mine[owner].append(booking.id)
    for one in evidence.by_verb["bookings"]:
        if one.is_accepted:
            report.checked += 1
            _check_list(evidence, report, one, mine[one.user])


def _check_is_whole(report: Report, one: Operation) -> None:
    """Check that the tickets shown are as the booking shown: both of one moment."""
    status = one.facts["status"]
    tickets = {ticket[2] for ticket in one.facts["tickets"]}
    if tickets != ({"void"} if status == "cancelled" else {"valid"}):
        what = f"shown as {status}, with tickets {sorted(tickets)}"
        report.add(f"booking {one.reference}", what, [str(one)])


def _check_status(
    evidence: Evidence, report: Report, one: Operation, reference: str, status: str
) -> None:
    booking = evidence.by_reference.get(reference)
    if booking is None or not evidence.is_owner(one, booking):
        what = "shown, and is not theirs" if booking else "shown, and is not there"
        report.add(f"booking {reference}", what, [str(one)])
        return
    slack = SLACK_NS if evidence.clock_is_true else NEVER
    history = evidence.booking_histories[booking.id]
    first, last = history.range_between(one.sent, one.responded_at)
    for version in history.versions[first : max(first, last) + 1]:
        is_held = version.state == "held"
        if version.state == status and (not is_held or version.expires > one.sent - slack):
            return
        if is_held and status == "expired" and version.expires <= one.responded_at + slack:
            return
    stood = [version.state for version in history.versions[first : max(first, last) + 1]]
    what = f"shown as {status}, was {' or '.join(stood)}"
    report.add(
        f"booking {reference}", what, evidence.describe(evidence.creators[booking.id], [one])
    )


def _check_list(evidence: Evidence, report: Report, one: Operation, mine: list[int]) -> None:
    """Check each booking of this run that is listed, and that none of the newest is left out."""
    listed = {
        evidence.by_reference[reference].id: status
        for reference, status in one.facts["all"]
        if reference in evidence.by_reference
    }
    for key, status in listed.items():
        _check_status(evidence, report, one, evidence.bookings[key].reference, status)
    if not evidence.clock_is_true:
        return  # without its order, nobody knows which are the newest
    places = [place for place, key in enumerate(mine) if key in listed]
    is_whole = len(listed) < len(one.facts["all"]) or len(one.facts["all"]) < PAGE
    for key in mine[(0 if is_whole or not places else places[0]) :][-PAGE:]:
        created = (
            evidence.booking_histories[key].highs[1]
            if len(evidence.booking_histories[key].highs) > 1
            else NEVER
        )
        has_moved = len(evidence.owners[key]) > 1  # it may have been listed by somebody else then
        if key not in listed and created <= one.sent and not has_moved:
            what = "made before, and not listed"
            describe = evidence.describe(evidence.creators[key], [one])
            report.add(f"booking {evidence.bookings[key].reference}", what, describe)


PAGE = 20
INVARIANTS = [seat_maps, show_lists, versions_rise, bookings]
