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
from prove.http_client import Client, ClientLoop, Response, request
from prove.results import Violation

MAX_SEATS = 5  # a customer's at one show: under SEAT_LIMIT
USUAL_SIZES = (1, 1, 2, 3)  # how many seats a booking has
PAUSE_AFTER_503 = 0.02  # after a 503, which means: try again
SECONDS_TO_REST = 45
UNAVAILABLE = 503
RESPONSES_PER_NAME = 5  # to customers, for one of staff
EXCHANGES = 0.15  # so many change the seats of what they have
# What may be said of an exchange while staff change shows.
FAILURES = {"show_called_off", "not_held", "exchange_costs_more"}


@dataclass(slots=True)
class ExpectedBooking:
    """What a customer knows of a booking: where it may stand, and its seats."""

    key: str
    show: int
    seats: tuple[str, ...]
    statuses: set[str]
    other_seats: tuple[
        str, ...
    ] = ()  # that it may have by now: an exchange that nobody has answered yet


@dataclass(slots=True)
class Journal:
    """What all customers together were told, and what was wrong with it."""

    bookings: dict[str, ExpectedBooking] = field(default_factory=dict)  # by reference
    by_key: dict[str, str] = field(default_factory=dict)  # references
    refused: set[str] = field(default_factory=set)  # keys
    pending_keys: set[str] = field(default_factory=set)  # keys that nobody has answered yet
    called_off: set[int] = field(default_factory=set)  # shows
    # The names that the clerk's price card was given, and how often a request for each was lost: it may
    # still be under way, and come after the next.
    names: dict[str, int] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    responses: int = 0
    unknown: int = 0  # requests whose response was lost
    unavailable: int = 0  # 503
    slowest: float = 0.0

    def wrong(self, invariant: str, operation: Operation, what: str) -> None:
        """Note a violation."""
        self.violations.append(Violation(invariant, str(operation), what))


class Customer:
    """Books, holds, exchanges, confirms and cancels at random; a client of an Exchange."""

    def __init__(
        self,
        number: int,
        user: tuple[int, str],
        shows_and_seats: tuple[Sequence[int], Sequence[str]],
        journal: Journal,
        seed: int,
    ) -> None:
        self.number, (self.user, self.token) = number, user
        self.shows, self.seats = shows_and_seats
        self.journal = journal
        self.rng = random.Random(f"{seed}/{number}")
        self.own_bookings: list[str] = []  # references of live bookings
        self.pending: tuple[Operation, bytes] | None = None
        self.is_finishing = False
        self.may_fail = False  # a show may be called off under our bookings
        self.sizes = USUAL_SIZES
        self.keys = 0

    # --- Asking -----------------------------------------------------------------------------------

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return what to ask: the same again while there was no response."""
        if self.pending is None:
            if self.is_finishing:
                return None
            self.pending = self._choose_request()
        old, sent = self.pending
        again = Operation(
            old.client,
            old.user,
            old.verb,
            old.show,
            old.reference,
            old.key,
            old.ticket_requests,
            old.hold,
        )
        self.pending = (again, sent)
        return again, sent

    def _choose_request(self) -> tuple[Operation, bytes]:
        bookings = self.journal.bookings
        holds = [one for one in self.own_bookings if bookings[one].statuses == {"held"}]
        if holds and self.rng.random() < 0.6:
            return self._change(self.rng.choice(["confirm", "confirm", "cancel"]), holds[0])
        if self.own_bookings and self.rng.random() < EXCHANGES:
            return self._exchange(self.rng.choice(self.own_bookings))
        show = self.rng.choice(self.shows)
        wanted = self.rng.choice(self.sizes)
        here = [one for one in self.own_bookings if bookings[one].show == show]
        if here and sum(len(bookings[one].seats) for one in here) + wanted > MAX_SEATS:
            return self._change("cancel", here[0])
        return self._book(show, self.rng.sample(self.seats, wanted), self.rng.random() < 0.3)

    def _book(self, show: int, labels: list[str], hold: bool) -> tuple[Operation, bytes]:  # noqa: FBT001
        self.keys += 1
        key = f"{self.user}-{self.number}-{self.keys}"
        self.journal.pending_keys.add(key)
        operation = Operation(self.number, self.user, "book", show, "", key)
        operation.ticket_requests, operation.hold = [[label, ""] for label in labels], hold
        body = {"tickets": [{"seat": label} for label in labels], "hold": hold}
        path = f"shows/{show}/bookings/"
        return operation, request("POST", path, self.token, body, Idempotency_Key=key)

    def _change(self, verb: str, reference: str) -> tuple[Operation, bytes]:
        expected = self.journal.bookings[reference]
        expected.statuses |= {"confirmed" if verb == "confirm" else "cancelled"}
        operation = Operation(self.number, self.user, verb, expected.show, reference)
        return operation, request("POST", f"bookings/{reference}/{verb}/", self.token, {})

    def _exchange(self, reference: str) -> tuple[Operation, bytes]:
        """Ask for another seat instead of one of a booking's: the same request until it is answered."""
        expected = self.journal.bookings[reference]
        others = [label for label in self.seats if label not in expected.seats]
        seats = [*expected.seats[1:], self.rng.choice(others)]
        expected.other_seats = tuple(sorted(seats))
        operation = Operation(self.number, self.user, "exchange", expected.show, reference)
        operation.ticket_requests = [[label, ""] for label in seats]
        body = {"tickets": [{"seat": label} for label in seats]}
        return operation, request("POST", f"bookings/{reference}/exchange/", self.token, body)

    # --- Hearing ----------------------------------------------------------------------------------

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Take the response into the journal, or ask again."""
        journal = self.journal
        if reply is None:
            journal.unknown += 1
            return
        journal.responses += 1
        journal.slowest = max(journal.slowest, (operation.responded_at - operation.sent) / 1e9)
        if reply.status == UNAVAILABLE and reply.header("retry-after"):
            journal.unavailable += 1
            time.sleep(PAUSE_AFTER_503)  # the whole crowd: nobody hammers at a closed door
            return
        self.pending = None
        if reply.status >= 500:
            journal.wrong("no unexplained 5xx", operation, f"{reply.status}: {reply.body}")
        elif operation.verb == "book":
            self._on_booking_response(operation, reply)
        elif operation.verb == "exchange":
            self._on_exchange_response(operation, reply)
        else:
            self._on_change_response(operation, reply)

    def _on_booking_response(self, operation: Operation, reply: Response) -> None:
        journal, key, body = self.journal, operation.key, reply.body
        journal.pending_keys.discard(key)
        if reply.status != 201:
            operation.code = body["code"]
            journal.refused.add(key)
            if body["code"] not in {"seats_taken", "show_called_off", "sales_closed"}:
                journal.wrong("a refusal has its reason", operation, str(body))
            return
        reference = body["reference"]
        seats = tuple(sorted(ticket["seat"] for ticket in body["tickets"]))
        if seats != tuple(sorted(request[0] for request in operation.ticket_requests)):
            journal.wrong("all or none", operation, f"got {seats}")
        if reference in journal.bookings:
            journal.wrong("one effect per key", operation, f"{reference} is of another key")
        journal.bookings[reference] = ExpectedBooking(key, operation.show, seats, {body["status"]})
        journal.by_key[key] = reference
        if body["status"] in {"held", "confirmed"}:
            self.own_bookings.append(reference)

    def _on_exchange_response(self, operation: Operation, reply: Response) -> None:
        """Take note of the seats that a booking has now: those asked for, or still those before."""
        expected, body = self.journal.bookings[operation.reference], reply.body
        wanted, expected.other_seats = expected.other_seats, ()
        if reply.status == 200:
            valid = [one["seat"] for one in body["tickets"] if one["status"] != "void"]
            if body["status"] != "cancelled" and tuple(sorted(valid)) != wanted:
                self.journal.wrong("all or none", operation, f"got {valid}")
            expected.seats = wanted
        elif body["code"] != "seats_taken" and not (self.may_fail and body["code"] in FAILURES):
            self.journal.wrong("owners can change their live bookings", operation, str(body))

    def _on_change_response(self, operation: Operation, reply: Response) -> None:
        expected = self.journal.bookings[operation.reference]
        if reply.status == 200:
            expected.statuses = {reply.body["status"]}
        elif self.may_fail and reply.body["code"] in {"show_called_off", "not_held"}:
            expected.statuses = {"cancelled"}
        else:
            self.journal.wrong("owners can change their live bookings", operation, str(reply.body))
        if not expected.statuses <= {"held", "confirmed"}:
            self.own_bookings.remove(operation.reference)


class Clerk:
    """Gives a price card one new name after another: each again until it is answered, so that it is given once."""

    def __init__(self, number: int, token: str, card: int, journal: Journal) -> None:
        self.number, self.token, self.card, self.journal = number, token, card, journal
        self.pending: tuple[Operation, bytes] | None = None
        self.is_finishing = False
        self.count = self.due = self.lost = 0

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return the next name, once in a while; or the last one again while there was no response."""
        if self.pending is None:
            if self.is_finishing or self.journal.responses < self.due:
                return None
            self.count += 1
            self.due = self.journal.responses + RESPONSES_PER_NAME
            name = f"Clerk {self.count}"
            sent = request("PATCH", f"price-cards/{self.card}/", self.token, {"name": name})
            self.pending = (Operation(self.number, 0, "rename", facts={"name": name}), sent)
        return self.pending

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Take note of a name that was given."""
        name = str(operation.facts["name"])
        self.lost += reply is None
        if reply is None or (reply.status == UNAVAILABLE and reply.header("retry-after")):
            return
        if reply.status != 200:
            self.journal.wrong("staff can work", operation, f"{reply.status}: {reply.body}")
        self.pending, self.journal.names[name], self.lost = None, self.lost, 0


class PersistentClients:
    """All customers, and a clerk if there is one, driven by one thread, so that the caller can break things meanwhile."""

    def __init__(
        self,
        address: str,
        users: Sequence[tuple[int, str]],
        shows_and_seats: tuple[Sequence[int], Sequence[str]],
        history: Path,
        seed: int,
        clerk: tuple[str, int] | None = None,
    ) -> None:
        self.address, self.history = address, history
        self.journal = Journal()
        self.customers = [
            Customer(number, (user, token), shows_and_seats, self.journal, seed)
            for number, (user, token) in enumerate(users)
        ]
        self.clerks = [Clerk(len(users), *clerk, self.journal)] if clerk else []
        self.everybody: list[Customer | Clerk] = [*self.customers, *self.clerks]
        self.extra_clients: list[Client] = []  # more clients, who end when told to rest
        self.errors: list[BaseException] = []
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Let everybody ask, from now until `finish`."""
        for one in self.everybody:
            one.is_finishing = False
        self.thread = threading.Thread(target=self._drive, daemon=True)
        self.thread.start()

    def _drive(self) -> None:
        try:
            # One file a burst, so that the last one shows what led to a violation.
            with History(self.history) as history:
                ClientLoop(self.address, history).run(
                    [*self.everybody, *self.extra_clients], _ignore
                )
        except BaseException as error:  # noqa: BLE001 (the caller's thread raises it)
            self.errors.append(error)

    def wait_for(self, responses: int, timeout: float = SECONDS_TO_REST) -> bool:
        """Wait until so many more responses came; say whether they did."""
        enough = self.journal.responses + responses
        deadline = time.monotonic() + timeout
        while self.journal.responses < enough and time.monotonic() < deadline and not self.errors:
            time.sleep(0.003)
        return self.journal.responses >= enough

    def finish(self, timeout: float = SECONDS_TO_REST) -> bool:
        """Let everybody come to know what became of what they asked; say whether they all did."""
        for one in self.everybody:
            one.is_finishing = True
        if self.thread is not None:
            self.thread.join(timeout)
            if self.thread.is_alive():
                waiting = [str(one.pending[0]) for one in self.customers if one.pending]
                what = f"after {timeout} s: {waiting}"
                self.journal.violations.append(Violation("no stuck key", "all clients", what))
                return False
        if self.errors:
            raise self.errors[0]
        return True


def _ignore(count: int) -> Any:
    return None
