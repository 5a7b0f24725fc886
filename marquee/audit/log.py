"""Write the audit log: one function, for all operations."""

from collections.abc import Mapping
from typing import Any

from marquee.audit.models import AuditEntry
from marquee.audit.states import Action, Subject
from marquee.core import actor
from marquee.core.clock import DatabaseNow
from marquee.core.current import current

# By field: the value before and the value after.
Changes = Mapping[str, tuple[Any, Any]]
# Instead of values that the log must not have: passwords, names and addresses of people.
NOT_KEPT = (None, None)


def record(
    action: Action,
    subject: Subject,
    subject_id: int | str,
    *,
    cinema_id: int | None = None,
    changes: Changes | None = None,
    reason: str = "",
) -> None:
    """Add an entry to the audit log, in the caller's transaction, if staff or an operator act: see `core.actor`.

    Acts of customers and of the worker are no entries. `changes` must have no personal
    data: write `NOT_KEPT` for it.
    """
    if not actor.is_recorded():
        return
    staff = actor.acting_staff()
    AuditEntry.objects.create(
        at=DatabaseNow(),
        actor_id=staff,
        through=actor.acting_operator() if staff is None else "",
        action=action,
        cinema_id=cinema_id,
        subject_kind=subject,
        subject_id=str(subject_id),
        changes=changes or {},
        reason=reason,
        request_id=current.request_id,
    )


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Return what differs between two states of a row, by field."""
    names = dict.fromkeys([*before, *after])
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
