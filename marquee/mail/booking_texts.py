"""What mails say about bookings: one function for each kind of mail."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from babel import Locale
from babel.lists import format_list
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.states import ActorKind, TicketStatus
from marquee.catalog.models import Format
from marquee.core import locales
from marquee.core.money import Money
from marquee.mail.states import MailKind
from marquee.mail.text import Button, Fact, Text, one_line

# The ticket types that every database begins with. Others keep the names that staff gave them.
USUAL_TYPES = frozenset(
    {
        gettext_noop("Adult"),
        gettext_noop("Child"),
        gettext_noop("Senior"),
        gettext_noop("Student"),
        gettext_noop("Carer"),
    }
)


@dataclass(frozen=True, slots=True)
class BookingMail:
    """A booking as it is when its mail is written, the event that the mail is about, and its reader."""

    booking: Booking
    event: BookingEvent
    tickets: list[Ticket]  # all of them, with their seats and types
    now: datetime
    locale: Locale
    url: str
    at_counter: bool
    title: str  # of the movie, in the reader's language

    @property
    def movie(self) -> str:
        """The title, on one line."""
        return one_line(self.title, limit=200)

    @property
    def movie_url(self) -> str:
        """Where the other shows of the movie are."""
        return f"{settings.SITE_URL}/movies/{self.booking.show.movie_id}/"

    @property
    def when(self) -> str:
        """When the show starts, and by whose clock."""
        show = self.booking.show
        return f"{self.moment(show.starts_at)} ({locales.zone_note(show.timezone, self.locale)})"

    def moment(self, at: datetime) -> str:
        """Return a time by the cinema's clock."""
        return locales.format_moment(at.astimezone(self.booking.show.clock), self.locale)

    def subject(self, text: str) -> str:
        """Return a subject with the movie, and when the show starts in few words."""
        local = self.booking.show.starts_at.astimezone(self.booking.show.clock)
        day, clock = (
            locales.format_short_day(local, self.locale),
            locales.format_clock(local, self.locale),
        )
        return one_line(f"{text}: {one_line(self.movie, limit=80)}, {day}, {clock}")

    @property
    def kept(self) -> list[Ticket]:
        """The tickets that were not cancelled by themselves."""
        return [ticket for ticket in self.tickets if ticket.released_at is None]

    @property
    def cancelled(self) -> list[Ticket]:
        """The tickets that this event cancelled or exchanged, while the booking went on."""
        return [ticket for ticket in self.tickets if ticket.released_at == self.event.at]

    def seats(self, tickets: list[Ticket]) -> str:
        """Return the seats of tickets: `C7 and C8`."""
        return format_list([ticket.seat.label for ticket in tickets], locale=self.locale)


def booked(mail: BookingMail) -> Text:
    """Say what was booked, and until when it may be cancelled."""
    return Text(
        subject=mail.subject(_("Booked")),
        title=_("Your seats are booked"),
        paragraphs=[_("At the cinema, give the reference or show this mail.")],
        facts=[*_show_facts(mail), *_booking_facts(mail)],
        button=_see_booking(mail),
        notes=_cancel_notes(mail),
    )


def reduced(mail: BookingMail) -> Text:
    """Say which tickets were cancelled, and what is left."""
    return Text(
        subject=mail.subject(_("Some tickets cancelled")),
        title=_("Some of your tickets are cancelled"),
        paragraphs=[_("The other seats stay booked. This is what is left of your booking.")],
        facts=[
            Fact(_("Cancelled seats"), mail.seats(mail.cancelled)),
            *_show_facts(mail),
            *_booking_facts(mail),
        ],
        button=_see_booking(mail),
        notes=_cancel_notes(mail),
    )


def cancelled(mail: BookingMail) -> Text:
    """Say that the whole booking was cancelled, and by whom."""
    by_staff = mail.event.by == ActorKind.STAFF
    what = _("The cinema cancelled your booking.") if by_staff else _("Your booking is cancelled.")
    return Text(
        subject=mail.subject(_("Cancelled")),
        title=_("Your booking is cancelled"),
        paragraphs=[f"{what} " + _("Its tickets are no longer valid.")],
        facts=[*_show_facts(mail), *_seat_facts(mail), _reference(mail)],
    )


def called_off(mail: BookingMail) -> Text:
    """Say that the show does not take place, and why, if staff gave customers a reason."""
    paragraphs = [
        _("We are sorry: this show does not take place."),
        _("Your booking is cancelled, and its tickets are no longer valid."),
    ]
    if reason := mail.booking.show.call_off_reason:
        paragraphs.append(_("The cinema says: %(reason)s") % {"reason": one_line(reason, 500)})
    return Text(
        subject=mail.subject(_("Called off")),
        title=_("Your show is called off"),
        paragraphs=paragraphs,
        facts=[*_show_facts(mail), *_seat_facts(mail), _reference(mail)],
        button=Button(_("Other shows of this movie"), mail.movie_url),
    )


def moved(mail: BookingMail) -> Text:
    """Say when the show starts now, and for when it was booked."""
    booking = mail.booking
    paragraphs = [_("Your show starts at another time. Your seats stay booked.")]
    facts = [Fact(_("Booked for"), mail.moment(booking.sold_starts_at))]
    if booking.sold_starts_at == booking.show.starts_at:
        paragraphs = [_("Your show starts again at the time that you booked.")]
        facts = []
    return Text(
        subject=mail.subject(_("New time")),
        title=_("Your show has a new time"),
        paragraphs=paragraphs,
        facts=[
            Fact(_("New time"), mail.when),
            *facts,
            *_show_facts(mail, with_time=False),
            *_booking_facts(mail),
        ],
        button=_see_booking(mail),
        notes=_cancel_notes(mail),
    )


def changed(mail: BookingMail) -> Text:
    """Say how the show is shown now."""
    return Text(
        subject=mail.subject(_("Changed")),
        title=_("Your show has changed"),
        paragraphs=[
            _("The format or the language of your show has changed. Your seats stay booked.")
        ],
        facts=[*_show_facts(mail), *_booking_facts(mail)],
        button=_see_booking(mail),
        notes=_cancel_notes(mail),
    )


def exchanged(mail: BookingMail) -> Text:
    """Say which seats the booking has now, and which it had."""
    return Text(
        subject=mail.subject(_("New seats")),
        title=_("Your seats have changed"),
        paragraphs=[
            _(
                "Your booking has other seats now. The tickets for the seats before are no longer valid."
            )
        ],
        facts=[
            Fact(_("Seats before"), mail.seats(mail.cancelled)),
            *_show_facts(mail),
            *_booking_facts(mail),
        ],
        button=_see_booking(mail),
        notes=_cancel_notes(mail),
    )


def reminder(mail: BookingMail) -> Text:
    """Say when and where the show is."""
    return Text(
        subject=mail.subject(_("Reminder")),
        title=_("Your show is soon"),
        paragraphs=[_("At the cinema, give the reference or show this mail.")],
        facts=[*_show_facts(mail), *_booking_facts(mail)],
        button=_see_booking(mail),
        notes=_cancel_notes(mail),
    )


BOOKING_TEXTS: Mapping[str, Callable[[BookingMail], Text]] = {
    MailKind.BOOKED: booked,
    MailKind.REDUCED: reduced,
    MailKind.CANCELLED: cancelled,
    MailKind.CALLED_OFF: called_off,
    MailKind.MOVED: moved,
    MailKind.CHANGED: changed,
    MailKind.EXCHANGED: exchanged,
    MailKind.REMINDER: reminder,
}


def _show_facts(mail: BookingMail, *, with_time: bool = True) -> list[Fact]:
    auditorium = mail.booking.show.auditorium
    cinema = auditorium.cinema
    return [
        Fact(_("Movie"), mail.movie),
        *([Fact(_("When"), mail.when)] if with_time else []),
        Fact(_("Where"), f"{cinema.name}, {cinema.city}"),
        Fact(_("Auditorium"), auditorium.name),
        Fact(_("Version"), _version(mail)),
    ]


def _version(mail: BookingMail) -> str:
    """Return how the movie is shown: `2D, English, subtitles: German`."""
    show = mail.booking.show
    named = Format.objects.filter(code=show.format).values_list("name", flat=True).first()
    version = [named or show.format]
    if show.language:
        version.append(locales.language_name(show.language, mail.locale))
    if show.subtitles:
        names = [locales.language_name(one, mail.locale) for one in show.subtitles.split()]
        listed = format_list(names, locale=mail.locale)
        version.append(_("subtitles: %(languages)s") % {"languages": listed})
    if show.captions:
        version.append(_("with captions for the deaf"))
    return ", ".join(version)


def _booking_facts(mail: BookingMail) -> list[Fact]:
    total = Money(mail.booking.total, mail.booking.currency)
    return [
        *_seat_facts(mail),
        Fact(_("Total"), locales.format_money(total, mail.locale)),
        _reference(mail),
    ]


def _seat_facts(mail: BookingMail) -> list[Fact]:
    names = Counter(ticket.type.name for ticket in mail.kept)
    tickets = [
        f"{_(name) if name in USUAL_TYPES else name}: {count}" for name, count in names.items()
    ]
    return [Fact(_("Seats"), mail.seats(mail.kept)), Fact(_("Tickets"), ", ".join(tickets))]


def _reference(mail: BookingMail) -> Fact:
    return Fact(_("Reference"), mail.booking.reference)


def _see_booking(mail: BookingMail) -> Button:
    return Button(_("See your booking"), mail.url)


def _cancel_notes(mail: BookingMail) -> list[str]:
    """Return how and until when the booking may be cancelled."""
    if mail.at_counter:
        return [_("If you cannot come, please let the cinema know.")]
    if mail.now >= mail.booking.cancel_until or any(
        ticket.status == TicketStatus.USED for ticket in mail.kept
    ):
        return [_("It is too late to cancel this booking.")]
    until = mail.moment(mail.booking.cancel_until)
    return [_("You may cancel until %(until)s. Open your booking to do so.") % {"until": until}]
