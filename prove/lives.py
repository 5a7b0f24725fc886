"""What a booking had when: the tickets of each step of its history, and the versions of seats that it made.

A booking that changes its seats keeps the tickets that it gives up, void, with the time of the exchange. So
its rows say which tickets it had after each event, and the versions of its seats follow the events in order.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from prove.audit_log import Event, Ticket, Transition

# What events make of all seats that a booking has.
CLAIMED = {"held": "held", "extended": "held", "confirmed": "sold"}
FREED = {"cancelled", "called_off", "expired"}
Move = tuple[int, str]  # the number of a step or seat, and what becomes of the seat


@dataclass(slots=True)
class Step:
    """An event, what the booking has from then on, and which versions of seats are of it."""

    kind: str
    at: int
    tickets: Sequence[Ticket]
    moves: dict[int, str] = field(default_factory=dict)  # what becomes of which seat
    versions: list[Transition] = field(default_factory=list)

    @property
    def seats(self) -> set[int]:
        """The seats that the booking has."""
        return {ticket.seat for ticket in self.tickets}

    @property
    def total(self) -> int:
        """What they cost."""
        return sum(ticket.price for ticket in self.tickets)

    @property
    def is_whole(self) -> bool:
        """Whether each seat moved as it has to."""
        return {one.seat for one in self.versions} == self.moves.keys()


class Life:
    """The steps of one booking, and the versions of seats that none of them explains."""

    def __init__(
        self, tickets: Sequence[Ticket], events: Sequence[Event], versions: Sequence[Transition]
    ) -> None:
        self.all_tickets = tickets
        self.steps = _steps(tickets, events)
        self.step_of: dict[int, int] = {}  # of a version, by its number
        by_seat: dict[int | None, list[Transition]] = defaultdict(list)
        for one in versions:
            by_seat[one.seat].append(one)
        moves = self._moves()
        for seat, some in by_seat.items():
            self._match(some, moves[seat or 0])

    @property
    def first(self) -> Sequence[Ticket]:
        """The tickets that the booking was made with."""
        return self.steps[0].tickets if self.steps else self.all_tickets

    @property
    def tickets(self) -> Sequence[Ticket]:
        """The tickets that it has, or had when it ended."""
        return self.steps[-1].tickets if self.steps else self.all_tickets

    def step(self, kind: str) -> Step | None:
        """Return the first step of a kind."""
        return next((step for step in self.steps if step.kind == kind), None)

    def exchanges(self) -> list[tuple[Step, Step]]:
        """Return each exchange, after the step before it."""
        return [pair for pair in pairwise(self.steps) if pair[1].kind == "exchanged"]

    def wrong_moves(self) -> list[str]:
        """Return where seats moved, or tickets were given up, otherwise than the history says."""
        said: Counter[Move] = Counter(
            (seat, state)
            for step in self.steps
            for seat, state in step.moves.items()
            if state != "free"
        )
        done: Counter[Move] = Counter(
            (one.seat or 0, one.state)
            for step in self.steps
            for one in step.versions
            if one.state != "free"
        )
        at = {step.at for step in self.steps}
        return [
            *(f"seat {seat} was to be {state}" for seat, state in said - done),
            *(
                f"{one} without an event"
                for one in self.all_tickets
                if one.released_at not in {None, *at}
            ),
        ]

    def _moves(self) -> dict[int, list[Move]]:
        moves: dict[int, list[Move]] = defaultdict(list)
        for number, step in enumerate(self.steps):
            for seat, state in step.moves.items():
                moves[seat].append((number, state))
        return moves

    def _match(self, versions: Sequence[Transition], moves: Sequence[Move]) -> None:
        """Find the step of each version of a seat, in their order. A hold that ended need not be freed."""
        left = iter(moves)
        for one in versions:
            number = next((number for number, state in left if state == one.state), None)
            if number is not None:
                self.step_of[one.n] = number
                self.steps[number].versions.append(one)


def _steps(tickets: Sequence[Ticket], events: Sequence[Event]) -> list[Step]:
    exchanged = {event.at for event in events if event.kind == "exchanged"}
    given_up = sum(ticket.released_at in exchanged for ticket in tickets)
    has, later = list(tickets[: len(tickets) - given_up]), list(tickets[len(tickets) - given_up :])
    steps: list[Step] = []
    state = ""
    for event in events:
        state = CLAIMED.get(event.kind, state)
        before = {ticket.seat for ticket in has}
        if event.kind == "exchanged":
            kept = [ticket for ticket in has if ticket.released_at != event.at]
            count = len(has) - len(kept)
            has, later = [*kept, *later[:count]], later[count:]
        step = Step(event.kind, event.at, has)
        if event.kind in CLAIMED:
            step.moves = dict.fromkeys(step.seats, state)
        elif event.kind in FREED:
            step.moves = dict.fromkeys(step.seats, "free")
        elif event.kind == "exchanged":
            step.moves = dict.fromkeys(before - step.seats, "free")
            step.moves |= dict.fromkeys(step.seats - before, state)
        steps.append(step)
    return steps
