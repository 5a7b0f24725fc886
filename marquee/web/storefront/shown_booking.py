"""What the page of a booking says: its status and times, as the reader's language writes them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marquee.booking import cancel_rules, exchange_rules, rules
from marquee.booking.queries import NamedTicket, PageBooking
from marquee.booking.states import BookingStatus, TicketStatus
from marquee.catalog.states import ShowState
from marquee.core import locales
from marquee.core.money import Money
from marquee.mail.booking_texts import USUAL_TYPES
from marquee.web.storefront import show_words


@dataclass(frozen=True, slots=True)
class Status:
    """The status of a booking in words, with an icon: never by colour alone."""

    name: str | Promise
    icon: str
    kind: str  # good, ended or alert: a class of the style sheet


BOOKED = Status(gettext_lazy("Booked"), "check", "good")
MOVED = Status(gettext_lazy("Booked, at a new time"), "clock", "alert")
OVER = Status(gettext_lazy("The show is over"), "check", "ended")
HELD = Status(gettext_lazy("Held, not booked yet"), "clock", "alert")
EXPIRED = Status(gettext_lazy("No longer held"), "cross", "ended")
CANCELLED = Status(gettext_lazy("Cancelled"), "cross", "ended")
CALLED_OFF = Status(gettext_lazy("Called off by the cinema"), "cross", "alert")
ENDED = {BookingStatus.CANCELLED: CANCELLED, BookingStatus.EXPIRED: EXPIRED}


@dataclass(frozen=True, slots=True)
class ShownTicket:
    """A ticket: its seat, its type, its price, and whether it can still be used."""

    seat: str
    type: str
    price: str
    is_void: bool
    is_used: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What cancelling some tickets would do: those that end and those that stay, and what they cost."""

    cancelled: list[ShownTicket]
    kept: list[ShownTicket]
    given_back: str
    total: str


class ShownBooking:
    """A booking at one moment, for a reader of one language."""

    def __init__(self, found: PageBooking, language: str) -> None:
        self.booking, self.title, self.show, self.now = (
            found.booking,
            found.title,
            found.show,
            found.now,
        )
        self.locale = locales.locale_of(language, self.show.timezone)
        self.clock = show_words.clock_of(self.show)
        self.effective_status = rules.effective_status(
            self.booking.status, self.booking.held_until, self.now
        )
        self._tickets = found.tickets

    @cached_property
    def status(self) -> Status:
        """Return what has become of the booking."""
        if self.is_called_off:
            return CALLED_OFF
        if self.effective_status in ENDED:
            return ENDED[BookingStatus(self.effective_status)]
        if self.effective_status == BookingStatus.HELD:
            return HELD
        if self.now >= self.show.ends_at:
            return OVER
        return MOVED if self.is_moved else BOOKED

    @property
    def is_called_off(self) -> bool:
        """Whether the booking ended with its show."""
        is_live = self.effective_status != BookingStatus.EXPIRED
        return is_live and self.show.state == ShowState.CALLED_OFF

    @property
    def is_moved(self) -> bool:
        """Whether the show starts at another time than was booked."""
        return self.show.starts_at != self.booking.sold_starts_at

    @property
    def is_guests(self) -> bool:
        """Whether a guest made the booking, whose data is still here."""
        return self.booking.user.is_guest and bool(self.booking.user.address)

    @property
    def is_live(self) -> bool:
        """Whether the booking has its seats: held or confirmed, at a show that takes place."""
        return self.effective_status not in ENDED and not self.is_called_off

    @property
    def is_confirmed(self) -> bool:
        """Whether the tickets admit."""
        return self.effective_status == BookingStatus.CONFIRMED and not self.is_called_off

    @cached_property
    def may_cancel(self) -> bool:
        """Whether the customer may cancel the booking now."""
        return cancel_rules.may_cancel(
            status=self.effective_status,
            has_used_ticket=any(one.status == TicketStatus.USED for one in self._tickets),
            cancel_until=self.booking.cancel_until,
            now=self.now,
        )

    @cached_property
    def may_cancel_some(self) -> bool:
        """Whether the customer may cancel some of several tickets now."""
        valid = [one for one in self._tickets if one.status == TicketStatus.VALID]
        return cancel_rules.may_cancel_some(
            status=self.effective_status,
            valid=len(valid),
            kept=len(self.kept),
            cancel_until=self.booking.cancel_until,
            now=self.now,
        )

    @cached_property
    def may_exchange(self) -> bool:
        """Whether the customer may change seats now."""
        return exchange_rules.may_exchange(
            status=self.effective_status,
            valid=sum(one.status == TicketStatus.VALID for one in self._tickets),
            cancel_until=self.booking.cancel_until,
            show_state=self.show.state,
            sales_from=self.show.sales_from,
            sales_until=self.show.sales_until,
            now=self.now,
        )

    @cached_property
    def kept(self) -> list[ShownTicket]:
        """Return the tickets that are not void."""
        return [one for one in self.tickets if not one.is_void]

    @property
    def live_tickets(self) -> list[NamedTicket]:
        """The same, as they are stored."""
        return [one for one in self._tickets if one.status != TicketStatus.VOID]

    def part(self, seats: Collection[str]) -> Part | None:
        """Return what cancelling the tickets for these seats would do; None unless all are to cancel."""
        valid = {one.seat: one for one in self._tickets if one.status == TicketStatus.VALID}
        if not seats or not valid.keys() >= set(seats):
            return None
        live = self.live_tickets
        gone = [one for one in live if one in [valid[seat] for seat in seats]]
        left = [one for one in live if one not in gone]
        return Part(
            [self._shown(one) for one in gone],
            [self._shown(one) for one in left],
            given_back=self._money(sum(one.price for one in gone)),
            total=self._money(sum(one.price for one in left)),
        )

    @property
    def is_over(self) -> bool:
        """Whether the show has ended."""
        return self.now >= self.show.ends_at

    @cached_property
    def tickets(self) -> list[ShownTicket]:
        """Return the tickets, those that were cancelled by themselves included."""
        return [self._shown(ticket) for ticket in self._tickets]

    @cached_property
    def starts_at(self) -> str:
        """When the show starts, by the cinema's clock."""
        return self._moment(self.show.starts_at)

    @property
    def sold_starts_at(self) -> str:
        """When the show was to start when it was booked."""
        return self._moment(self.booking.sold_starts_at)

    @property
    def zone(self) -> str:
        """Whose clock the times are by."""
        return locales.zone_note(self.show.timezone, self.locale)

    @property
    def cancel_until(self) -> str:
        """Until when the booking may be cancelled."""
        return self._moment(self.booking.cancel_until)

    @property
    def held_until(self) -> str:
        """Until when the seats are held; blank if they are not."""
        return (self.booking.held_until and self._moment(self.booking.held_until)) or ""

    @property
    def total(self) -> str:
        """What the tickets cost."""
        return self._money(self.booking.total)

    @property
    def version(self) -> str:
        """The languages of the show: `English, subtitles: German`."""
        parts = []
        if self.show.language:
            parts.append(locales.language_name(self.show.language, self.locale))
        if self.show.subtitles:
            names = [locales.language_name(one, self.locale) for one in self.show.subtitles.split()]
            parts.append(_("subtitles: %(languages)s") % {"languages": ", ".join(names)})
        if self.show.captions:
            parts.append(_("with captions for the deaf"))
        return ", ".join(parts)

    def _shown(self, ticket: NamedTicket) -> ShownTicket:
        name = ticket.type
        return ShownTicket(
            seat=ticket.seat,
            type=_(name) if name in USUAL_TYPES else name,
            price=self._money(ticket.price),
            is_void=ticket.status == TicketStatus.VOID,
            is_used=ticket.status == TicketStatus.USED,
        )

    def _moment(self, at: datetime) -> str:
        return locales.format_moment(at.astimezone(self.clock), self.locale)

    def _money(self, minor: int) -> str:
        return locales.format_money(Money(minor, self.booking.currency), self.locale)
