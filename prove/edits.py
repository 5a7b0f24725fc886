"""What a mutant is: edits of the code, and the invariants that it breaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prove.results import ENGINES

BOTH = ENGINES
SLEEP = "__import__('time').sleep({seconds})"


class CodeMovedOn(RuntimeError):
    """What a mutant changes does not stand in the code once: the mutant must be written anew."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the code: in this file, this text becomes that."""

    file: str
    old: str
    new: str

    def apply(self, code: Path) -> None:
        """Change the copy. Raises CodeMovedOn."""
        file = code / "marquee" / self.file
        text = file.read_text()
        if text.count(self.old) != 1:
            raise CodeMovedOn(
                f"marquee/{self.file} has {text.count(self.old)} times, not once:\n{self.old}"
            )
        file.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake, by engine where they differ, and the invariants that it breaks."""

    name: str
    caught_by: tuple[str, ...]
    edits: tuple[Edit, ...] = ()
    only_on: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    engines: tuple[str, ...] = BOTH
    weights: Mapping[str, int] = field(default_factory=dict)
    sql: Mapping[str, str] = field(default_factory=dict)  # in the database, by engine
    operations: int = 600  # in a round; more where holds must have the time to end in it
    is_rare: bool = False  # some runs do not meet it: full runs try it, samples do not

    def apply(self, code: Path, engine: str) -> None:
        """Make the mistake in a copy of the code."""
        for edit in (*self.edits, *self.only_on.get(engine, ())):
            edit.apply(code)


OWNER, LEGAL, GAPS = "one owner at a time", "legal transitions only", "versions without gaps"
ALL_OR_NONE, SEAT_LIMIT_KEPT, CALLED_OFF = (
    "all seats or none",
    "seat limit",
    "nothing sold after a call-off",
)
SEATS, EVENTS, TOTALS = "a booking has its seats", "one event per transition", "totals add up"
STORED, NO_SIDE_EFFECTS, ONE_EFFECT = (
    "every acknowledged change is stored",
    "refused requests change nothing",
    "one effect per key",
)
SHOW_LISTS = "no stale list"
SEAT_MAPS, OVERLAP, ORPHANS = (
    "no stale or dirty seat map",
    "no overlapping shows",
    "no orphan claims",
)
DEADLOCKS, TRUE, BOOKING_READS = "no deadlocks", "every refusal is justified", "no stale booking"
FAILURES, FORMS = "no unexplained 5xx", "one live hold per form"
GUESTS, MOVES, SHOWN = (
    "one provisional guest per visitor",
    "a hold moves to its own account",
    "nobody else's booking is shown",
)
AUDIT, RIGHTS = "one audit entry per act", "no act without its right"

# --- Edits that several mutants share --------------------------------------------------------------

# The catalog keeps its transactions: without them, no round could be set up.
CATALOG_TRANSACTIONS = Edit(
    "core/transactions.py",
    "        return run_in_transaction(partial(operation, *args, **kwargs))\n",
    """        if operation.__module__.startswith("marquee.booking."):
            return run_in_transaction(partial(operation, *args, **kwargs))
        with transaction.atomic():
            return operation(*args, **kwargs)
""",
)
# On SQLite one transaction writes at a time, whatever the code does: to let two in at once, each
# statement becomes a transaction of its own.
NO_TRANSACTION = (
    Edit(
        "core/transactions.py",
        """    with transaction.atomic():
        return func()
""",
        """    return func()
""",
    ),
    CATALOG_TRANSACTIONS,
)
STORING = "    usage, won = insert.insert_booking(booking, tickets, actor)\n"
OPEN_TO_ALL = Edit(
    "booking/claims.py",
    'IS_AVAILABLE = (\n    "(seat_claim.state = ',
    'IS_AVAILABLE = (\n    "(TRUE OR seat_claim.state = ',
)
# Between what was looked at and what is kept: on PostgreSQL the transaction is not over yet, on
# SQLite, where each statement is one then, the limit has been counted and the sale been allowed.
LOSE_THE_RACE = {
    "postgresql": Edit(
        "booking/operations/book.py", STORING, f"{STORING}    {SLEEP.format(seconds=0.05)}\n"
    ),
    "sqlite": Edit(
        "booking/operations/insert.py",
        "    booking.save(force_insert=True)\n",
        f"    {SLEEP.format(seconds=0.05)}\n    booking.save(force_insert=True)\n",
    ),
}
LOOK_FIRST = Edit(
    "booking/operations/book.py",
    STORING,
    f"""    taken = queries.taken_seat_ids(request.show_id)
    seat_rules.check_seats_won([one.seat for one in priced_seats if one.seat.id in taken])
    {SLEEP.format(seconds=0.01)}
{STORING}""",
)
FOR_BOOKING = '"FOR NO KEY UPDATE OF account FOR KEY SHARE OF show",'
