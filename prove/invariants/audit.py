"""The audit log: each act of staff has one entry, and each entry is of an act that its actor did then."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import Any

import orjson

from prove.audit_log import Entry
from prove.evidence import Evidence
from prove.history import Operation
from prove.invariants import Report, invariant

Key = tuple[str, str, str]  # what was done, to what, and its id
ACTIONS = {
    "sell": ("sold", "booking"),
    "cancel": ("cancelled", "booking"),
    "call_off": ("called_off", "show"),
    "block": ("blocked", "show"),
    "unblock": ("unblocked", "show"),
    "schedule": ("added", "show"),
    "move": ("moved", "show"),
    "rename": ("changed", "price_card"),
    "give_role": ("role_given", "account"),
    "take_role": ("role_taken", "account"),
}
# The field in which one change follows on another, and the fact that says what it is to be.
CHAINS = {"move": "starts_at", "rename": "name"}


@invariant("one audit entry per act", "acts")
def entries(evidence: Evidence, report: Report) -> None:
    """What staff did has its entry, once, with who did it; no entry is of anything else."""
    acts = _acts(evidence)
    found: Counter[Key] = Counter()
    for entry in evidence.tables.entries:
        if _is_of_setup(evidence, entry):
            continue
        report.checked += 1
        key = (entry.action, entry.kind, entry.subject)
        found[key] += 1
        if not any(_may_be_of(evidence, entry, one) for one in acts[key]):
            described = evidence.describe(acts[key])
            report.add(
                f"{entry.kind} {entry.subject}", f"{entry}, and nobody did it then", described
            )
    expected = _expected(evidence)
    for key in expected.keys() | {key for key in found if key[:2] in COUNTED}:
        if found[key] != expected[key]:
            what = f"{key[0]} {expected[key]} times, with {found[key]} entries"
            report.add(f"{key[1]} {key[2]}", what, evidence.describe(acts[key]))
    for check in (_wrong_seats, _wrong_chains):
        for where, what in check(evidence):
            report.add(where, what)


def _is_of_setup(evidence: Evidence, entry: Entry) -> bool:
    """Return whether an entry is of what was there when the round began."""
    shows = map(str, evidence.facts.initial_shows)
    return entry.action == "added" and (entry.kind != "show" or entry.subject in {*shows})


def _acts(evidence: Evidence) -> dict[Key, list[Operation]]:
    """Return what staff asked for and were not refused, by what their entries say."""
    staff = {*evidence.sellers, *evidence.facts.administrators}
    acts: dict[Key, list[Operation]] = defaultdict(list)
    for verb, (action, kind) in ACTIONS.items():
        for one in evidence.by_verb[verb]:
            if one.user in staff and not one.is_refused:
                acts[action, kind, str(_subject(evidence, one))].append(one)
    return acts


def _subject(evidence: Evidence, one: Operation) -> Any:
    """Return the id of what an operation is about."""
    if ACTIONS[one.verb][1] == "booking":
        booking = evidence.by_reference.get(one.reference or one.facts.get("reference", ""))
        return booking and booking.id
    names = {"schedule": "id", "rename": "card", "give_role": "account", "take_role": "account"}
    return one.facts.get(names[one.verb]) if one.verb in names else one.show


def _may_be_of(evidence: Evidence, entry: Entry, one: Operation) -> bool:
    """Return whether an entry may be of an operation: of the same person, at that time, to the same end."""
    if entry.actor != one.user:
        return False
    field = CHAINS.get(one.verb)
    if field and not _is_same(
        orjson.loads(entry.changes).get(field, ("", ""))[1], one.facts[field]
    ):
        return False
    return not evidence.clock_is_true or evidence.is_during(one, evidence.to_monotonic(entry.at))


# What the database says itself, or the responses to an administrator, whose changes come one by one.
COUNTED = {
    ACTIONS[verb] for verb in ("sell", "cancel", "call_off", "schedule", "give_role", "take_role")
}


def _expected(evidence: Evidence) -> Counter[Key]:
    """Return how many entries there must be of what happened."""
    expected: Counter[Key] = Counter()
    for one in evidence.tables.bookings:
        if any(creator.verb == "sell" for creator in evidence.creators[one.id]):
            expected["sold", "booking", str(one.id)] = 1
            expected["cancelled", "booking", str(one.id)] = evidence.events[one.id].count(
                "cancelled"
            )
    for show in evidence.called_off:
        expected["called_off", "show", str(show)] = 1
    for show in evidence.shows.keys() - {*evidence.facts.initial_shows}:
        expected["added", "show", str(show)] = 1
    for verb in ("give_role", "take_role"):
        for operation in evidence.by_verb[verb]:
            if operation.is_accepted:
                expected[*ACTIONS[verb], str(operation.facts["account"])] += 1
    return expected


def _wrong_seats(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield the seats that were blocked or unblocked more or less often than the entries say."""
    said: Counter[tuple[str, str, str]] = Counter()
    for entry in evidence.tables.entries:
        if entry.action in {"blocked", "unblocked"}:
            before, after = orjson.loads(entry.changes)["seats"]
            said.update((entry.action, entry.subject, label) for label in before or after)
    done: Counter[tuple[str, str, str]] = Counter()
    for one in evidence.tables.transitions:
        if one.seat and "blocked" in {one.state, one.was}:
            action = "blocked" if one.state == "blocked" else "unblocked"
            done[action, str(one.show), evidence.label[one.seat]] += 1
    for key in said.keys() | done.keys():
        if said[key] != done[key]:
            yield (
                f"show {key[1]} seat {key[2]}",
                f"{key[0]} {done[key]} times, {said[key]} in entries",
            )


def _wrong_chains(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield where a change does not follow on the one before, or the last one not leads to what is there."""
    shows, cards = evidence.shows, {one.id: one.name for one in evidence.tables.cards}
    now: dict[str, Callable[[str], Any]] = {
        "move": lambda key: shows[int(key)].starts_at,
        "rename": lambda key: cards[int(key)],
    }
    for verb, field in CHAINS.items():
        some: dict[str, list[Any]] = defaultdict(list)
        for entry in evidence.tables.entries:
            if (entry.action, entry.kind) == ACTIONS[verb] and field in (
                changes := orjson.loads(entry.changes)
            ):
                some[entry.subject].append(changes[field])
        asked = {str(_subject(evidence, one)) for one in evidence.by_verb[verb] if one.is_accepted}
        for subject in asked | some.keys():
            pairs = some[subject]
            broken = [
                f"{one[1]}, {other[0]}" for one, other in pairwise(pairs) if one[1] != other[0]
            ]
            last = pairs[-1][1] if pairs else ""
            if broken or not _is_same(last, now[verb](subject)):
                yield (
                    f"{ACTIONS[verb][1]} {subject}",
                    f"{broken or last}, and is {now[verb](subject)}",
                )


def _is_same(said: str, value: Any) -> bool:
    """Return whether a value of an entry is a text, or a moment as text or in microseconds."""
    if said == value:
        return True
    try:
        moment = datetime.fromisoformat(said)
        other = datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value / 1e6
    except ValueError:
        return False
    return moment.timestamp() == other


INVARIANTS = [entries]
