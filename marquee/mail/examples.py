"""One example of each mail, of a movie that a cinema in Berlin shows, for previews and tests.

The rows are made by the operations that make real ones. Nothing here commits.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from marquee.accounts.models import AccountEvent, User
from marquee.accounts.states import AccountEventKind
from marquee.booking import operations as booking
from marquee.booking.models import Booking
from marquee.booking.records import Actor, Client, CounterTerms, TicketRequest
from marquee.booking.states import EventKind
from marquee.catalog import operations as catalog
from marquee.catalog.models import Cinema, Show, TicketType
from marquee.catalog.operations import PriceLine
from marquee.core.clock import database_now
from marquee.mail.models import Message
from marquee.mail.states import MailKind, Recipient

ZONE = "Europe/Berlin"
REASONS = {"en": "The projector is broken.", "de": "Der Projektor ist defekt."}
TICKET_TYPES = {"adult": "Adult", "child": "Child"}


class Example(NamedTuple):
    """A mail to be written: its name, such as `booked`, and its message, which is not stored."""

    name: str
    message: Message


class Stage:
    """A cinema with an auditorium and prices, and a customer who reads mails in a language."""

    def __init__(self, language: str) -> None:
        """Add the rows. Addresses and names are such that no database has them already."""
        self.language, self.domain = language, f"{uuid4().hex[:8]}.example"
        self.now = database_now()
        self.customer = self.add_user("Alice Liddell", is_superuser=True, is_staff=True)
        for code, name in TICKET_TYPES.items():
            TicketType.objects.get_or_create(code=code, defaults={"name": name})
        self.cinema = catalog.add_cinema(
            name=_free_name("Lichtspiele am Ring"), city="Berlin", timezone=ZONE, currency="EUR"
        )
        self.auditorium = catalog.add_auditorium(
            cinema=self.cinema, name="Saal 2", rows=["A: sssss_sssss", "B: sssss_sssss"]
        )
        self.prices = catalog.add_price_card(
            cinema=self.cinema,
            name="Example",
            default_type="adult",
            prices=[
                PriceLine("standard", "adult", Decimal("12.50")),
                PriceLine("standard", "child", Decimal("9.00")),
            ],
        )
        self.movie = catalog.add_movie(
            title="Das Boot", runtime_minutes=149, original_language="de"
        )
        self._days = 7

    def add_user(self, name: str, **fields: Any) -> User:
        """Add an account with a proved address. Rights of staff lift the limits of bookings."""
        return User.objects.create_user(
            f"{name.split(maxsplit=1)[0].lower()}@{self.domain}",
            name=name,
            password=uuid4().hex,
            language=self.language,
            **{"email_verified_at": self.now} | fields,
        )

    def add_show(self) -> Show:
        """Add a show: each on a day of its own, at 20:15."""
        self._days += 1
        day = (self.now + timedelta(days=self._days)).astimezone(ZoneInfo(ZONE))
        return catalog.add_show(
            movie=self.movie,
            auditorium=self.auditorium,
            price_card=self.prices,
            starts_at=datetime(day.year, day.month, day.day, 20, 15),  # noqa: DTZ001 (local)
            language="de",
            subtitles="en",
        )

    def book(self, show: Show, counter: CounterTerms | None = None) -> Booking:
        """Book three seats for the customer, or at the counter."""
        tickets = [("A4", "adult"), ("A5", "adult"), ("A6", "child")]
        return booking.book(
            user_id=self.customer.pk,
            token_epoch=self.customer.token_epoch,
            show_id=show.pk,
            tickets=[TicketRequest(seat, type_) for seat, type_ in tickets],
            client=Client(language=self.language),
            actor=Actor.staff(self.customer.pk) if counter else None,
            counter=counter,
        ).booking

    def about(self, booked: Booking, kind: str, event: str, recipient: str) -> Message:
        """Return the message about the newest event of this kind."""
        newest = booked.events.filter(kind=event).latest("pk")
        return Message(booking_event=newest, kind=kind, recipient=recipient)


def examples(language: str) -> Iterator[Example]:
    """Yield an example of each mail in this language, each as soon as its event has happened.

    Write a mail before the next one: the events that follow may change what it says. Run it in a
    transaction that is rolled back.
    """
    stage = Stage(language)
    yield from _booking_examples(stage)
    yield from _account_examples(stage)


def _booking_examples(stage: Stage) -> Iterator[Example]:
    def example(name: str, booked: Booking, event: str, *, counter: bool = False) -> Example:
        recipient = Recipient.COUNTER if counter else Recipient.CUSTOMER
        kind = MailKind.BOOKED if counter else MailKind(name)
        return Example(name, stage.about(booked, kind, event, recipient))

    show = stage.add_show()
    booked = stage.book(show)
    yield example("booked", booked, EventKind.CONFIRMED)
    yield example("reminder", booked, EventKind.CONFIRMED)
    seats = [TicketRequest("A4"), TicketRequest("A5"), TicketRequest("B6")]
    booking.exchange(booking=booked, tickets=seats)
    yield example("exchanged", booked, EventKind.EXCHANGED)
    booking.cancel(booking=booked, tickets=["B6"])
    yield example("reduced", booked, EventKind.REDUCED)
    booking.cancel(booking=booked)
    yield example("cancelled", booked, EventKind.CANCELLED)
    terms = CounterTerms(tender="cash", customer_email=f"zoe@{stage.domain}")
    at_counter = stage.book(stage.add_show(), terms)
    yield example("booked_at_counter", at_counter, EventKind.CONFIRMED, counter=True)
    show = stage.add_show()
    booked = stage.book(show)
    later = show.starts_at + timedelta(minutes=90)
    booking.move_show(show=show, starts_at=later, confirm_bookings=1)
    yield example("moved", booked, EventKind.MOVED)
    booking.move_show(show=show, language="en", subtitles="de fr", confirm_bookings=1)
    yield example("changed", booked, EventKind.CHANGED)
    booking.call_off(show=show, reason=REASONS.get(stage.language, REASONS["en"]))
    yield example("called_off", booked, EventKind.CALLED_OFF)


def _account_examples(stage: Stage) -> Iterator[Example]:
    user, other = stage.customer, f"other@{stage.domain}"
    bob = stage.add_user("Bob Jones", email_verified_at=None)

    def example(
        kind: MailKind, event: AccountEventKind, whose: User | None, email: str = ""
    ) -> Example:
        happened = AccountEvent.objects.create(
            user=whose, kind=event, at=stage.now, email=email, language=stage.language
        )
        recipient = Recipient.EVENT if email else Recipient.CUSTOMER
        name = kind.name.lower()
        return Example(name, Message(account_event=happened, kind=kind, recipient=recipient))

    yield example(MailKind.VERIFY, AccountEventKind.SIGNED_UP, bob)
    yield example(MailKind.RESET, AccountEventKind.RESET_ASKED, None, user.address)
    yield example(MailKind.PASSWORD_CHANGED, AccountEventKind.PASSWORD_CHANGED, user)
    bob.pending_email = other
    bob.save(update_fields=["pending_email"])
    yield example(MailKind.CONFIRM_CHANGE, AccountEventKind.CHANGE_ASKED, bob, other)
    bob.pending_email = user.address
    bob.save(update_fields=["pending_email"])
    yield example(MailKind.ADDRESS_IN_USE, AccountEventKind.CHANGE_ASKED, bob, user.address)
    yield example(MailKind.EMAIL_CHANGED, AccountEventKind.EMAIL_CHANGED, user, other)
    yield example(MailKind.FACTOR_ADDED, AccountEventKind.FACTOR_ADDED, user)
    yield example(MailKind.FACTOR_REMOVED, AccountEventKind.FACTOR_REMOVED, user)
    yield example(MailKind.WRONG_CODES, AccountEventKind.WRONG_CODES, user)
    guest = User(name="Zoe", contact_email=f"zoe@{stage.domain}", language=stage.language)
    guest.set_unusable_password()
    guest.save()
    yield example(MailKind.CLOSE, AccountEventKind.CLOSING_ASKED, guest)


def _free_name(name: str) -> str:
    """Return this name, with a number if a cinema in the database has it."""
    names, number = {name}, 1
    while Cinema.objects.filter(name__in=names).exists():
        number += 1
        names = {f"{name} {number}"}
    return names.pop()
