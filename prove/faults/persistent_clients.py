"""Customers who never give up: they ask again, with the same key, until they are answered.

What they were told is in their journal: what each key made, which keys were refused, where each
booking must stand now. `audit` compares that with the database itself.
"""

import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from prove.history import History, Operation
from prove.http_client import Client, Exchange, Reply, request
from prove.results import Violation

MOST_SEATS = 5  # a customer's at one show: under SEAT_LIMIT
USUAL = (1, 1, 2, 3)  # how many seats a booking has
PAUSE = 0.02  # after a 503, which means: try again
SECONDS_TO_REST = 45
UNAVAILABLE = 503


@dataclass(slots=True)
class LockedBooking:
    """What a customer knows of a booking: where it may stand, and its seats."""

    key: str
    show: int
    seats: tuple[str, ...]
    statuses: set[str]


@dataclass(slots=True)
class Journal:
    """What all customers together were told, and what was wrong with it."""

    made: dict[str, LockedBooking] = field(default_factory=dict)  # by reference
    by_key: dict[str, str] = field(default_factory=dict)  # references
    refused: set[str] = field(default_factory=set)  # keys
    asked: set[str] = field(default_factory=set)  # keys that nobody has answered yet
    called_off: set[int] = field(default_factory=set)  # shows
    violations: list[Violation] = field(default_factory=list)
    answers: int = 0
    unknown: int = 0  # requests whose answer was lost
    unavailable: int = 0  # 503
    slowest: float = 0.0

    def wrong(self, invariant: str, operation: Operation, what: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(invariant, str(operation), what))


class Customer:
    """Books, holds, confirms and cancels at random; a client of an Exchange."""

    def __init__(
        self,
        number: int,
        user: tuple[int, str],
        where: tuple[Sequence[int], Sequence[str]],
        journal: Journal,
        seed: int,
    ) -> None:
        self.number, (self.user, self.token) = number, user
        self.shows, self.seats = where
        self.journal = journal
        self.luck = random.Random(f"{seed}/{number}")
        self.mine: list[str] = []  # references of live bookings
        self.pending: tuple[Operation, bytes] | None = None
        self.is_closing = False
        self.may_fail = False  # a show may be called off under our bookings
        self.sizes = USUAL
        self.keys = 0

    # --- Asking -----------------------------------------------------------------------------------

    def ask(self) -> tuple[Operation, bytes] | None:
        """Return what to ask: the same again while there was no answer."""
        if self.pending is None:
            if self.is_closing:
                return None
            self.pending = self._think()
        old, sent = self.pending
        again = Operation(
            old.client, old.user, old.verb, old.show, old.reference, old.key, old.wishes, old.hold
        )
        self.pending = (again, sent)
        return again, sent

    def _think(self) -> tuple[Operation, bytes]:
        made = self.journal.made
        holds = [one for one in self.mine if made[one].statuses == {"held"}]
        if holds and self.luck.random() < 0.6:
            return self._move(self.luck.choice(["confirm", "confirm", "cancel"]), holds[0])
        show = self.luck.choice(self.shows)
        wanted = self.luck.choice(self.sizes)
        here = [one for one in self.mine if made[one].show == show]
        if here and sum(len(made[one].seats) for one in here) + wanted > MOST_SEATS:
            return self._move("cancel", here[0])
        return self._book(show, self.luck.sample(self.seats, wanted), self.luck.random() < 0.3)

    def _book(self, show: int, labels: list[str], hold: bool) -> tuple[Operation, bytes]:  # noqa: FBT001
        self.keys += 1
        key = f"{self.user}-{self.number}-{self.keys}"
        self.journal.asked.add(key)
        operation = Operation(self.number, self.user, "book", show, "", key)
        operation.wishes, operation.hold = [[label, ""] for label in labels], hold
        body = {"tickets": [{"seat": label} for label in labels], "hold": hold}
        path = f"shows/{show}/bookings/"
        return operation, request("POST", path, self.token, body, Idempotency_Key=key)

    def _move(self, verb: str, reference: str) -> tuple[Operation, bytes]:
        standing = self.journal.made[reference]
        standing.statuses |= {"confirmed" if verb == "confirm" else "cancelled"}
        operation = Operation(self.number, self.user, verb, standing.show, reference)
        return operation, request("POST", f"bookings/{reference}/{verb}/", self.token, {})

    # --- Hearing ----------------------------------------------------------------------------------

    def hear(self, operation: Operation, reply: Reply | None) -> None:
        """Take the answer into the journal, or ask again."""
        journal = self.journal
        if reply is None:
            journal.unknown += 1
            return
        journal.answers += 1
        journal.slowest = max(journal.slowest, (operation.answered - operation.sent) / 1e9)
        if reply.status == UNAVAILABLE and reply.header("retry-after"):
            journal.unavailable += 1
            time.sleep(PAUSE)  # the whole crowd: nobody hammers at a closed door
            return
        self.pending = None
        if reply.status >= 500:
            journal.wrong("no unexplained 5xx", operation, f"{reply.status}: {reply.body}")
        elif operation.verb == "book":
            self._hear_of_booking(operation, reply)
        else:
            self._hear_of_move(operation, reply)

    def _hear_of_booking(self, operation: Operation, reply: Reply) -> None:
        journal, key, body = self.journal, operation.key, reply.body
        journal.asked.discard(key)
        if reply.status != 201:
            operation.code = body["code"]
            journal.refused.add(key)
            if body["code"] not in {"seats_taken", "show_called_off", "sales_closed"}:
                journal.wrong("a refusal has its reason", operation, str(body))
            return
        reference = body["reference"]
        seats = tuple(sorted(ticket["seat"] for ticket in body["tickets"]))
        if seats != tuple(sorted(wish[0] for wish in operation.wishes)):
            journal.wrong("all or none", operation, f"got {seats}")
        if reference in journal.made:
            journal.wrong("one effect per key", operation, f"{reference} is of another key")
        journal.made[reference] = LockedBooking(key, operation.show, seats, {body["status"]})
        journal.by_key[key] = reference
        if body["status"] in {"held", "confirmed"}:
            self.mine.append(reference)

    def _hear_of_move(self, operation: Operation, reply: Reply) -> None:
        standing = self.journal.made[operation.reference]
        if reply.status == 200:
            standing.statuses = {reply.body["status"]}
        elif self.may_fail and reply.body["code"] in {"show_called_off", "not_held"}:
            standing.statuses = {"cancelled"}
        else:
            self.journal.wrong("a live booking is its owner's", operation, str(reply.body))
        if not standing.statuses <= {"held", "confirmed"}:
            self.mine.remove(operation.reference)


class Crowd:
    """All customers, driven by one thread, so that the caller can break things meanwhile."""

    def __init__(
        self,
        address: str,
        users: Sequence[tuple[int, str]],
        where: tuple[Sequence[int], Sequence[str]],
        history: Path,
        seed: int,
    ) -> None:
        self.address, self.history = address, history
        self.journal = Journal()
        self.customers = [
            Customer(number, (user, token), where, self.journal, seed)
            for number, (user, token) in enumerate(users)
        ]
        self.others: list[Client] = []  # more clients, who end when told to rest
        self.trouble: list[BaseException] = []
        self.thread: threading.Thread | None = None

    def go(self) -> None:
        """Let everybody ask, from now until `rest`."""
        for customer in self.customers:
            customer.is_closing = False
        self.thread = threading.Thread(target=self._drive, daemon=True)
        self.thread.start()

    def _drive(self) -> None:
        try:
            # One file a burst, so that the last one tells what led to a violation.
            with History(self.history) as history:
                Exchange(self.address, history).drive([*self.customers, *self.others], _nobody)
        except BaseException as error:  # noqa: BLE001 (the caller's thread raises it)
            self.trouble.append(error)

    def wait_for(self, answers: int, patience: float = SECONDS_TO_REST) -> bool:
        """Wait until so many more answers came; say whether they did."""
        enough = self.journal.answers + answers
        deadline = time.monotonic() + patience
        while self.journal.answers < enough and time.monotonic() < deadline and not self.trouble:
            time.sleep(0.003)
        return self.journal.answers >= enough

    def rest(self, patience: float = SECONDS_TO_REST) -> bool:
        """Let everybody come to know what became of what they asked; say whether they all did."""
        for customer in self.customers:
            customer.is_closing = True
        if self.thread is not None:
            self.thread.join(patience)
            if self.thread.is_alive():
                waiting = [str(one.pending[0]) for one in self.customers if one.pending]
                what = f"after {patience} s: {waiting}"
                self.journal.violations.append(Violation("no stuck key", "the whole crowd", what))
                return False
        if self.trouble:
            raise self.trouble[0]
        return True


def _nobody(count: int) -> Any:
    return None
