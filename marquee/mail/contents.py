"""Write a mail: who gets it, in which language, and what it says, from what is so at the moment.

A message holds neither an address nor a text. What has changed since its event is thus told as it is,
and a mail that nobody needs any more is not written.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from marquee.accounts.models import AccountEvent, User
from marquee.accounts.operations import make_link
from marquee.accounts.states import LinkPurpose
from marquee.booking.links import booking_link_token
from marquee.booking.models import Booking, BookingEvent, CounterSale
from marquee.booking.states import BookingStatus, EventKind
from marquee.catalog.queries import movie_title
from marquee.catalog.states import ShowState
from marquee.core import locales
from marquee.core.clock import database_now
from marquee.mail.account_texts import ACCOUNT_TEXTS, AccountMail, password_removed, site
from marquee.mail.addresses import deliverable
from marquee.mail.booking_texts import BOOKING_TEXTS, BookingMail
from marquee.mail.models import Message
from marquee.mail.states import MailKind, Recipient
from marquee.mail.text import Text, one_line, subject_line

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
# The purpose and the page of the link that a mail has.
LINKS: Mapping[str, tuple[LinkPurpose, str]] = {
    MailKind.VERIFY: (LinkPurpose.VERIFY, "/verify-email/"),
    MailKind.RESET: (LinkPurpose.RESET, "/password-reset/confirm/"),
    MailKind.CONFIRM_CHANGE: (LinkPurpose.CHANGE_EMAIL, "/change-email/"),
    MailKind.CLOSE: (LinkPurpose.CLOSE, "/delete-account/"),
}
# These go to an account's owner, in the owner's spelling of the address, whatever somebody typed.
OWNERS_KINDS = frozenset({MailKind.RESET, MailKind.ADDRESS_IN_USE})
# Of several such events of one booking, the mail of the last says all.
SUPERSEDED_KINDS: Mapping[str, str] = {
    MailKind.REDUCED: EventKind.REDUCED,
    MailKind.MOVED: EventKind.MOVED,
    MailKind.CHANGED: EventKind.CHANGED,
    MailKind.EXCHANGED: EventKind.EXCHANGED,
}


class Reader(NamedTuple):
    """Who reads a mail: at which address, in which language, and by which name if that is theirs."""

    address: str
    language: str
    name: str = ""


def compose(message: Message) -> EmailMultiAlternatives | None:
    """Return the mail of a message as it is to be sent now; None if there is nothing to say any more.

    A mail with a link has a new one, which is stored before this returns: call it outside a
    transaction. Raises Undeliverable if no mail can go to the address.
    """
    if message.booking_event_id is not None:
        return _compose_for_booking(message, message.booking_event_id)
    if message.account_event_id is not None:
        return _compose_for_account(message, message.account_event_id)
    return None


def _write(text: Text, reader: Reader, *, origin: str) -> EmailMultiAlternatives:
    """Return a mail with this text for this reader, in the language that is active."""
    greeting = _("Hello %(name)s,") % {"name": one_line(reader.name)} if reader.name else ""
    context = {
        "text": text,
        "greeting": greeting,
        "language": reader.language,
        "origin": origin,
        "site": site(),
    }
    mail = EmailMultiAlternatives(
        subject=subject_line(text.subject),
        body=render_to_string("mail/mail.txt", context),
        to=[deliverable(reader.address)],
        headers=HEADERS | {"Content-Language": reader.language},
    )
    mail.attach_alternative(render_to_string("mail/mail.html", context), "text/html")
    return mail


# --- Bookings -------------------------------------------------------------------------------------


def _compose_for_booking(message: Message, event_id: int) -> EmailMultiAlternatives | None:
    event = BookingEvent.objects.select_related(
        "booking__user", "booking__show__movie", "booking__show__auditorium__cinema"
    ).get(pk=event_id)
    booking, at_counter = event.booking, message.recipient == Recipient.COUNTER
    reader = _reader_of_booking(booking, at_counter=at_counter)
    now = database_now()
    if not reader.address or not _is_so(message.kind, event, now):
        return None
    with translation.override(reader.language):
        text = BOOKING_TEXTS[message.kind](
            BookingMail(
                booking=booking,
                event=event,
                tickets=list(booking.tickets.select_related("seat", "type")),
                now=now,
                locale=locales.locale_of(reader.language, booking.show.timezone),
                url=_url("/bookings/link/", booking_link_token(booking)),
                at_counter=at_counter,
                title=movie_title(booking.show.movie_id, reader.language),
            )
        )
        return _write(text, reader, origin=booking.show.auditorium.cinema.name)


def _reader_of_booking(booking: Booking, *, at_counter: bool) -> Reader:
    if at_counter:
        sale = CounterSale.objects.filter(booking=booking).first()
        address = "" if sale is None else sale.customer_email
        return Reader(address, locales.known_language(booking.language))
    user = booking.user
    # A closed account has an address that nobody can have.
    address = "" if user.is_closed else user.address
    return _reader(user, address, booking.language, user.language)


def _is_so(kind: str, event: BookingEvent, now: datetime) -> bool:
    """Return whether what a mail says of a booking is so, and nothing later says it again."""
    booking, show = event.booking, event.booking.show
    if kind in {MailKind.CANCELLED, MailKind.CALLED_OFF}:
        # Holds are not mailed, so neither is their end.
        return booking.status == BookingStatus.CANCELLED and _has_event(event, EventKind.CONFIRMED)
    over_at = show.starts_at if kind == MailKind.REMINDER else show.ends_at
    return (
        booking.status == BookingStatus.CONFIRMED
        and show.state == ShowState.SCHEDULED
        and now < over_at
        and not (kind in SUPERSEDED_KINDS and _has_event(event, SUPERSEDED_KINDS[kind], later=True))
    )


def _has_event(event: BookingEvent, kind: str, *, later: bool = False) -> bool:
    """Return whether the booking of an event has one of this kind: any, or one after the event."""
    others = BookingEvent.objects.filter(booking=event.booking_id, kind=kind)
    return (others.filter(pk__gt=event.pk) if later else others).exists()


# --- Accounts -------------------------------------------------------------------------------------


def _compose_for_account(message: Message, event_id: int) -> EmailMultiAlternatives | None:
    event = AccountEvent.objects.select_related("user").get(pk=event_id)
    kind, user = _kind_and_account(message.kind, event)
    if user is None:
        return None
    is_to_event = message.recipient == Recipient.EVENT and kind not in OWNERS_KINDS
    address = event.email if is_to_event else user.address
    if not address:
        return None
    reader = _reader(user, address, user.language, event.language)
    with translation.override(reader.language):
        mail = AccountMail(
            url=_account_url(kind, user, address),
            at=event.at,
            locale=locales.locale_of(reader.language, zone=""),
        )
        is_removed = kind == MailKind.PASSWORD_CHANGED and not user.has_usable_password()
        text = password_removed(mail) if is_removed else ACCOUNT_TEXTS[kind](mail)
        return _write(text, reader, origin=site())


def _kind_and_account(kind: str, event: AccountEvent) -> tuple[str, User | None]:
    """Return which mail it is as things are now, and whose account it is about, if anybody's."""
    user = event.user
    if kind == MailKind.RESET:
        user = User.objects.find_by_email(event.email)
        return kind, user if user and user.is_active and user.has_usable_password() else None
    if user is None or user.is_closed or (kind != MailKind.EMAIL_CHANGED and not user.is_active):
        return kind, None
    if kind == MailKind.VERIFY:
        return kind, None if user.is_email_verified else user
    if kind in {MailKind.CONFIRM_CHANGE, MailKind.ADDRESS_IN_USE}:
        return _change_of_address(event, user)
    return kind, user


def _change_of_address(event: AccountEvent, user: User) -> tuple[str, User | None]:
    """Return what to say about another address: who has it already gets to know, or who asked."""
    owner = User.objects.find_by_email(event.email)
    if not event.email or user.pending_email != event.email:
        return MailKind.CONFIRM_CHANGE, None
    if owner is not None and owner != user:
        return MailKind.ADDRESS_IN_USE, owner if owner.is_active else None
    return MailKind.CONFIRM_CHANGE, user


def _account_url(kind: str, user: User, address: str) -> str:
    if kind in {MailKind.PASSWORD_CHANGED, MailKind.WRONG_CODES}:
        return f"{settings.SITE_URL}/password-reset/"
    if kind in {MailKind.FACTOR_ADDED, MailKind.FACTOR_REMOVED}:
        return f"{settings.SITE_URL}/account/second-factor/"
    if kind not in LINKS:
        return ""
    purpose, path = LINKS[kind]
    return _url(path, make_link(user=user, purpose=purpose, email=address))


def _reader(user: User, address: str, *languages: str) -> Reader:
    """Return the reader of a mail: by name only at an address that is proved to be theirs.

    Else anybody could have a text of their choice sent to a stranger, as a name.
    """
    is_proved = user.is_email_verified and address == user.address
    return Reader(address, locales.known_language(*languages), user.name if is_proved else "")


def _url(path: str, token: str) -> str:
    return f"{settings.SITE_URL}{path}?{urlencode({'token': token})}"
