"""Who books, and how: customers that want the same seats at once, and staff that get in between.

A customer is one account with two connections, so that requests of one customer race, too. What
each does next is drawn from the seed and from what it was answered so far.
"""

import random
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from prove import http_client
from prove.environment import HOLD_SECONDS, Stage
from prove.history import Operation
from prove.http_client import Reply

CONNECTIONS = 2  # of each customer

# What customers do, by weight.
USUAL = {
    "book": 16,
    "hold": 22,
    "confirm": 15,
    "cancel": 20,
    "greed": 2,
    "late": 2,
    "repeat": 5,
    "reuse": 1,
    "meddle": 1,
    "availability": 12,
    "seats": 6,
    "booking": 4,
    "bookings": 2,
    "shows": 2,
}
SEATS = {1: 30, 2: 40, 3: 18, 4: 12}
HOT = 0.65  # so many want one of the few shows that everybody wants
HOT_AT_ONCE, SPREAD_AT_ONCE = 2, 6
ODD = 0.04  # so many ask for a show that sells nothing any more, or lets nobody cancel
BEST = 0.2  # so many leave the choice of seats to the house
WITH_KEY = 0.35
AT_ONCE = 0.3  # so many keyed requests are repeated while the first is still under way
GREED = 4  # seats: twice as many are more than one customer may have
HOLD_NS = int(HOLD_SECONDS * 1e9)
CHANGES = {"book", "confirm", "cancel"}
HANG_UP = 0.01  # so many of them are sent and not waited for: their outcome is unknown
REMEMBERED = 40
TRIES = 60  # of one key that is never answered


@dataclass(slots=True)
class Budget:
    """How many operations are left to all clients together."""

    left: int

    def spend(self) -> bool:
        """Take one; say whether there was one."""
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True)
class Plot:
    """What all clients of a run share: the shows, the budget, what is known to be called off."""

    stage: Stage
    budget: Budget
    off: set[int] = field(default_factory=set)
    references: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def pick_show(self, luck: random.Random) -> int:
        """Return a show: mostly one of the few that all want, that is not called off yet."""
        draw = luck.random()
        if draw < ODD:
            return luck.choice([self.stage.soon, self.stage.closed, *self.off])
        wanted, some = self.stage.spread, SPREAD_AT_ONCE
        if draw < ODD + HOT:
            wanted, some = self.stage.hot, HOT_AT_ONCE
        on = [show for show in wanted if show not in self.off]
        return luck.choice(on[:some] or wanted)


@dataclass(slots=True)
class Account:
    """What the connections of one customer know together."""

    user: int
    token: str
    made: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    held: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=8))
    late: deque[tuple[int, int, str]] = field(default_factory=deque)  # holds, and their end
    keyed: deque[Operation] = field(default_factory=lambda: deque(maxlen=12))
    again: deque[Operation] = field(default_factory=deque)  # to be asked again, key and all
    etags: dict[int, str] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    keys: int = 0


class Customer:
    """One connection of a customer."""

    def __init__(
        self,
        number: int,
        account: Account,
        plot: Plot,
        luck: random.Random,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        self.number, self.account, self.plot, self.luck = number, account, plot, luck
        chances = USUAL | dict(weights or {})
        self.verbs, self.weights = list(chances), list(chances.values())

    # --- Asking ---

    def ask(self) -> tuple[Operation, bytes] | None:
        """Return what to do next: first of all, whatever was asked before and never answered."""
        if self.account.again:
            return self._sent(self._copy(self.account.again.popleft()))
        if not self.plot.budget.spend():
            return None
        (verb,) = self.luck.choices(self.verbs, self.weights)
        return self._sent(getattr(self, f"_{verb}")())

    def _sent(self, one: Operation) -> tuple[Operation, bytes]:
        if one.verb in CHANGES and self.luck.random() < HANG_UP:
            one.facts["hung_up"] = True
        return one, _wire(one, self.account)

    def _operation(self, verb: str, **what: Any) -> Operation:
        return Operation(self.number, self.account.user, verb, **what)

    def _copy(self, one: Operation) -> Operation:
        return self._operation(
            one.verb,
            show=one.show,
            reference=one.reference,
            key=one.key,
            wishes=one.wishes,
            hold=one.hold,
        )

    def _book(self, *, hold: bool = False) -> Operation:
        show = self.plot.pick_show(self.luck)
        one = self._operation("book", show=show, hold=hold, wishes=self._wishes(show))
        if self.luck.random() < WITH_KEY:
            self.account.keys += 1
            # The same for every customer: a key is its sender's own.
            one.key = f"{self.plot.stage.first}-{self.account.keys}"
            self.account.keyed.append(one)
            if self.luck.random() < AT_ONCE:
                self.account.again.append(one)
        return one

    def _wishes(self, show: int) -> list[list[str]]:
        (count,) = self.luck.choices(list(SEATS), list(SEATS.values()))
        seats = [""] * count
        if self.luck.random() >= BEST:
            labels = self.plot.stage.labels[show]
            if self.luck.random() < 0.5:
                seats = self.luck.sample(labels, count)
            else:
                start = self.luck.randrange(len(labels) - count + 1)
                seats = labels[start : start + count]
        return [[seat, self.luck.choice(("", "adult", "child"))] for seat in seats]

    def _hold(self) -> Operation:
        return self._book(hold=True)

    def _greed(self) -> Operation:
        """Return a wish for many seats, and have the other connection wish for as many again."""
        show = self.luck.choice(self.plot.stage.spread[:SPREAD_AT_ONCE])
        one = self._operation("book", show=show, hold=self.luck.random() < 0.5)
        one.wishes = [["", ""]] * GREED
        self.account.again.append(one)
        return one

    def _late(self) -> Operation:
        """Return a wish beside a hold that has ended, to be followed by that hold's confirmation.

        Both together are more seats than one customer may have.
        """
        now = time.monotonic_ns()
        if self.account.late and self.account.late[0][0] < now:
            _, show, reference = self.account.late.popleft()
            self.account.again.append(self._operation("confirm", show=show, reference=reference))
        else:
            show = self.luck.choice(self.plot.stage.spread[SPREAD_AT_ONCE:])
        return self._operation("book", show=show, hold=True, wishes=[["", ""]] * GREED)

    def _confirm(self) -> Operation:
        return self._change("confirm", self.account.held or self.account.made)

    def _cancel(self) -> Operation:
        return self._change("cancel", self.account.made)

    def _change(self, verb: str, bookings: deque[tuple[int, str]]) -> Operation:
        if not bookings:
            return self._hold()
        # Mostly one of the last: its seats are still worth something.
        newest = min(len(bookings), 1 + int(self.luck.expovariate(0.4)))
        show, reference = bookings[-newest]
        return self._operation(verb, show=show, reference=reference)

    def _repeat(self) -> Operation:
        if not self.account.keyed:
            return self._hold()
        return self._copy(self.luck.choice(self.account.keyed))

    def _reuse(self) -> Operation:
        """Return a request with a key that stands for another one."""
        one = self._repeat()
        if one.key:
            one.hold = not one.hold
        return one

    def _meddle(self) -> Operation:
        """Return a look at somebody else's booking, or a change of it, or of none there is."""
        mine = {reference for _, reference in self.account.made}
        others = [one for one in self.plot.references if one not in mine]
        reference = self.luck.choice(others) if others else "0" * 8
        verb = self.luck.choice(("confirm", "cancel", "booking"))
        return self._operation(verb, reference=reference)

    def _availability(self) -> Operation:
        return self._operation("availability", show=self.plot.pick_show(self.luck))

    def _seats(self) -> Operation:
        return self._operation("seats", show=self.plot.pick_show(self.luck))

    def _booking(self) -> Operation:
        if not self.account.made:
            return self._seats()
        show, reference = self.luck.choice(self.account.made)
        return self._operation("booking", show=show, reference=reference)

    def _bookings(self) -> Operation:
        return self._operation("bookings")

    def _shows(self) -> Operation:
        return self._operation("shows", facts={"movie": self.plot.stage.movie})

    # --- Hearing ---

    def hear(self, operation: Operation, reply: Reply | None) -> None:
        """Take note of what the answer says."""
        if operation.key and (reply is None or reply.status >= 500):
            self._ask_again(operation)
        if reply is None:
            return
        note(operation, reply)
        if operation.verb == "book" and operation.status == 201:
            self._made(operation)
        elif operation.code == "show_called_off" and operation.verb == "book":
            self.plot.off.add(operation.show)
        elif operation.verb == "availability" and operation.status == 200:
            self.account.etags[operation.show] = reply.header("etag")

    def _ask_again(self, operation: Operation) -> None:
        """Ask with the same key until there is an answer, but not for ever: it may be stuck."""
        self.account.tries[operation.key] += 1
        if self.account.tries[operation.key] < TRIES:
            self.account.again.append(operation)

    def _made(self, operation: Operation) -> None:
        made = (operation.show, str(operation.facts["reference"]))
        if operation.facts["replayed"]:
            return
        self.account.made.append(made)
        self.plot.references.append(made[1])
        if operation.hold:
            self.account.held.append(made)
            if len(operation.wishes) == GREED:
                self.account.late.append((operation.answered + HOLD_NS, *made))


class Rota:
    """What staff do when: each so many times in a run, evenly spread, some of it all at once."""

    AT_ONCE = {"call_off": 2, "schedule": 3}

    def __init__(self, total: int, **times: int) -> None:
        # The last one is due first: when so few operations are left.
        self.due = sorted(
            (total - int(total * (n + 0.5) / count), verb, n)
            for verb, count in times.items()
            for n in range(count)
            for _ in range(self.AT_ONCE.get(verb, 1))
        )

    def next(self, budget: Budget) -> tuple[str, int] | None:
        """Return what is due now, and the how manieth it is."""
        if self.due and budget.left <= self.due[-1][0]:
            return self.due.pop()[1:]
        return None


class Staff:
    """One connection of staff: calls shows off, blocks seats, schedules shows in one room."""

    def __init__(self, number: int, plot: Plot, luck: random.Random, rota: Rota) -> None:
        self.number, self.plot, self.luck, self.rota = number, plot, luck, rota
        user, token = plot.stage.people.staff
        self.account = Account(user, token)
        self.blocked: deque[tuple[int, list[list[str]]]] = deque()

    def ask(self) -> tuple[Operation, bytes] | None:
        """Return what staff do next, if it is time for something."""
        due = self.rota.next(self.plot.budget)
        if due is None or not self.plot.budget.spend():
            return None
        verb, number = due
        if verb == "schedule":
            return self._schedule(number)
        one = getattr(self, f"_{verb}")()
        return one, _wire(one, self.account)

    def hear(self, operation: Operation, reply: Reply | None) -> None:
        """Take note of what the answer says."""
        if reply is not None:
            note(operation, reply)
        if operation.verb == "call_off" and operation.is_done:
            self.plot.off.add(operation.show)
        if operation.verb == "block" and not operation.is_refused:
            self.blocked.append((operation.show, operation.wishes))

    def _operation(self, verb: str, **what: Any) -> Operation:
        return Operation(self.number, self.account.user, verb, **what)

    def _call_off(self) -> Operation:
        """Call off the show that sells best; the last one stays, so it is only called off again."""
        on = [show for show in self.plot.stage.hot if show not in self.plot.off]
        return self._operation("call_off", show=on[0] if len(on) > 1 else self.plot.stage.hot[0])

    def _block(self) -> Operation:
        show = self.plot.pick_show(self.luck)
        seats = self.luck.sample(self.plot.stage.labels[show], 2)
        return self._operation("block", show=show, wishes=[[seat, ""] for seat in seats])

    def _unblock(self) -> Operation:
        if not self.blocked:
            return self._block()
        show, wishes = self.blocked.popleft()
        return self._operation("unblock", show=show, wishes=wishes)

    def _schedule(self, number: int) -> tuple[Operation, bytes]:
        """Schedule a show in a room where others are being scheduled for about then."""
        stage = self.plot.stage
        later = timedelta(days=1 + number, minutes=self.luck.randrange(60))
        starts_at = (stage.opened_at + later).isoformat()
        one = self._operation("schedule", facts={"starts_at": starts_at})
        what = {"movie": stage.movie, "auditorium": stage.contested, "price_card": stage.card}
        return one, http_client.request("POST", "shows/", self.account.token, what | one.facts)


# --- As HTTP --------------------------------------------------------------------------------------


def _wire(one: Operation, account: Account) -> bytes:
    """Return the request that stands for an operation."""
    token = account.token
    match one.verb:
        case "book":
            tickets = [_ticket(*wish) for wish in one.wishes]
            body = {"tickets": tickets} | ({"hold": True} if one.hold else {})
            headers = {"Idempotency_Key": one.key} if one.key else {}
            return http_client.request(
                "POST", f"shows/{one.show}/bookings/", token, body, **headers
            )
        case "confirm" | "cancel":
            return http_client.request("POST", f"bookings/{one.reference}/{one.verb}/", token)
        case "seats" | "availability":
            known = account.etags.get(one.show) if one.verb == "availability" else None
            headers = {"If_None_Match": known} if known else {}
            return http_client.request("GET", f"shows/{one.show}/{one.verb}/", "", **headers)
        case "booking":
            return http_client.request("GET", f"bookings/{one.reference}/", token)
        case "bookings":
            return http_client.request("GET", "bookings/?page_size=20", token)
        case "shows":
            return http_client.request(
                "GET", f"movies/{one.facts['movie']}/shows/?page_size=50", ""
            )
        case "call_off":
            return http_client.request("POST", f"shows/{one.show}/call-off/", token)
        case "block" | "unblock":
            seats = [wish[0] for wish in one.wishes]
            return http_client.request(
                "POST", f"shows/{one.show}/{one.verb}/", token, {"seats": seats}
            )
    raise ValueError(f"Nobody knows how to {one.verb}.")


def _ticket(seat: str, type_: str) -> dict[str, str]:
    return {name: value for name, value in (("seat", seat), ("type", type_)) if value}


def note(one: Operation, reply: Reply) -> None:
    """Keep of an answer what the checker needs."""
    body = reply.body
    if reply.status >= 400:
        one.code = str(body["code"]) if isinstance(body, dict) else ""
        one.facts |= _refusal(body) if isinstance(body, dict) else {}
        if reply.status >= 500:
            one.facts["retry_after"] = reply.header("retry-after")
    elif one.verb in {"book", "confirm", "cancel", "booking"}:
        one.facts = _booking(body)
        one.facts["replayed"] = reply.header("idempotent-replayed") == "true"
    elif one.verb == "bookings":
        one.facts = {"all": [[row["reference"], row["status"]] for row in body["results"]]}
    elif one.verb == "shows":
        one.facts["left"] = [[row["id"], row["seats_left"]] for row in body["results"]]
    elif reply.status == 304:
        one.facts = {"version": int(reply.header("etag").strip('"').split("-")[0])}
    elif one.verb in {"availability", "block", "unblock"}:
        one.facts = {"version": body["version"], "left": body["left"], "taken": body["taken"]}
    elif one.verb == "seats":
        one.facts = _map(body)
    elif one.verb == "schedule":
        one.facts["id"] = body["id"]


def _refusal(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("seats", "left", "limit", "show") if name in body}


def _booking(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "reference": body["reference"],
        "status": body["status"],
        "seats": [ticket["seat"] for ticket in body["tickets"]],
        "tickets": [[one["type"], _minor(one["price"]), one["status"]] for one in body["tickets"]],
        "total": _minor(body["total"]),
    }


def _map(body: dict[str, Any]) -> dict[str, Any]:
    """Keep a letter for each seat that is not free."""
    states = {
        seat["label"]: seat["status"][0]
        for row in body["rows"]
        for seat in row["seats"]
        if seat["status"] != "free"
    }
    return {"version": body["version"], "left": body["left"], "states": states}


def _minor(price: dict[str, str]) -> int:
    whole, _, cents = price["amount"].partition(".")
    return int(whole) * 100 + int(cents or 0)
