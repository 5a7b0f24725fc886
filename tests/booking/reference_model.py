"""The life of bookings in pure Python, as DESIGN 5 and 6 describe it.

It is written from the rules, not from the code: no locks, no SQL, one dictionary of seats.
`test_lifecycle.py` compares the code with it after every step. Time is a number of minutes that only
the test changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

FREE, HELD, SOLD, BLOCKED = "free", "held", "sold", "blocked"
CONFIRMED, CANCELLED, EXPIRED = "confirmed", "cancelled", "expired"


@dataclass
class Seat:
    """A seat: its state, its booking, until when, and its number of transitions."""

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
class Outcome:
    """What an operation must do: refuse for one of these reasons, or succeed if there is none."""

    refusals: set[str] = field(default_factory=set)
    booking: Booking | None = None


class Model:
    """One show, its seats, and everything that can be done to them."""

    def __init__(
        self,
        prices: dict[str, int],
        *,
        starts: int,
        ends: int,
        limit: int,
        hold: int,
        cancel: int,
    ):
        self.now = 0
        self.prices = prices  # by label
        self.starts, self.ends = starts, ends
        self.limit, self.hold_minutes, self.cancel_minutes = limit, hold, cancel
        self.seats = {label: Seat() for label in prices}
        self.bookings: list[Booking] = []
        self.keys: dict[tuple[str, str], Booking] = {}
        self.is_called_off = False

    # --- What can be seen -------------------------------------------------------------------------

    def has_expired(self, booking: Booking) -> bool:
        """Say whether a hold has expired, recorded as such or not."""
        ended = booking.until is not None and booking.until <= self.now
        return booking.status == EXPIRED or ended

    def is_available(self, label: str) -> bool:
        """Say whether the seat is available."""
        seat = self.seats[label]
        return seat.state == FREE or (seat.until is not None and seat.until <= self.now)

    def visible(self) -> dict[str, str]:
        """Return the seats that are not free, as customers see them."""
        return {
            label: seat.state for label, seat in self.seats.items() if not self.is_available(label)
        }

    def live_seats(self, user: str) -> int:
        """Return how many seats a customer has."""
        live = [
            one for one in self.bookings
            if one.user == user and one.status in {HELD, CONFIRMED} and not self.has_expired(one)
        ]  # fmt: skip
        return sum(len(one.tickets) for one in live)

    # --- What can be done -------------------------------------------------------------------------

    def ask(
        self, user: str, labels: Sequence[str | None], *, hold: bool, key: str | None
    ) -> Outcome:
        """Return the expected outcome of a request for these seats, or for any. Changes nothing."""
        before = self.keys.get((user, key)) if key else None
        if before is not None:
            same = before.request == (hold, tuple(labels))
            return Outcome(booking=before) if same else Outcome({"KeyReused"})
        refusals = self._may_sell(user, len(labels))
        if labels[0] is None:
            too_few = sum(map(self.is_available, self.seats)) < len(labels)
            refusals |= {"SoldOut"} if too_few else set()
        elif not all(self.is_available(str(label)) for label in labels):
            refusals |= {"SeatsTaken"}
        return Outcome(refusals)

    def _may_sell(self, user: str, count: int) -> set[str]:
        found = {"ShowCalledOff"} if self.is_called_off else set()
        found |= {"SalesClosed"} if self.now >= self.starts else set()
        return found | ({"SeatLimit"} if self.live_seats(user) + count > self.limit else set())

    def book(
        self, user: str, requests: Sequence[str | None], got: Iterable[str], *, hold: bool,
        key: str | None,
    ) -> Booking:  # fmt: skip
        """Book these seats for those requests. Asserts that the seats are available."""
        labels = sorted(got)
        assert len(labels) == len(requests), f"got {labels}"
        assert all(map(self.is_available, labels)), f"got {labels}"
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

    def confirm(self, booking: Booking) -> Outcome:
        """Confirm a hold: all its seats, or none. An expired one is judged like a new booking."""
        if booking.status == CONFIRMED:
            return Outcome()
        refusals = {"ShowCalledOff"} if self.is_called_off else set()
        if booking.status == CANCELLED:
            return Outcome(refusals or {"NotHeld"})
        if expired := self.has_expired(booking):
            refusals |= self._may_sell(booking.user, len(booking.tickets))
        costs = sum(self.prices[label] for label in booking.tickets)
        refusals |= {"PriceChanged"} if expired and costs > booking.total else set()
        are_available = [
            self._is_mine(booking, label) or self.is_available(label) for label in booking.tickets
        ]
        refusals |= set() if all(are_available) else {"HoldExpired"}
        if not refusals:
            booking.status, booking.until = CONFIRMED, None
            booking.total = costs if expired else booking.total
            self._give(booking, SOLD)
            booking.events.append(CONFIRMED)
        return Outcome(refusals)

    def cancel(self, booking: Booking) -> Outcome:
        """Give the seats back."""
        if booking.status == CANCELLED:
            return Outcome()
        if self.has_expired(booking):
            return Outcome({"NotHeld"})
        refusals = set()
        if booking.status == CONFIRMED and self.now >= self.starts - self.cancel_minutes:
            refusals.add("TooLateToCancel")
        if "used" in booking.tickets.values():
            refusals.add("AlreadyUsed")
        if not refusals:
            self._end(booking, CANCELLED, CANCELLED)
        return Outcome(refusals)

    def expire(self) -> None:
        """Record expired holds as expired, and free their seats, as the worker does."""
        for booking in self.bookings:
            if booking.status == HELD and self.has_expired(booking):
                booking.status, booking.until = EXPIRED, None
                self._release(booking)
                booking.events.append(EXPIRED)

    def call_off(self) -> None:
        """Cancel every live booking; used tickets stay used."""
        self.is_called_off = True
        for booking in self.bookings:
            if booking.status in {HELD, CONFIRMED} and not self.has_expired(booking):
                self._end(booking, CANCELLED, "called_off")

    def admit(self, booking: Booking, label: str) -> Outcome:
        """Admit one ticket, once."""
        if booking.status != CONFIRMED:
            return Outcome({"NotAdmitted"})
        if booking.tickets[label] == "used":
            return Outcome({"AlreadyUsed"})
        booking.tickets[label] = "used"
        booking.events.append("admitted")
        return Outcome()

    def undo_admission(self, booking: Booking, label: str) -> Outcome:
        """Let a used ticket admit again."""
        if booking.status != CONFIRMED:
            return Outcome({"NotAdmitted"})
        if booking.tickets[label] != "used":
            return Outcome({"NotUsed"})
        booking.tickets[label] = "valid"
        booking.events.append("undone")
        return Outcome()

    def block(self, labels: Iterable[str]) -> Outcome:
        """Take seats off sale, all or none."""
        labels = list(labels)
        refusals = {"ShowCalledOff"} if self.is_called_off else set()
        refusals |= {"SalesClosed"} if self.now >= self.ends else set()
        refusals |= set() if all(map(self.is_available, labels)) else {"SeatsTaken"}
        if not refusals:
            for label in labels:
                self._transition(label, BLOCKED)
        return Outcome(refusals)

    def unblock(self, labels: Iterable[str]) -> None:
        """Put those of the seats that are blocked back on sale."""
        for label in labels:
            if self.seats[label].state == BLOCKED:
                self._transition(label, FREE)

    # --- How seats change hands -------------------------------------------------------------------

    def _is_mine(self, booking: Booking, label: str) -> bool:
        return self.seats[label].owner is booking

    def _transition(self, label: str, state: str, owner: Booking | None = None) -> None:
        seat = self.seats[label]
        seat.state, seat.owner, seat.gen = state, owner, seat.gen + 1
        seat.until = owner.until if owner is not None else None

    def _give(self, booking: Booking, state: str) -> None:
        for label in booking.tickets:
            self._transition(label, state, booking)

    def _release(self, booking: Booking) -> None:
        for label in booking.tickets:
            if self._is_mine(booking, label):
                self._transition(label, FREE)

    def _end(self, booking: Booking, status: str, event: str) -> None:
        booking.status, booking.until = status, None
        self._release(booking)
        for label, status_before in booking.tickets.items():
            booking.tickets[label] = "void" if status_before == "valid" else status_before
        booking.events.append(event)
