"""The booking life in pure Python: what DESIGN 5 and 6 say, with a clock that is only a number.

It is written from the rules, not from the code: no locks, no SQL, one dictionary of seats. What the
code does must be what this does, and `test_lifecycle.py` compares the two after every step. Time is in
minutes, and moves only when told to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

FREE, HELD, SOLD, BLOCKED = "free", "held", "sold", "blocked"
CONFIRMED, CANCELLED, EXPIRED = "confirmed", "cancelled", "expired"


@dataclass
class Seat:
    """Who has a seat, until when, and how often that has changed."""

    state: str = FREE
    owner: "Booking | None" = None
    until: int | None = None
    gen: int = 0


@dataclass(eq=False)
class Booking:
    """A booking with its history. Tickets are valid, used or void, by their seats' labels."""

    user: str
    request: tuple[bool, tuple[str | None, ...]]
    status: str
    until: int | None
    tickets: dict[str, str]
    total: int
    events: list[str] = field(default_factory=list)


@dataclass
class Answer:
    """What an operation must do: refuse for one of these reasons, or succeed when there is none."""

    refusals: set[str] = field(default_factory=set)
    booking: Booking | None = None


class Model:
    """One show, its seats, and everything that can be done to them."""

    def __init__(self, prices: dict[str, int], *, starts: int, limit: int, hold: int, cancel: int):
        self.now = 0
        self.prices = prices  # by label
        self.starts, self.limit, self.hold_minutes, self.cancel_minutes = (
            starts,
            limit,
            hold,
            cancel,
        )
        self.seats = {label: Seat() for label in prices}
        self.bookings: list[Booking] = []
        self.keys: dict[tuple[str, str], Booking] = {}
        self.is_called_off = False

    # --- What can be seen -------------------------------------------------------------------------

    def has_lapsed(self, booking: Booking) -> bool:
        """Whether the clock has ended a hold, tidied up or not."""
        ended = booking.until is not None and booking.until <= self.now
        return booking.status == EXPIRED or ended

    def is_open(self, label: str) -> bool:
        """Whether anybody may have the seat."""
        seat = self.seats[label]
        return seat.state == FREE or (seat.until is not None and seat.until <= self.now)

    def visible(self) -> dict[str, str]:
        """Return the seats that are not free, as customers see them."""
        return {label: seat.state for label, seat in self.seats.items() if not self.is_open(label)}

    def live_seats(self, user: str) -> int:
        """Return how many seats a customer has."""
        live = [
            one for one in self.bookings
            if one.user == user and one.status in {HELD, CONFIRMED} and not self.has_lapsed(one)
        ]  # fmt: skip
        return sum(len(one.tickets) for one in live)

    # --- What can be done -------------------------------------------------------------------------

    def ask(
        self, user: str, labels: Sequence[str | None], *, hold: bool, key: str | None
    ) -> Answer:
        """Say what a request for these seats, or for any, must be answered. Changes nothing."""
        before = self.keys.get((user, key)) if key else None
        if before is not None:
            same = before.request == (hold, tuple(labels))
            return Answer(booking=before) if same else Answer({"KeyReused"})
        refusals = self._may_sell(user, len(labels))
        if labels[0] is None:
            too_few = sum(map(self.is_open, self.seats)) < len(labels)
            refusals |= {"SoldOut"} if too_few else set()
        elif not all(self.is_open(str(label)) for label in labels):
            refusals |= {"SeatsTaken"}
        return Answer(refusals)

    def _may_sell(self, user: str, count: int) -> set[str]:
        found = {"ShowCalledOff"} if self.is_called_off else set()
        found |= {"SalesClosed"} if self.now >= self.starts else set()
        return found | ({"SeatLimit"} if self.live_seats(user) + count > self.limit else set())

    def book(
        self, user: str, requests: Sequence[str | None], got: Iterable[str], *, hold: bool,
        key: str | None,
    ) -> Booking:  # fmt: skip
        """Book these seats, got for those requests. They must be open, which is asserted."""
        labels = sorted(got)
        assert len(labels) == len(requests), f"got {labels}"
        assert all(map(self.is_open, labels)), f"got {labels}"
        booking = Booking(
            user=user,
            request=(hold, tuple(requests)),
            status=HELD if hold else CONFIRMED,
            until=self.now + self.hold_minutes if hold else None,
            tickets=dict.fromkeys(labels, "valid"),
            total=sum(self.prices[label] for label in labels),
        )
        self._give(booking, HELD if hold else SOLD)
        booking.events.append(booking.status)
        self.bookings.append(booking)
        if key:
            self.keys[user, key] = booking
        return booking

    def confirm(self, booking: Booking) -> Answer:
        """Sell a hold's seats, all or none; one that ran out like a new booking."""
        if booking.status == CONFIRMED:
            return Answer()
        refusals = {"ShowCalledOff"} if self.is_called_off else set()
        if booking.status == CANCELLED:
            return Answer(refusals or {"NotHeld"})
        if self.has_lapsed(booking):
            refusals |= self._may_sell(booking.user, len(booking.tickets))
        alice_client = [
            self._is_mine(booking, label) or self.is_open(label) for label in booking.tickets
        ]
        refusals |= set() if all(alice_client) else {"HoldExpired"}
        if not refusals:
            booking.status, booking.until = CONFIRMED, None
            self._give(booking, SOLD)
            booking.events.append(CONFIRMED)
        return Answer(refusals)

    def cancel(self, booking: Booking) -> Answer:
        """Give the seats back."""
        if booking.status == CANCELLED:
            return Answer()
        if self.has_lapsed(booking):
            return Answer({"NotHeld"})
        refusals = set()
        if booking.status == CONFIRMED and self.now >= self.starts - self.cancel_minutes:
            refusals.add("TooLateToCancel")
        if "used" in booking.tickets.values():
            refusals.add("AlreadyUsed")
        if not refusals:
            self._end(booking, CANCELLED, CANCELLED)
        return Answer(refusals)

    def expire(self) -> None:
        """Tidy up: what the worker does with the holds that the clock has ended."""
        for booking in self.bookings:
            if booking.status == HELD and self.has_lapsed(booking):
                booking.status, booking.until = EXPIRED, None
                self._release(booking)
                booking.events.append(EXPIRED)

    def call_off(self) -> None:
        """Cancel every booking that stands; used tickets stay used."""
        self.is_called_off = True
        for booking in self.bookings:
            if booking.status in {HELD, CONFIRMED} and not self.has_lapsed(booking):
                self._end(booking, CANCELLED, "called_off")

    def admit(self, booking: Booking, label: str) -> Answer:
        """Let the bearer of one ticket in, once."""
        if booking.status != CONFIRMED:
            return Answer({"NotAdmitted"})
        if booking.tickets[label] == "used":
            return Answer({"AlreadyUsed"})
        booking.tickets[label] = "used"
        booking.events.append("admitted")
        return Answer()

    def block(self, labels: Iterable[str]) -> Answer:
        """Take seats off sale, all or none."""
        labels = list(labels)
        if not all(map(self.is_open, labels)):
            return Answer({"SeatsTaken"})
        for label in labels:
            self._move(label, BLOCKED)
        return Answer()

    def unblock(self, labels: Iterable[str]) -> None:
        """Put those of the seats that are blocked back on sale."""
        for label in labels:
            if self.seats[label].state == BLOCKED:
                self._move(label, FREE)

    # --- How seats change hands -------------------------------------------------------------------

    def _is_mine(self, booking: Booking, label: str) -> bool:
        return self.seats[label].owner is booking

    def _move(self, label: str, state: str, owner: Booking | None = None) -> None:
        seat = self.seats[label]
        seat.state, seat.owner, seat.gen = state, owner, seat.gen + 1
        seat.until = owner.until if owner is not None else None

    def _give(self, booking: Booking, state: str) -> None:
        for label in booking.tickets:
            self._move(label, state, booking)

    def _release(self, booking: Booking) -> None:
        for label in booking.tickets:
            if self._is_mine(booking, label):
                self._move(label, FREE)

    def _end(self, booking: Booking, status: str, event: str) -> None:
        booking.status, booking.until = status, None
        self._release(booking)
        for label, standing in booking.tickets.items():
            booking.tickets[label] = "void" if standing == "valid" else standing
        booking.events.append(event)
