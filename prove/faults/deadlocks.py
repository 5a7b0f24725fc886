"""Deadlock storms: everybody wants overlapping seats, in any order, while staff change the shows.

Staff give shows other prices and times, block seats, call shows off and add new ones. Nothing may
return a 5xx but a deliberate 503 with Retry-After, and no request may take longer than five seconds.
"""

import random
from typing import Any

from prove.faults.audit import audit
from prove.faults.persistent_clients import Journal, PersistentClients
from prove.faults.server_under_test import ServerUnderTest, save_evidence, start_target
from prove.history import Operation
from prove.http_client import Response, request
from prove.results import Finding, Progress, Size, Violation

SIZES = {"sqlite": Size(full=20, quick=1), "postgresql": Size(full=20, quick=1)}
NAME = "deadlock storms"
RESPONSES = 600  # in a storm
MAX_SECONDS = 5.0  # seconds
STAFF = 3
SIZES_WANTED = (2, 3, 4, 5)


def run(engine: str, count: int, seed: int, progress: Progress) -> list[Finding]:
    """Let so many storms pass; return what was wrong after any of them."""
    finding = Finding(NAME, engine, 0, "storms")
    with start_target(engine, users=16, rows=1, shows=STAFF + 1) as target:
        people = target.people
        where, history = (people.shows, people.seats[:12]), target.directory / "history"
        clients = PersistentClients(
            target.address, people.users, where, history, seed, target.clerk
        )
        for customer in clients.customers:
            customer.may_fail, customer.sizes = True, SIZES_WANTED
        staff = [Staff(number, target, clients.journal, seed) for number in range(STAFF)]
        clients.extra_clients += staff
        for _ in range(count):
            for one in staff:
                one.is_finishing = False
            clients.start()
            went_on = clients.wait_for(RESPONSES)
            for one in staff:
                one.is_finishing = True
            went_on = clients.finish() and went_on
            finding.checked += 1
            finding.violations += audit(target, clients.journal)
            progress.update()
            if not went_on:
                finding.violations.append(Violation("no stall", engine, "the clients got stuck"))
                break
        journal = clients.journal
        finding.violations += journal.violations
        if journal.slowest > MAX_SECONDS:
            what = f"a response took {journal.slowest:.1f} s"
            finding.violations.append(Violation("no stall", engine, what))
        done = {verb: sum(one.done.get(verb, 0) for one in staff) for verb in VERBS}
        changes = ", ".join(f"{count} x {verb}" for verb, count in done.items())
        finding.note = (
            f"{journal.responses} responses, {journal.unavailable} of them 503, the slowest in"
            f" {journal.slowest:.1f} s; staff: {changes}"
        )
        save_evidence(target, finding)
    return [finding]


VERBS = {"reprice": 4, "move": 4, "extend": 2, "block": 3, "unblock": 3, "call off": 1, "add": 0}
EXPECTED = {200, 201, 409}


class Staff:
    """Changes shows at random; a client of an Exchange."""

    def __init__(self, number: int, target: ServerUnderTest, journal: Journal, seed: int) -> None:
        self.number, self.target, self.journal = 1000 + number, target, journal
        self.rng = random.Random(f"{seed}/staff/{number}")
        self.is_finishing = False
        self.done: dict[str, int] = {}
        self.adds = 0
        self.unconfirmed: tuple[int, int] | None = None  # a show to move, and its live bookings
        self.day = 100.0 * (number + 1)
        prices = [{"category": "standard", "type": "adult", "amount": f"{13 + number}.00"}]
        cinema = target.cinema
        other = target.post(
            "price-cards/",
            cinema=cinema, name=f"Other {number}", default_type="adult", prices=prices,
        )  # fmt: skip
        self.cards = [target.card, other]

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return the next change."""
        if self.is_finishing:
            return None
        verb, show = self._choose()
        method, path, body = self._request(verb, show)
        sent = request(method, path, self.target.people.staff, body)
        return Operation(self.number, 0, verb, show), sent

    def _choose(self) -> tuple[str, int]:
        """Return what to do to which show. A move that asked for a confirmation goes first."""
        if self.unconfirmed:
            return "move", self.unconfirmed[0]
        shows = self.target.people.shows
        verb = "add" if self.adds else self.rng.choices([*VERBS], [*VERBS.values()])[0]
        # All of us may call one off at once, and one is left.
        if verb == "call off" and len(shows) <= STAFF:
            verb = "move"
        return verb, self.rng.choice(shows)

    def _request(self, verb: str, show: int) -> tuple[str, str, dict[str, Any]]:
        if verb == "add":
            self.day += 1
            return "POST", "shows/", self.target.show_body(self.day)
        if verb == "call off":
            return "POST", f"shows/{show}/call-off/", {}
        if verb in {"block", "unblock"}:
            seats = self.rng.sample(self.target.people.seats[:12], 3)
            return "POST", f"shows/{show}/{verb}/", {"seats": seats}
        changes: dict[str, Any] = {
            "reprice": {"price_card": self.rng.choice(self.cards)},
            "move": {"starts_at": self.target.moment(3 + self.rng.uniform(0, 90))},
            "extend": {"sales_until": None},
        }
        body = changes[verb]
        if self.unconfirmed:
            body["confirm_bookings"] = self.unconfirmed[1]
            self.unconfirmed = None
        return "PATCH", f"shows/{show}/", body

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Note what was changed."""
        journal = self.journal
        if reply is None:
            journal.wrong("no lost connection", operation, "cut")
            return
        journal.slowest = max(journal.slowest, (operation.responded_at - operation.sent) / 1e9)
        if reply.status == 503 and reply.header("retry-after"):
            journal.unavailable += 1
        elif reply.status not in EXPECTED:
            journal.wrong("no unexplained 5xx", operation, f"{reply.status}: {reply.body}")
        else:
            self._did(operation, reply)

    def _did(self, operation: Operation, reply: Response) -> None:
        shows = self.target.people.shows
        if reply.status == 409:
            if reply.body["code"] == "confirm_bookings":
                self.unconfirmed = operation.show, reply.body["live_bookings"]
            return
        self.done[operation.verb] = self.done.get(operation.verb, 0) + 1
        if operation.verb == "add":
            self.adds -= 1
            shows.append(reply.body["id"])
        elif operation.verb == "call off":
            self.journal.called_off.add(operation.show)
            if operation.show in shows:
                shows.remove(operation.show)
                self.adds += 1
