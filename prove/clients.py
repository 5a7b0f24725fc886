"""Who books, and how: customers that want the same seats at once.

A customer is one account with two connections, so that requests of one customer race, too. What
each does next is drawn from the seed and from what it was answered so far.
"""

import random
import time
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from prove import api_requests, pages
from prove.environment import HOLD_SECONDS, RoundData
from prove.history import Operation
from prove.http_client import Response

CONNECTIONS = 2  # of each customer

# What customers do, by weight.
USUAL_WEIGHTS = {
    "book": 16,
    "hold": 22,
    "confirm": 15,
    "cancel": 20,
    "exceed_limit": 2,
    "confirm_late": 2,
    "repeat": 5,
    "reuse": 1,
    "use_foreign_booking": 1,
    "availability": 12,
    "seats": 6,
    "booking": 4,
    "bookings": 2,
    "shows": 2,
    "hold_by_page": 6,
    "confirm_by_page": 4,
    "cancel_by_page": 4,
    "exchange": 9,
    "exchange_by_page": 2,
    "change_late": 1,
}
SEATS = {1: 30, 2: 40, 3: 18, 4: 12}
HOT = 0.65  # so many want one of the few shows that everybody wants
HOT_CHOICES, SPREAD_CHOICES = 2, 6
UNSELLABLE = 0.04  # so many ask for a show that sells nothing any more, or lets nobody cancel
BEST_SEATS = 0.2  # so many let the server choose the best seats
WITH_KEY = 0.35
CONCURRENTLY = 0.3  # so many keyed requests are repeated while the first is still under way
MANY_SEATS = 4  # seats: twice as many are more than one customer may have
HOLD_NS = int(HOLD_SECONDS * 1e9)
CHANGES = {"book", "confirm", "exchange", "cancel", "extend", "release", "log_in"}
ABANDON = 0.01  # so many of them are sent and not waited for: their outcome is unknown
REMEMBERED = 40
MAX_ATTEMPTS = 60  # of one key that is never answered


@dataclass(slots=True)
class OperationBudget:
    """How many operations are left to all clients together."""

    left: int

    def take(self) -> bool:
        """Take one; say whether there was one."""
        self.left -= 1
        return self.left >= 0


@dataclass(slots=True)
class SharedState:
    """What all clients of a run share: the shows, the budget, what is known to be called off."""

    data: RoundData
    budget: OperationBudget
    called_off: set[int] = field(default_factory=set)
    crowded: dict[int, int] = field(default_factory=dict)  # show: who booked many seats there last
    references: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def pick_show(self, rng: random.Random) -> int:
        """Return a show: mostly one of the few that all want, that is not called off yet."""
        draw = rng.random()
        if draw < UNSELLABLE:
            return rng.choice([self.data.soon_show, self.data.closed_show, *self.called_off])
        wanted, some = self.data.spread_shows, SPREAD_CHOICES
        if draw < UNSELLABLE + HOT:
            wanted, some = self.data.hot_shows, HOT_CHOICES
        on = [show for show in wanted if show not in self.called_off]
        return rng.choice(on[:some] or wanted)


@dataclass(slots=True)
class CustomerState:
    """What the connections of one customer know together."""

    user: int
    token: str
    session: str = ""  # in a browser, for the pages
    visitor: str = ""  # the cookie of a browser without an account
    csrf_token: str = ""  # of the last page that had a form
    own_bookings: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    held: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=8))
    expired_holds: deque[tuple[int, int, str]] = field(
        default_factory=deque
    )  # holds, and their end
    keyed_operations: deque[Operation] = field(default_factory=lambda: deque(maxlen=12))
    to_resend: deque[Operation] = field(default_factory=deque)  # to be asked again, key and all
    etags: dict[int, str] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    keys: int = 0
    seats: dict[str, list[str]] = field(default_factory=dict)  # of bookings, as last answered

    @property
    def cookies(self) -> str:
        """What the browser sends along."""
        return f"sessionid={self.session}; visitor={self.visitor}"


class Customer:
    """One connection of a customer."""

    usual_weights = USUAL_WEIGHTS

    def __init__(
        self,
        number: int,
        account: CustomerState,
        shared: SharedState,
        rng: random.Random,
        weights: Mapping[str, int] | None = None,
    ) -> None:
        self.number, self.account, self.shared, self.rng = number, account, shared, rng
        self.verbs = list(self.usual_weights)
        self.weights = [
            (weights or {}).get(verb, usual) for verb, usual in self.usual_weights.items()
        ]
        self.to_submit: Operation | None = None  # the form of the page that is opened now

    # --- Asking ---

    def next_request(self) -> tuple[Operation, bytes] | None:
        """Return what to do next: first of all, whatever was asked before and never answered."""
        if self.to_submit:
            one, self.to_submit = self.to_submit, None
            return self._send(one)
        if self.account.to_resend:
            return self._prepare(self._repeat_of(self.account.to_resend.popleft()))
        if not self.shared.budget.take():
            return None
        (verb,) = self.rng.choices(self.verbs, self.weights)
        return self._prepare(getattr(self, f"_{verb}")())

    def _prepare(self, one: Operation) -> tuple[Operation, bytes]:
        opens = not self.account.csrf_token or self.rng.random() < pages.OPEN_FIRST
        if one.form and one.verb not in pages.READS and (opens or pages.must_open(one)):
            self.to_submit = one
            page = self._operation("page", reference=one.reference)
            self._identify(page)
            return page, pages.get(pages.page_of(one), self.account.cookies)
        return self._send(one)

    def _identify(self, one: Operation) -> None:
        """Say whose an operation is that is sent now."""

    def _send(self, one: Operation) -> tuple[Operation, bytes]:
        self._identify(one)
        if one.verb in CHANGES and self.rng.random() < ABANDON:
            one.facts["abandoned"] = True
        if one.verb in pages.READS:
            return one, pages.get(pages.path_of(one), self.account.cookies)
        if one.form:
            return one, pages.post(one, self.account.cookies, self.account.csrf_token)
        known = self.account.etags.get(one.show, "") if one.verb == "availability" else ""
        return one, api_requests.to_http(one, self.account.token, known)

    def _operation(self, verb: str, **what: Any) -> Operation:
        return Operation(self.number, self.account.user, verb, **what)

    def _repeat_of(self, one: Operation) -> Operation:
        return self._operation(
            one.verb,
            show=one.show,
            reference=one.reference,
            key=one.key,
            ticket_requests=one.ticket_requests,
            hold=one.hold,
            form=one.form,
            facts={"replayed": True} if one.form else {},
        )

    def _book(self, *, hold: bool = False, show: int = 0) -> Operation:
        show = show or self.shared.pick_show(self.rng)
        one = self._operation(
            "book", show=show, hold=hold, ticket_requests=self._choose_tickets(show)
        )
        if self.rng.random() < WITH_KEY:
            self.account.keys += 1
            # The same for every customer: a key is its sender's own.
            one.key = f"{self.shared.data.first}-{self.account.keys}"
            self.account.keyed_operations.append(one)
            if self.rng.random() < CONCURRENTLY:
                self.account.to_resend.append(one)
        return one

    def _choose_tickets(self, show: int) -> list[list[str]]:
        (count,) = self.rng.choices(list(SEATS), list(SEATS.values()))
        seats = [""] * count
        if self.rng.random() >= BEST_SEATS:
            labels = self.shared.data.labels[show]
            if self.rng.random() < 0.5:
                seats = self.rng.sample(labels, count)
            else:
                start = self.rng.randrange(len(labels) - count + 1)
                seats = labels[start : start + count]
        return [[seat, self.rng.choice(("", "adult", "child"))] for seat in seats]

    def _hold(self) -> Operation:
        return self._book(hold=True)

    def _hold_by_page(self) -> Operation:
        """Return the form of chosen seats; often sent twice, as by a double click."""
        show = self.shared.pick_show(self.rng)
        labels = self.shared.data.labels[show]
        (count,) = self.rng.choices(list(SEATS), list(SEATS.values()))
        start = self.rng.randrange(len(labels) - count + 1)
        tickets = [
            [seat, self.rng.choice(("adult", "child"))] for seat in labels[start : start + count]
        ]
        form = pages.new_key(self.rng)
        one = self._operation("book", show=show, hold=True, form=form, ticket_requests=tickets)
        if self.rng.random() < CONCURRENTLY:
            self.account.to_resend.append(one)
        return one

    def _confirm_by_page(self) -> Operation:
        return self._by_page(self._confirm())

    def _cancel_by_page(self) -> Operation:
        return self._by_page(self._cancel())

    @staticmethod
    def _by_page(one: Operation) -> Operation:
        if one.verb in {"confirm", "exchange", "cancel"}:
            one.form = one.verb
        return one

    def _exchange(self) -> Operation:
        """Ask for other seats for a booking: one of them, or all; often twice at once."""
        one = self._change("exchange", self.account.held or self.account.own_bookings)
        seats = list(self.account.seats.get(one.reference, []))
        if one.verb != "exchange" or not seats:
            return self._hold()
        others = [label for label in self.shared.data.labels[one.show] if label not in seats]
        count = self.rng.choice((1, len(seats)))
        seats[:count] = self.rng.sample(others, count)
        one.ticket_requests = [[seat, self.rng.choice(("", "", "", "child"))] for seat in seats]
        if self.rng.random() < CONCURRENTLY:
            self.account.to_resend.append(one)
        return one

    def _exchange_by_page(self) -> Operation:
        one = self._by_page(self._exchange())
        if one.form == "exchange":
            one.ticket_requests = [[seat, ""] for seat, _ in one.ticket_requests]
        return one

    def _exceed_limit(self) -> Operation:
        """Request many seats, and have the customer's other connection request as many."""
        show = self.rng.choice(self.shared.data.spread_shows[:SPREAD_CHOICES])
        one = self._operation("book", show=show, hold=self.rng.random() < 0.5)
        one.ticket_requests = [["", ""]] * MANY_SEATS
        self.account.to_resend.append(one)
        return one

    def _confirm_late(self) -> Operation:
        """Request seats beside an expired hold, and confirm that hold next.

        Both together are more seats than one customer may have.
        """
        now = time.monotonic_ns()
        if self.account.expired_holds and self.account.expired_holds[0][0] < now:
            _, show, reference = self.account.expired_holds.popleft()
            self.account.to_resend.append(
                self._operation("confirm", show=show, reference=reference)
            )
        else:
            show = self.rng.choice(self.shared.data.spread_shows[SPREAD_CHOICES:])
        return self._operation(
            "book", show=show, hold=True, ticket_requests=[["", ""]] * MANY_SEATS
        )

    def _change_late(self) -> Operation:
        """Change a booking of the show that begins too soon for it, or make one to change next."""
        show = self.shared.data.soon_show
        own = [reference for at, reference in self.account.own_bookings if at == show]
        if not own:
            return self._book(show=show)
        reference = self.rng.choice(own)
        seats = self.account.seats[reference]
        return self.rng.choice(
            (
                self._operation("cancel", show=show, reference=reference),
                self._operation(
                    "exchange",
                    show=show,
                    reference=reference,
                    ticket_requests=[[seat, "child"] for seat in seats],
                ),
            )
        )

    def _confirm(self) -> Operation:
        return self._change("confirm", self.account.held or self.account.own_bookings)

    def _cancel(self) -> Operation:
        return self._change("cancel", self.account.own_bookings)

    def _change(self, verb: str, bookings: deque[tuple[int, str]]) -> Operation:
        if not bookings:
            return self._hold()
        # Mostly one of the last: its seats are still worth something.
        newest = min(len(bookings), 1 + int(self.rng.expovariate(0.4)))
        show, reference = bookings[-newest]
        return self._operation(verb, show=show, reference=reference)

    def _repeat(self) -> Operation:
        if not self.account.keyed_operations:
            return self._hold()
        return self._repeat_of(self.rng.choice(self.account.keyed_operations))

    def _reuse(self) -> Operation:
        """Return a request with a key that stands for another one."""
        one = self._repeat()
        if one.key:
            one.hold = not one.hold
        return one

    def _use_foreign_booking(self) -> Operation:
        """Return a look at somebody else's booking, or a change of it, or of none there is."""
        own = {reference for _, reference in self.account.own_bookings}
        others = [one for one in self.shared.references if one not in own]
        reference = self.rng.choice(others) if others else "0" * 8
        verb = self.rng.choice(("confirm", "cancel", "booking"))
        return self._operation(verb, reference=reference)

    def _availability(self) -> Operation:
        return self._operation("availability", show=self.shared.pick_show(self.rng))

    def _seats(self) -> Operation:
        return self._operation("seats", show=self.shared.pick_show(self.rng))

    def _booking(self) -> Operation:
        if not self.account.own_bookings:
            return self._seats()
        show, reference = self.rng.choice(self.account.own_bookings)
        return self._operation("booking", show=show, reference=reference)

    def _bookings(self) -> Operation:
        return self._operation("bookings")

    def _shows(self) -> Operation:
        return self._operation("shows", facts={"movie": self.shared.data.movie})

    # --- Hearing ---

    def on_response(self, operation: Operation, reply: Response | None) -> None:
        """Take note of what the response says."""
        if operation.key and (reply is None or reply.status >= 500):
            self._retry(operation)
        if operation.verb == "page":
            self._on_page(operation, reply)
            return
        if reply is None:
            if operation.verb == "exchange":
                self.account.to_resend.append(operation)  # who lost the answer asks again
            return
        (pages if operation.form else api_requests).note(operation, reply)
        if operation.verb == "book" and operation.status == 201:
            self._remember_booking(operation)
        elif operation.verb == "exchange" and operation.is_accepted:
            seats = [label for label, _ in operation.ticket_requests]
            self.account.seats[operation.reference] = seats
        elif operation.code == "show_called_off" and operation.verb == "book":
            self.shared.called_off.add(operation.show)
        elif operation.verb == "availability" and operation.status == 200:
            self.account.etags[operation.show] = reply.header("etag")

    def _on_page(self, page: Operation, reply: Response | None) -> None:
        """Take the form's token, and fill the form in. A page that has none leaves nothing to send."""
        if reply is None:
            self.to_submit = None
            return
        pages.note(page, reply)
        self.account.csrf_token = pages.read_token(reply) or self.account.csrf_token
        one = self.to_submit
        if not self.account.csrf_token or (one and not pages.fill_in(one, reply)):
            self.to_submit = None

    def _retry(self, operation: Operation) -> None:
        """Ask with the same key until there is a response, but not for ever: it may be stuck."""
        self.account.attempts[operation.key] += 1
        if self.account.attempts[operation.key] < MAX_ATTEMPTS:
            self.account.to_resend.append(operation)

    def _remember_booking(self, operation: Operation) -> None:
        own_bookings = (operation.show, str(operation.facts["reference"]))
        if operation.facts["replayed"]:
            return
        self.account.own_bookings.append(own_bookings)
        seats = operation.facts.get("seats") or [label for label, _ in operation.ticket_requests]
        self.account.seats[own_bookings[1]] = seats
        self.shared.references.append(own_bookings[1])
        if len(operation.ticket_requests) == MANY_SEATS and operation.user > 0:
            self.shared.crowded[operation.show] = operation.user
        if operation.hold:
            self.account.held.append(own_bookings)
            if len(operation.ticket_requests) == MANY_SEATS:
                self.account.expired_holds.append((operation.responded_at + HOLD_NS, *own_bookings))
