"""What is known of one run, indexed: who did what, and between which two moments it took effect.

A seat's versions stand in the order in which the database wrote them. When a version came to be is
known from outside only: not before the request that caused it was sent, and not after that request
was answered. These two moments are its window; if several requests may have caused it (a
confirmation asked for twice), from the first one sent to the first one answered with a yes, as by
then it had happened.
"""

import re
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from prove import environment
from prove.audit_log import Booking, Event, Show, Tables, Ticket, Transition
from prove.environment import RoundData
from prove.history import Operation, visitor_number
from prove.lives import Life, Step

NEVER = 1 << 62
# Which operation makes which step of a booking, and the status that it has then.
VERBS = {"confirmed": "confirm", "extended": "extend"}
STATES = {
    "held": "held",
    "extended": "held",
    "confirmed": "confirmed",
    "cancelled": "cancelled",
    "called_off": "cancelled",
    "expired": "expired",
}
FORM_KEY = re.compile("[0-9a-f]{64}")  # the pages make one of a form's key and what it asks for
# How far the clock that clients see and the database's may be apart: SQLite's has milliseconds.
SLACK_NS = 5_000_000


@dataclass(frozen=True, slots=True)
class ExplainedFaults:
    """What the faults of a run explain. Without any, all of it is a violation."""

    unavailable: bool = False  # 503 with Retry-After
    cuts: bool = False  # requests that are never answered
    slow_responses: bool = False  # responses after more than five seconds
    clock: bool = True  # the database's clock ran as ours did


@dataclass(slots=True)
class Facts:
    """What a checker must know beside history and tables."""

    first: int  # the lowest key of a show of this run
    soon_shows: list[int] = field(default_factory=list)  # shows that nobody may cancel for
    closed_shows: list[int] = field(default_factory=list)  # shows whose sales are over
    initial_shows: list[int] = field(default_factory=list)  # shows that were there at the start
    seat_limit: int = environment.SEAT_LIMIT
    hold_micros: int = int(environment.HOLD_SECONDS * 1_000_000)
    prices: list[tuple[str, str, int]] = field(default_factory=list)
    # Who works here, and whether they have a role here at the start; administrators need none.
    administrators: list[int] = field(default_factory=list)
    sellers: list[tuple[int, bool]] = field(default_factory=list)
    expected: ExplainedFaults = field(default_factory=ExplainedFaults)
    offset_ns: int = 0  # what to add to the monotonic clock for the wall clock
    drift_ns: int = 0  # how much that changed during the run

    @classmethod
    def of(cls, data: RoundData, expected: ExplainedFaults) -> "Facts":
        """Return what is known at the start of a run."""
        return cls(
            first=data.first,
            soon_shows=[data.soon_show],
            closed_shows=[data.closed_show],
            initial_shows=list(data.labels),
            prices=[(*which, amount) for which, amount in environment.PRICES.items()],
            administrators=[data.people.staff[0]],
            sellers=data.sellers,
            expected=expected,
            offset_ns=_offset_ns(),
        )

    def end(self) -> None:
        """Note how far the clocks moved apart during the run."""
        self.drift_ns = _offset_ns() - self.offset_ns

    @classmethod
    def load(cls, kept: dict[str, Any]) -> "Facts":
        """Return what a file has kept."""
        return cls(**kept | {"expected": ExplainedFaults(**kept["expected"])})


def _offset_ns() -> int:
    """Return what to add to the monotonic clock. A busy machine may pause us between the two: so the largest."""
    return max(time.time_ns() - time.monotonic_ns() for _ in range(5))


class Version(NamedTuple):
    """What a seat (or a booking) was for a while, and when that began: between `low` and `high`."""

    state: str
    expires: int  # of a hold, by our monotonic clock; else NEVER
    low: int
    high: int


class VersionHistory:
    """The versions of one thing, the first of which is what it was before anything happened.

    Windows are narrowed by their order: nothing begins before what came earlier could begin.
    """

    def __init__(self, versions: Sequence[Version]) -> None:
        self.versions = versions
        self.lows: list[int] = []
        self.highs: list[int] = []
        low, high = -NEVER, NEVER
        for one in versions:
            low = max(low, one.low)
            self.lows.append(low)
        for one in reversed(versions):
            high = min(high, one.high)
            self.highs.append(high)
        self.highs.reverse()

    def range_between(self, sent: int, responded_at: int) -> tuple[int, int]:
        """Return the first and the last version that may have been there between two moments."""
        return bisect_right(self.highs, sent) - 1, bisect_right(self.lows, responded_at) - 1


def may_be_expired(version: Version, responded_at: int) -> bool:
    """Say whether a hold may have been over by then."""
    return version.expires <= responded_at + SLACK_NS


def may_be_live(version: Version, sent: int) -> bool:
    """Say whether a hold may have been good still."""
    return version.expires > sent - SLACK_NS


class Evidence:
    """One run's history and tables, with the questions that several invariants ask."""

    def __init__(self, operations: Iterable[Operation], tables: Tables, facts: Facts) -> None:
        self.operations = list(operations)
        self.tables = tables
        self.facts = facts
        self.clock_is_true = facts.expected.clock and abs(facts.drift_ns) < SLACK_NS
        self.sellers = {user for user, _ in facts.sellers}
        self._find_owners()
        self.bookings = {one.id: one for one in self.tables.bookings}
        self.by_reference = {one.reference: one for one in self.tables.bookings}
        self.shows: dict[int, Show] = {one.id: one for one in tables.shows}
        self.label = {one.id: one.label for one in tables.seats}
        self.category = {one.id: one.category for one in tables.seats}
        self._places = {(one.plan, one.label): one.id for one in tables.seats}
        self.claims = {(one.show, one.seat): one for one in tables.claims}
        self.bookings_of_user: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.bookings_of_visitor: dict[int, list[int]] = defaultdict(list)
        for booking in self.tables.bookings:
            for owner in {*self.owners[booking.id]}:
                self.bookings_of_user[owner, booking.show].append(booking.id)
            self.bookings_of_visitor[booking.user].append(booking.id)
        self._index_operations()
        self._index_transitions()
        self._follow_bookings()
        self._find_creators()

    def _find_owners(self) -> None:
        """Find whose each booking was, one after another. `user` is the first one's from here on."""
        self.guests = {one.id: visitor_number(one.visitor) for one in self.tables.guests}
        self.given: dict[int, list[Transition]] = defaultdict(list)
        for one in self.tables.transitions:
            if one.seat is None and one.booking is not None:
                self.given[one.booking].append(one)
        self.last_owner = {one.id: one.user for one in self.tables.bookings}
        self.first_owner = {
            key: (self.given[key][0].had or 0) if self.given[key] else owner
            for key, owner in self.last_owner.items()
        }
        self.owners = {
            key: [self.customer(owner), *(self.customer(one.gen or 0) for one in self.given[key])]
            for key, owner in self.first_owner.items()
        }
        rows = [one._replace(user=self.owners[one.id][0]) for one in self.tables.bookings]
        self.tables = replace(self.tables, bookings=rows)

    def customer(self, user: int) -> int:
        """Return whom a row of `account` stands for: itself, or the visitor that it is a guest of."""
        return self.guests.get(user, user)

    @staticmethod
    def senders(one: Operation) -> set[int]:
        """Return the account, the visitor, or both, that an operation is of."""
        return {one.user, one.facts.get("visitor", one.user)}

    def is_owner(self, one: Operation, booking: Booking) -> bool:
        """Return whether an operation is of somebody who ever had a booking."""
        return not self.senders(one).isdisjoint(self.owners[booking.id])

    def customers_of(self, one: Operation) -> set[int]:
        """Return the senders of an operation, and the visitors who gave the same address."""
        return self.senders(one) | self.by_address[one.facts.get("email", "")]

    def _index_operations(self) -> None:
        self.by_verb: dict[str, list[Operation]] = defaultdict(list)
        self.changes: dict[tuple[str, str], list[Operation]] = defaultdict(list)
        self.staff_operations: dict[tuple[str, int], list[Operation]] = defaultdict(list)
        self.keyed: dict[tuple[int, str], list[Operation]] = defaultdict(list)
        self.by_address: dict[str, set[int]] = defaultdict(set)
        self.log_ins: dict[tuple[int, int], list[Operation]] = defaultdict(list)
        for one in self.operations:
            self.by_verb[one.verb].append(one)
            self._index_visitor(one)
            if one.key:
                self.keyed[one.user, one.key].append(one)
            if one.is_refused:
                continue
            if one.verb in {"confirm", "cancel", "exchange", "extend", "release"}:
                self.changes[one.reference, one.verb].append(one)
            elif one.verb in {"call_off", "block", "unblock"}:
                self.staff_operations[one.verb, one.show].append(one)

    def _index_visitor(self, one: Operation) -> None:
        """Note the address that a visitor gives, and the account that it logs in to, or is logged in to."""
        if one.verb == "log_in":
            self.log_ins[one.user, int(one.facts["account"])].append(one)
        elif one.verb == "confirm" and "visitor" in one.facts:
            self.log_ins[one.facts["visitor"], one.user].append(one)
        elif one.verb == "confirm" and "email" in one.facts:
            self.by_address[one.facts["email"]].add(one.user)

    def _index_transitions(self) -> None:
        """Sort the transitions by seat, and those that gave a booking a seat by booking."""
        self.seats: dict[tuple[int, int], list[Transition]] = defaultdict(list)
        self.called_off: dict[int, Transition] = {}
        self.claimed_versions: dict[int, dict[int, list[Transition]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for one in self.tables.transitions:
            if one.seat is None:
                if one.booking is None:
                    self.called_off.setdefault(one.show, one)
                continue
            self.seats[one.show, one.seat].append(one)
            if one.booking is not None:
                self.claimed_versions[one.booking][one.seat].append(one)

    def _follow_bookings(self) -> None:
        """Follow each booking through its events, with its tickets and the versions of its seats."""
        all_tickets: dict[int, list[Ticket]] = defaultdict(list)
        for ticket in self.tables.tickets:
            all_tickets[ticket.booking].append(ticket)
        events: dict[int, list[Event]] = defaultdict(list)
        for event in self.tables.events:
            events[event.booking].append(event)
        versions: dict[int, list[Transition]] = defaultdict(list)
        for one in self.tables.transitions:
            if one.seat and (booking := self._booking_of(one)) is not None:
                versions[booking].append(one)
        self.events = defaultdict(
            list, {key: [one.kind for one in some] for key, some in events.items()}
        )
        self.lives = {
            key: Life(all_tickets[key], events[key], versions[key]) for key in self.bookings
        }
        self.tickets = {key: life.tickets for key, life in self.lives.items()}

    @staticmethod
    def _booking_of(one: Transition) -> int | None:
        """Return the booking that gets a seat, or gives it up."""
        return one.had if one.seat and one.state == "free" else one.booking

    def step(self, one: Transition) -> Step | None:
        """Return the step of a booking's life that a version of a seat is of."""
        life = self.lives.get(self._booking_of(one) or 0)
        number = life.step_of.get(one.n) if life else None
        return None if life is None or number is None else life.steps[number]

    # --- Who made a booking -----------------------------------------------------------------------

    def _find_creators(self) -> None:
        """Find the operations that made, or may have made, each booking."""
        self.creators: dict[int, list[Operation]] = defaultdict(list)
        unknown: dict[Any, list[Operation]] = defaultdict(list)
        for one in [*self.by_verb["book"], *self.by_verb["sell"]]:
            if one.is_accepted and (booking := self.by_reference.get(one.facts["reference"])):
                self.creators[booking.id].append(one)
            elif one.is_outcome_unknown and not one.key:
                unknown[self._request_signature(one)].append(one)
        for one in self.by_verb["confirm"]:
            if again := self._held_again(one):
                self.creators[again].append(one)
        self.unexplained: list[Booking] = []
        for booking in self.tables.bookings:
            if booking.key and not FORM_KEY.fullmatch(booking.key):
                keyed = self.keyed.get((booking.user, booking.key), [])
                self.creators[booking.id] += [one for one in keyed if one.is_outcome_unknown]
            elif not self.creators[booking.id] and (
                may_be := self._match_unknown(booking, unknown)
            ):
                self.creators[booking.id].append(may_be)
            if not self.creators[booking.id]:
                self.unexplained.append(booking)

    def _held_again(self, one: Operation) -> int | None:
        """Return what an account held instead of the hold of a visitor that it is, which had ended.

        Where no response says so, it is the account's next hold of these seats.
        """
        if "again" in one.facts or "visitor" not in one.facts or not one.is_outcome_unknown:
            again = self.by_reference.get(one.facts.get("again", ""))
            return again.id if again else None
        old = self.by_reference.get(one.reference)
        for key in self.bookings_of_user[one.user, old.show] if old else []:
            seats = {ticket.seat for ticket in self.lives[key].first}
            if old and key > old.id and seats == {ticket.seat for ticket in self.tickets[old.id]}:
                return key
        return None

    @staticmethod
    def _request_signature(one: Operation) -> Any:
        labels = [request[0] for request in one.ticket_requests]
        return one.user, one.show, one.hold, tuple(sorted(labels))

    def _match_unknown(
        self, booking: Booking, unknown: dict[Any, list[Operation]]
    ) -> Operation | None:
        """Return an operation of unknown outcome that asked for just this; each explains one."""
        labels = sorted(self.label[ticket.seat] for ticket in self.lives[booking.id].first)
        hold = self.events[booking.id][:1] == ["held"]
        for seats in (tuple(labels), ("",) * len(labels)):
            # A visitor whose first cookie was lost with its response is nobody's.
            for user in (booking.user, 0):
                if found := unknown.get((user, booking.show, hold, seats)):
                    return found.pop(0)
        return None

    # --- Windows ----------------------------------------------------------------------------------

    def to_monotonic(self, micros: int) -> int:
        """Return a moment of the database's clock as our monotonic clock has it."""
        return micros * 1000 - self.facts.offset_ns

    def causes(self, one: Transition) -> list[Operation] | None:
        """Return the operations that may have caused a transition; None where the clock has."""
        booking = self._booking_of(one)
        if booking is None:
            return self._of_staff(one)
        step = self.step(one)
        return [] if step is None else self._causes_of(self.bookings[booking], step)

    def _causes_of(self, booking: Booking, step: Step) -> list[Operation] | None:
        """Return the operations that may have caused a step of a booking; None where the clock has."""
        if step is self.lives[booking.id].steps[0]:
            return self.creators[booking.id]
        if step.kind == "expired":
            return None
        if step.kind == "called_off":
            return self.staff_operations["call_off", booking.show]
        if step.kind == "exchanged":
            return self._exchanges(booking, step)
        if step.kind == "cancelled":
            return self._cancellations(booking, step)
        return self.changes[booking.reference, VERBS.get(step.kind, "")]

    def _cancellations(self, booking: Booking, step: Step) -> list[Operation]:
        """Return what may have cancelled a booking. A hold that had ended is given back without effect."""
        at = self.to_monotonic(step.at)
        released = self.changes[booking.reference, "release"]
        return [
            *self.changes[booking.reference, "cancel"],
            *(one for one in released if not self.clock_is_true or self.is_during(one, at)),
        ]

    def _exchanges(self, booking: Booking, step: Step) -> list[Operation]:
        """Return the operations that asked for the seats that an exchange gave, then or at any time."""
        labels, at = sorted(self.label[seat] for seat in step.seats), self.to_monotonic(step.at)
        return [
            one
            for one in self.changes[booking.reference, "exchange"]
            if sorted(label for label, _ in one.ticket_requests) == labels
            and (not self.clock_is_true or self.is_during(one, at))
        ]

    def _of_staff(self, one: Transition) -> list[Operation]:
        verb = "block" if one.state == "blocked" else "unblock"
        label, at = self.label[one.seat or 0], self.to_monotonic(one.at)
        return [
            operation
            for operation in self.staff_operations[verb, one.show]
            if any(request[0] == label for request in operation.ticket_requests)
            and (not self.clock_is_true or self.is_during(operation, at))
        ]

    @staticmethod
    def is_during(one: Operation, at: int) -> bool:
        """Say whether a moment lies between the request and the response of an operation."""
        return one.sent - SLACK_NS <= at <= (one.responded_at or NEVER) + SLACK_NS

    @staticmethod
    def window(causes: Iterable[Operation]) -> tuple[int, int]:
        """Return between which two moments one of these operations took effect."""
        low, high = NEVER, NEVER
        for one in causes:
            low = min(low, one.sent)
            if one.is_accepted:
                high = min(high, one.responded_at)
        return (-NEVER if low == NEVER else low), high

    @cached_property
    def seat_histories(self) -> dict[tuple[int, int], VersionHistory]:
        """The versions of every seat that ever had an owner, with the narrowest sound windows."""
        return {
            where: VersionHistory(
                [Version("free", NEVER, -NEVER, -NEVER), *map(self._version, versions)]
            )
            for where, versions in self.seats.items()
        }

    def _version(self, one: Transition) -> Version:
        causes = self.causes(one)
        low, high = self.window(causes) if causes else (-NEVER, NEVER)
        if self._is_of_several(one, causes):
            high = NEVER
        if self.clock_is_true:
            low = max(low, self.to_monotonic(one.at) - SLACK_NS)
        return Version(one.state, self.expiry(one.expires_at), low, high)

    def _is_of_several(self, one: Transition, causes: Sequence[Operation] | None) -> bool:
        """Say whether a version may be of the last of several like exchanges, as no clock says which."""
        step = None if self.clock_is_true else self.step(one)
        return step is not None and step.kind == "exchanged" and len(causes or []) > 1

    def expiry(self, expires_at: int | None) -> int:
        """Return when a hold ends, by our clock."""
        return NEVER if expires_at is None else self.to_monotonic(expires_at)

    @cached_property
    def booking_histories(self) -> dict[int, VersionHistory]:
        """The statuses of every booking, from before it was there."""
        return {booking.id: self._booking_history(booking) for booking in self.tables.bookings}

    def _booking_history(self, booking: Booking) -> VersionHistory:
        versions = [Version("none", NEVER, -NEVER, -NEVER)]
        for step in self.lives[booking.id].steps:
            if step.kind not in STATES:
                continue  # the status stays as it is
            ends = [one.expires_at for one in step.versions if one.expires_at]
            low, high = self.window(self._causes_of(booking, step) or [])
            versions.append(
                Version(STATES[step.kind], self.expiry(min(ends, default=None)), low, high)
            )
        return VersionHistory(versions)

    def seat(self, show: int, label: str) -> int:
        """Return the key of a seat by its label; 0 for one that the show has not."""
        known = self.shows.get(show)
        return self._places.get((known.plan, label), 0) if known else 0

    def name(self, show: int, seat: int | None) -> str:
        """Return a seat as people call it."""
        return f"show {show} seat {self.label.get(seat or 0, seat)}"

    def describe(self, *operations: Iterable[Operation] | None) -> list[str]:
        """Return operations as a violation names them, a few of each kind."""
        return [str(one) for some in operations for one in list(some or [])[:4]]
