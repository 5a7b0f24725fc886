"""What the checkout says of a hold: its show, seats and prices, and how long they are held."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil
from urllib.parse import urlencode

from babel.lists import format_list
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marquee.booking import cancel_rules, hold_rules, queries, rules
from marquee.booking.hold_rules import HoldState
from marquee.booking.queries import NamedTicket, PageBooking
from marquee.booking.records import TicketRequest
from marquee.booking.states import BookingStatus, TicketStatus
from marquee.core import locales
from marquee.core.money import Money
from marquee.mail.booking_texts import USUAL_TYPES
from marquee.web.storefront import show_words

SPOKEN_MINUTES = (5, 2, 1)


@dataclass(frozen=True, slots=True)
class ShownTicket:
    """A ticket: its seat, its type, and its price."""

    seat: str
    type: str
    price: str


class ShownHold:
    """A hold at one moment, for a reader of one language."""

    def __init__(self, found: PageBooking, language: str) -> None:
        booking = found.booking
        self.booking, self.title, self.show, self.now = booking, found.title, found.show, found.now
        self._all_tickets = found.tickets
        self.clock = show_words.clock_of(self.show)
        self.locale = locales.locale_of(language, self.show.timezone)
        # What the tickets cost now, once a refusal has said it.
        self.total = Money(booking.total, booking.currency)

    @cached_property
    def state(self) -> HoldState:
        """What can be done with the hold."""
        booking = self.booking
        status = rules.effective_status(booking.status, booking.held_until, self.now)
        is_expired = status == BookingStatus.EXPIRED
        return hold_rules.hold_state(
            status=status,
            show_state=self.show.state,
            sales_until=self.show.sales_until,
            has_lost_seats=is_expired and bool(self.lost),
            now=self.now,
        )

    @property
    def can_be_confirmed(self) -> bool:
        """Whether there is anything to confirm."""
        return self.state in hold_rules.CAN_BE_CONFIRMED

    @cached_property
    def lost(self) -> list[str]:
        """The seats of an expired hold that somebody else has by now."""
        holders = queries.seat_holders(self.booking.show_id, [one.seat_id for one in self._tickets])
        return [one.seat for one in self._tickets if one.seat_id in holders]

    @cached_property
    def _tickets(self) -> list[NamedTicket]:
        has_ended = self.booking.status == BookingStatus.CANCELLED
        return [one for one in self._all_tickets if has_ended or one.status != TicketStatus.VOID]

    @property
    def tickets(self) -> list[ShownTicket]:
        """The tickets, as they were priced when the seats were held."""
        return [
            ShownTicket(one.seat, _type_name(one.type), self._money(one.price))
            for one in self._tickets
        ]

    @property
    def requests(self) -> list[TicketRequest]:
        """The same tickets, to ask for once more."""
        return [TicketRequest(one.seat, one.type_id) for one in self._tickets]

    @property
    def path(self) -> str:
        """The path of the checkout."""
        return reverse("checkout", args=[self.booking.reference])

    @property
    def starts_at(self) -> str:
        """When the show starts, by the cinema's clock."""
        return self._moment(self.show.starts_at)

    @property
    def zone(self) -> str:
        """Whose clock the times are by."""
        return locales.zone_note(self.show.timezone, self.locale)

    @property
    def seats_path(self) -> str:
        """The path of the seats' page, with these seats and types chosen."""
        tickets = self._tickets
        pairs = [("seat", one.seat) for one in tickets]
        pairs += [(f"type-{one.seat}", one.type_id) for one in tickets]
        return f"{reverse('show', args=[self.booking.show_id])}?{urlencode(pairs)}"

    @property
    def lost_seats(self) -> str:
        """The lost seats as a sentence has them."""
        return self._list(self.lost)

    @property
    def seat_list(self) -> str:
        """All seats, likewise."""
        return self._list(one.seat for one in self._tickets)

    @property
    def seat_count(self) -> int:
        """How many seats there are."""
        return len(self._tickets)

    # --- Time ---------------------------------------------------------------------------------

    @property
    def held_until(self) -> str:
        """Until when the seats are held, by the cinema's clock: `20:15`."""
        return self._clock(self.booking.held_until)

    @property
    def seconds_left(self) -> int:
        """For how many more seconds the seats are held."""
        until = self.booking.held_until
        return 0 if until is None else max(0, ceil((until - self.now).total_seconds()))

    @property
    def time_left(self) -> str:
        """The same in words, for whoever has no script: `7 minutes`."""
        return _minutes(max(1, self.seconds_left // 60))

    @property
    def spoken(self) -> Sequence[tuple[int, str]]:
        """What the page says aloud, and with how many seconds left."""
        text = _("%(time)s left to book these seats.")
        return [(60 * one, text % {"time": _minutes(one)}) for one in SPOKEN_MINUTES]

    @property
    def more_time(self) -> str:
        """For how long the seats can be kept, from now on; blank if they cannot be."""
        until = hold_rules.may_extend_until(
            until=self.booking.held_until,
            at_most_until=self.booking.held_at_most_until,
            extended_at=self.booking.extended_at,
            now=self.now,
        )
        return _minutes(round((until - self.now).total_seconds() / 60)) if until else ""

    @property
    def may_be_cancelled(self) -> bool:
        """Whether the booking can still be cancelled once it is made."""
        return cancel_rules.may_cancel(
            status=BookingStatus.CONFIRMED,
            has_used_ticket=False,
            cancel_until=self.booking.cancel_until,
            now=self.now,
        )

    @property
    def cancel_until(self) -> str:
        """Until when."""
        return self._moment(self.booking.cancel_until)

    # --- Money --------------------------------------------------------------------------------

    @property
    def is_repriced(self) -> bool:
        """Whether the tickets cost something else than when they were held."""
        return self.total.minor != self.booking.total

    @property
    def total_text(self) -> str:
        """What is paid in the end."""
        return locales.format_money(self.total, self.locale)

    @property
    def button(self) -> str:
        """What the button does."""
        return ngettext(
            "Book %(count)s seat, %(total)s, pay at the cinema",
            "Book %(count)s seats, %(total)s, pay at the cinema",
            self.seat_count,
        ) % {"count": self.seat_count, "total": self.total_text}

    def _list(self, labels: Iterable[str]) -> str:
        return format_list([*labels], locale=self.locale)

    def _money(self, minor: int) -> str:
        return locales.format_money(Money(minor, self.booking.currency), self.locale)

    def _moment(self, at: datetime) -> str:
        return locales.format_moment(at.astimezone(self.clock), self.locale)

    def _clock(self, at: datetime | None) -> str:
        return "" if at is None else locales.format_clock(at.astimezone(self.clock), self.locale)


def _minutes(count: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}


def _type_name(name: str) -> str:
    return _(name) if name in USUAL_TYPES else name
