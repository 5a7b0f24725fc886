"""Remove guards for negative controls: without its guard, each race must fail.

Each function removes one guard from the code for the length of a test. Where PostgreSQL has a row
lock, SQLite has its single writer (BEGIN IMMEDIATE). Without it, each statement is a transaction of
its own.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import Model, QuerySet

from marquee.booking import claims, locks
from marquee.booking.models import Booking
from marquee.booking.operations import transitions
from marquee.catalog.locks import lock_show_exclusively
from marquee.core import transactions

Patch = pytest.MonkeyPatch


def replace_everywhere(
    patch: Patch, function: Callable[..., Any], other: Callable[..., Any]
) -> None:
    """Replace a function in every module of Marquee that has imported it under its own name."""
    name = function.__name__
    for module in [module for key, module in sys.modules.items() if key.startswith("marquee.")]:
        if vars(module).get(name) is function:
            patch.setattr(module, name, other)


def module_of(verb: str) -> ModuleType:
    """Return a verb's module. In the package, the same name is the verb itself."""
    return import_module(f"marquee.booking.operations.{verb}")


def without_locks(patch: Patch) -> None:
    """Remove all locks: transactions wait only for rows that another one has written."""
    row = locks._fetch_locked
    patch.setattr(
        locks,
        "_fetch_locked",
        lambda sql, locking, parameters, **parts: row(sql, "", parameters, **parts),
    )
    patch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows)
    without_show_advisory_lock(patch)
    without_single_writer(patch)


def without_any(patch: Patch) -> None:
    """Remove every guard of a booking: locks, compare-and-set, and the ownership of its seats."""
    without_locks(patch)
    without_compare_and_set(patch)
    without_asking_whose_it_is(patch)


def without_user_lock(patch: Patch) -> None:
    """Let the requests of one customer run without waiting for each other."""
    without_counter_locks(patch)
    _without_clause(patch, "FOR NO KEY UPDATE OF account")


def without_counter_locks(patch: Patch) -> None:
    """Let accounts of one address, and customers of one network, run without waiting."""
    patch.setattr(locks, "BOOKER_COUNTER_LOCKS_SQL", "")
    patch.setattr(locks, "BOOKING_COUNTER_LOCKS_SQL", "")
    patch.setattr(locks, "USER_COUNTER_LOCKS_SQL", "")
    without_single_writer(patch)


def without_show_lock(patch: Patch) -> None:
    """Let bookings and staff who change their show run without waiting for each other."""
    _without_clause(patch, "FOR KEY SHARE OF show")
    without_show_advisory_lock(patch)


def without_show_advisory_lock(patch: Patch) -> None:
    """Let customers overtake staff who wait for a show, and staff each other."""
    patch.setattr(locks, "SHOW_ADVISORY_LOCK_SQL", "")
    replace_everywhere(patch, lock_show_exclusively, lambda show: None)


def without_single_writer(patch: Patch) -> None:
    """Run booking's operations without a transaction on SQLite. PostgreSQL has other guards."""
    run = transactions.run_in_transaction

    def run_booking_without(operation: Callable[[], object]) -> object:
        module = getattr(operation, "func", operation).__module__
        return operation() if module.startswith("marquee.booking.") else run(operation)

    if connection.vendor == "sqlite":
        patch.setattr(transactions, "run_in_transaction", run_booking_without)


def without_looking_for_the_key(patch: Patch) -> None:
    """Skip the look-up of the idempotency key after a refusal."""
    patch.setattr(module_of("book"), "_find_replay", lambda request: None)


def without_compare_and_set(patch: Patch) -> None:
    """Turn each conditional UPDATE into a read and a write: DESIGN 5's `pk IN (subquery)`.

    For a booking's status, the operation's first statement is the read.
    """
    update = QuerySet.update

    def set_status(booking_ids: list[int], *, to: str, out_of: list[str]) -> None:
        update(Booking.objects.filter(pk__in=booking_ids), status=to, held_until=None)

    def look_then_set(rows: QuerySet[Any], **values: object) -> int:
        keys = list(rows.values_list("pk", flat=True))
        return update(rows.model._base_manager.filter(pk__in=keys), **values)

    patch.setattr(QuerySet, "update", look_then_set)
    patch.setattr(transitions, "set_status", set_status)
    looking_first = "id IN (SELECT id FROM ticket WHERE {is_chosen} AND status = 'valid')"
    void = transitions.VOID_TICKETS_SQL.replace("status = 'valid'", looking_first)
    patch.setattr(transitions, "VOID_TICKETS_SQL", void)


def without_asking_who_has_it(patch: Patch) -> None:
    """Let a claim take any seat."""
    patch.setattr(claims, "IS_AVAILABLE", "TRUE")


def without_asking_whose_it_is(patch: Patch) -> None:
    """Sell and release seats without checking that the booking owns them."""
    patch.setattr(claims, "IS_OWNED", "(TRUE OR seat_claim.booking_id = %(owner)s)")
    patch.setattr(claims, "IS_HELD_BY_BOOKING", "(TRUE OR seat_claim.booking_id = %(owner)s)")


def _without_clause(patch: Patch, unwanted: str) -> None:
    row = locks._fetch_locked

    def without(sql: str, locking: str, parameters: dict[str, Any], **parts: str) -> object:
        return row(sql, locking.replace(unwanted, ""), parameters, **parts)

    patch.setattr(locks, "_fetch_locked", without)
    without_single_writer(patch)


@contextmanager
def without_constraint(model: type[Model], name: str) -> Iterator[None]:
    """Drop a constraint for the length of the block, and delete all rows afterwards."""
    constraints = model._meta.constraints
    constraint = next(one for one in constraints if one.name == name)
    # SQLite's table is recreated from the current model.
    model._meta.constraints = [one for one in constraints if one is not constraint]
    with connection.schema_editor() as editor:
        editor.remove_constraint(model, constraint)
    try:
        yield
    finally:
        call_command("flush", interactive=False, verbosity=0)
        model._meta.constraints = constraints
        with connection.schema_editor() as editor:
            editor.add_constraint(model, constraint)
