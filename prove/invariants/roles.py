"""Who may do what, while roles are taken and given: the order of commits decides."""

from functools import cache

from prove.evidence import NEVER, Evidence, Version, VersionHistory
from prove.history import Operation
from prove.invariants import Report, invariant

HAS, LACKS = "has", "lacks"
CHANGES = {"give_role": HAS, "take_role": LACKS}


@invariant("no act without its right", "acts")
def rights(evidence: Evidence, report: Report) -> None:
    """Nothing that a seller asks for after the role was taken is done. What was under way may end."""
    for one in evidence.operations:
        if one.user in evidence.sellers and one.is_accepted:
            report.checked += 1
            if HAS not in states(evidence, one):
                what = f"user {one.user} had no role here when it was sent"
                report.add(one.reference or f"show {one.show}", what, [str(one)])


def may_lack(evidence: Evidence, one: Operation) -> bool:
    """Return whether a seller may have been without a role at some time of an operation."""
    return LACKS in states(evidence, one)


def justify_forbidden(evidence: Evidence, one: Operation) -> str:
    """Say whether somebody was refused a right that they had all the time."""
    if one.user not in evidence.sellers:
        return "administrators may do everything"
    return "" if may_lack(evidence, one) else "the role was theirs all the time"


def states(evidence: Evidence, one: Operation) -> set[str]:
    """Return what the roles of a seller may have been between request and response."""
    history = _histories(evidence)[one.user]
    first, last = history.range_between(one.sent, one.responded_at or NEVER)
    return {version.state for version in history.versions[first : max(first, last) + 1]}


@cache
def _histories(evidence: Evidence) -> dict[int, VersionHistory]:
    """Return what the roles of each seller were, by the forms that changed them."""
    versions = {
        user: [Version(HAS if has else LACKS, NEVER, -NEVER, -NEVER)]
        for user, has in evidence.facts.sellers
    }
    changes = [one for verb in CHANGES for one in evidence.by_verb[verb] if not one.is_refused]
    for one in sorted(changes, key=lambda one: one.sent):
        high = one.responded_at if one.is_accepted else NEVER
        version = Version(CHANGES[one.verb], NEVER, one.sent, high)
        versions[int(one.facts["account"])].append(version)
    return {user: VersionHistory(some) for user, some in versions.items()}


INVARIANTS = [rights]
