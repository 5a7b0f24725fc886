"""A tiny box office that keeps perfect books, to be tampered with: what the checker has to catch.

Each deed takes three milliseconds: sent, done in the database, answered. Ten milliseconds lie
between one deed and the next, unless a test says when.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Self

import orjson

from prove.audit_log import Booking, Claim, Entry, Event, Seat, Show, Tables, Ticket, Transition
from prove.checker import check
from prove.evidence import Evidence, ExplainedFaults, Facts
from prove.history import Operation

MS = 1_000_000
PRICE = 1250
SEATS = ["A1", "A2", "A3", "A4", "A5", "A6"]
HOLD_MS = 1000
LIMIT = 4
BOSS = 99  # an administrator


class HistoryBuilder:
    """One show with six seats, and what happened to them."""

    def __init__(self, **facts: Any) -> None:
        self.now = 1000  # in milliseconds, of all clocks
        self.operations: list[Operation] = []
        self.tables = Tables(
            shows=[Show(1, 1, 1, "scheduled", 10**12, 10**12 + 1)],
            seats=[Seat(number, 1, label, "standard") for number, label in enumerate(SEATS, 1)],
        )
        usual: dict[str, Any] = {"seat_limit": LIMIT, "hold_micros": HOLD_MS * 1000}
        usual["prices"] = [("standard", "adult", PRICE)]
        usual["administrators"] = [BOSS]
        self.facts = Facts(first=1, initial_shows=[1], **usual | facts)

    # --- The books ---

    def claim(self, seat: int) -> Claim | None:
        return next((one for one in self.tables.claims if one.seat == seat), None)

    def move(
        self,
        seat: int,
        state: str,
        booking: int | None = None,
        until: int | None = None,
        tx: int | None = None,
        at: int | None = None,
    ) -> None:
        """Write a version of a seat, and its claim."""
        was = self.claim(seat) or Claim(1, seat, "free", None, None, 0)
        at = (self.now + 1 if at is None else at) * 1000
        version = Transition(
            n=len(self.tables.transitions) + 1,
            tx=tx or self.now,
            show=1,
            seat=seat,
            gen=was.gen + 1,
            state=state,
            booking=booking,
            was=was.state,
            had=was.booking,
            in_time=was.expires_at is not None and was.expires_at > at,
            expires_at=until and until * 1000,
            at=at,
        )
        self.tables.transitions.append(version)
        if was in self.tables.claims:
            self.tables.claims.remove(was)
        self.tables.claims.append(Claim(1, seat, state, booking, version.expires_at, was.gen + 1))

    def change(self, kind: str, key: int, **what: Any) -> None:
        """Change rows of a table; the key is that of a booking, or of a ticket's or event's."""
        rows = getattr(self.tables, kind)
        rows[:] = [row._replace(**what) if row[0] == key else row for row in rows]

    def note(self, booking: int, kind: str) -> None:
        self.tables.events.append(Event(booking, kind, (self.now + 1) * 1000))

    def record(self, actor: int, action: str, kind: str, subject: int, **changes: Any) -> None:
        """Write an entry of the audit log."""
        number, at = len(self.tables.entries) + 1, (self.now + 1) * 1000
        kept = orjson.dumps(changes).decode()
        self.tables.entries.append(Entry(number, at, actor, action, kind, str(subject), kept))

    def tickets_of(self, booking: int) -> list[Ticket]:
        """Return the tickets that a booking has, or had when it ended."""
        mine = [one for one in self.tables.tickets if one.booking == booking]
        return [one for one in mine if one.released_at is None]

    def seats_of(self, booking: int) -> list[int]:
        return [ticket.seat for ticket in self.tickets_of(booking)]

    def booking(self, key: int) -> Booking:
        return next(one for one in self.tables.bookings if one.id == key)

    # --- Deeds ---

    def tell(
        self,
        user: int,
        verb: str,
        status: int = 200,
        code: str = "",
        facts: dict[str, Any] | None = None,
        **what: Any,
    ) -> Operation:
        """Write down an operation that takes place now, and let time pass."""
        sent = what.pop("sent", self.now)
        responded_at = what.pop("responded_at", sent + 2)
        one = Operation(
            client=user, user=user, verb=verb, sent=sent * MS, responded_at=responded_at * MS,
            status=status, code=code, facts=facts or {}, number=len(self.operations) + 1, **what,
        )  # fmt: skip
        self.operations.append(one)
        self.now += 10
        return one

    def store(self, user: int, *labels: str, hold: bool = False, key: str | None = None) -> int:
        """Store a booking, without telling anybody; return its key."""
        number = len(self.tables.bookings) + 1
        until = self.now + HOLD_MS if hold else None
        status = "held" if hold else "confirmed"
        row = Booking(
            id=number,
            reference=f"R{number}",
            user=user,
            show=1,
            status=status,
            held_until=until and until * 1000,
            total=PRICE * len(labels),
            created_at=self.now * 1000,
            key=key,
        )
        self.tables.bookings.append(row)
        for label in labels:
            seat = SEATS.index(label) + 1
            self.tables.tickets.append(Ticket(number, seat, "adult", PRICE, "valid"))
            self.move(seat, "held" if hold else "sold", number, until)
        self.note(number, status)
        return number

    def book(self, user: int, *labels: str, hold: bool = False, key: str = "", **when: Any) -> int:
        """Book, and answer; return the key of the booking."""
        number = self.store(user, *labels, hold=hold, key=key or None)
        self.tell(
            user, "book", 201, show=1, key=key, hold=hold, ticket_requests=ticket_requests(labels),
            facts=self.answer(number), **when,
        )  # fmt: skip
        return number

    def answer(self, number: int, *, replayed: bool = False) -> dict[str, Any]:
        row = self.booking(number)
        tickets = self.tickets_of(number)
        return {
            "reference": row.reference,
            "status": row.status,
            "seats": [SEATS[one.seat - 1] for one in tickets],
            "tickets": [[one.type, one.price, one.status] for one in tickets],
            "total": row.total,
            "replayed": replayed,
        }

    def replay(self, user: int, number: int, *labels: str, key: str, hold: bool = False) -> None:
        self.tell(
            user, "book", 201, show=1, key=key, hold=hold, ticket_requests=ticket_requests(labels),
            facts=self.answer(number, replayed=True),
        )  # fmt: skip

    def refuse(
        self, user: int, code: str, *labels: str, status: int = 409, verb: str = "book", **what: Any
    ) -> None:
        facts = {"seats": list(labels)} if code == "seats_taken" else {}
        self.tell(
            user,
            verb,
            status,
            code,
            show=1,
            ticket_requests=ticket_requests(labels),
            facts=facts,
            **what,
        )

    def confirm(self, number: int, **when: Any) -> None:
        row = self.booking(number)
        for seat in self.seats_of(number):
            self.move(seat, "sold", number)
        self.change("bookings", number, status="confirmed", held_until=None)
        self.note(number, "confirmed")
        facts = self.answer(number)
        self.tell(row.user, "confirm", show=1, reference=row.reference, facts=facts, **when)

    def exchange(self, number: int, *labels: str, **when: Any) -> None:
        """Give a booking these seats instead of its own."""
        row, wanted = self.booking(number), [SEATS.index(label) + 1 for label in labels]
        state = "held" if row.status == "held" else "sold"
        until = row.held_until and row.held_until // 1000
        had = self.seats_of(number)
        for seat in sorted({*wanted} ^ {*had}):
            self.move(seat, state if seat in wanted else "free", number if seat in wanted else None,
                      until if seat in wanted else None)  # fmt: skip
        for ticket in self.tickets_of(number):
            if ticket.seat not in wanted:
                place = self.tables.tickets.index(ticket)
                at = (self.now + 1) * 1000
                self.tables.tickets[place] = ticket._replace(status="void", released_at=at)
        for seat in wanted:
            if seat not in had:
                self.tables.tickets.append(Ticket(number, seat, "adult", PRICE, "valid"))
        self.note(number, "exchanged")
        self.tell(
            row.user, "exchange", show=1, reference=row.reference, facts=self.answer(number),
            ticket_requests=ticket_requests(labels), **when,
        )  # fmt: skip

    def cancel(self, number: int, **when: Any) -> None:
        row = self.booking(number)
        self.end(number, "cancelled")
        facts = self.answer(number)
        self.tell(row.user, "cancel", show=1, reference=row.reference, facts=facts, **when)

    def end(self, number: int, event: str) -> None:
        """Free what a booking has, and void it."""
        for seat in self.seats_of(number):
            claim = self.claim(seat)
            if claim and claim.booking == number:
                self.move(seat, "free")
        over = event == "expired"
        self.change("bookings", number, status="expired" if over else "cancelled", held_until=None)
        if not over:
            self.change("tickets", number, status="void")
        self.note(number, event)

    def expire(self, number: int) -> None:
        self.end(number, "expired")
        self.now += 10

    def call_off(self) -> None:
        self.tables.transitions.append(
            Transition(
                n=len(self.tables.transitions) + 1, tx=self.now, show=1, seat=None, gen=None,
                state="called_off", booking=None, was="scheduled", had=None, in_time=False,
                expires_at=None, at=(self.now + 1) * 1000,
            )
        )  # fmt: skip
        for row in list(self.tables.bookings):
            if row.status in {"held", "confirmed"}:
                self.end(row.id, "called_off")
        self.change("shows", 1, state="called_off")
        self.record(BOSS, "called_off", "show", 1)
        self.tell(BOSS, "call_off", show=1)

    def list_shows(self, left: int, **when: Any) -> Operation:
        """Read how many seats are left, as somebody says."""
        return self.tell(7, "shows", facts={"movie": 1, "left": [[1, left]]}, **when)

    def look(self, **when: Any) -> Operation:
        """Read the availability, as it is; return the operation, to be tampered with."""
        at = (self.now + 1) * 1000
        version = 0
        taken: list[str] = []
        for claim in self.tables.claims:
            lapsed = claim.expires_at is not None and claim.expires_at <= at
            version += 2 * claim.gen + lapsed
            if claim.state != "free" and not lapsed:
                taken.append(SEATS[claim.seat - 1])
        facts = {"version": version, "left": len(SEATS) - len(taken), "taken": taken}
        return self.tell(7, "availability", show=1, facts=facts, **when)

    def look_at(self, number: int) -> Operation:
        """Read a booking; return the operation."""
        row = self.booking(number)
        facts = self.answer(number)
        if row.held_until is not None and row.held_until <= self.now * 1000:
            facts["status"] = "expired"
        return self.tell(row.user, "booking", show=1, reference=row.reference, facts=facts)

    def my_bookings(self, user: int) -> Operation:
        mine = [[one.reference, one.status] for one in self.tables.bookings if one.user == user]
        return self.tell(user, "bookings", facts={"all": mine[::-1]})

    # --- Verdict ---

    def violated_invariants(self) -> set[str]:
        """Return the names of the invariants that the checker finds violated."""
        evidence = Evidence(self.operations, self.tables, self.facts)
        return {finding.name for finding in check(evidence) if finding.violations}

    def expecting(self, **faults: bool) -> Self:
        self.facts = replace(self.facts, expected=ExplainedFaults(**faults))
        return self


def ticket_requests(labels: Iterable[str]) -> list[list[str]]:
    return [[label, "adult"] for label in labels]
