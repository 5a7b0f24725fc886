"""A mail is in one language, and has its forms of times and money."""

from datetime import UTC, datetime, timedelta

import pytest

from marquee.accounts.models import User
from marquee.accounts.states import AccountEventKind
from marquee.booking.models import Booking
from marquee.mail.states import MailKind
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
)
from tests.mail.texts.mails import mail_of_account, mail_of_booking, said

pytestmark = pytest.mark.django_db
NEXT_YEAR = datetime.now(UTC).year + 1


def booked(booking):
    return said(mail_of_booking(booking, MailKind.BOOKED, "confirmed"))


def show_in(zone, city, starts_at, currency="EUR", **fields):
    cinema = make_cinema(city=city, timezone=zone, currency=currency)
    auditorium = make_auditorium(cinema)
    price = {("standard", "adult"): "1500" if currency == "JPY" else "12.50"}
    card = make_price_card(
        cinema, price | {("premium", "adult"): "20", ("recliner", "adult"): "20"}
    )
    return make_show(auditorium, price_card=card, movie=make_movie(), starts_at=starts_at, **fields)


@pytest.mark.parametrize(
    ("of_booking", "of_account", "german"),
    [
        ("de", "en", True),
        ("en", "de", False),
        ("", "de", True),
        ("", "", False),
        ("fr", "de", True),
        ("zz", "", False),
    ],
)
def test_the_language_is_the_booking_s_else_the_account_s(
    alice, show, of_booking, of_account, german
):
    booking = book_seats(alice, show, "A1", language=of_booking)
    User.objects.update(language=of_account)
    text = booked(booking)
    assert ("Ihre Plätze sind gebucht" in text, "Your seats are booked" in text) == (
        german,
        not german,
    )


@pytest.mark.parametrize("language", ["fr", "zz", "de-XX", "EN", "../de", "x" * 10])
def test_a_language_that_nobody_translated_falls_back_as_a_whole(alice, show, language):
    booking = book_seats(alice, show, "A1")
    english = booked(booking)
    Booking.objects.update(language=language)
    assert booked(booking) == english


def test_a_mail_about_an_account_is_in_its_language_else_in_that_of_the_request(alice):
    changed = (MailKind.PASSWORD_CHANGED, AccountEventKind.PASSWORD_CHANGED)
    assert "Ihr Passwort" in said(mail_of_account(alice, *changed, language="de"))
    User.objects.update(language="en")
    alice.refresh_from_db()
    assert "Your password" in said(mail_of_account(alice, *changed, language="de"))


def test_a_mail_leaves_the_language_of_the_worker_as_it_is(alice, show):
    booked(book_seats(alice, show, "A1", language="de"))
    assert "Your seats" in booked(book_seats(alice, show, "A2", language="en"))


@pytest.mark.parametrize(
    ("zone", "city", "language", "written"),
    [
        ("Europe/Vienna", "Wien", "de", "20:15 Uhr (Ortszeit Wien)"),
        ("Europe/Vienna", "Vienna", "en", "20:15 (Vienna time)"),
        ("America/New_York", "New York", "en", "2:15\u202fPM (New York time)"),
        ("America/New_York", "New York", "de", "14:15 Uhr (Ortszeit New York)"),
        ("Asia/Tokyo", "Tokyo", "en", "04:15 (Tokyo time)"),
    ],
)
def test_times_are_by_the_cinema_s_clock_in_the_form_of_the_language(
    alice, zone, city, language, written
):
    show = show_in(zone, city, datetime(NEXT_YEAR, 1, 20, 19, 15, tzinfo=UTC))
    text = booked(book_seats(alice, show, "A1", language=language))
    when = next(line for line in text.splitlines() if line.startswith(("When", "Wann")))
    assert when.endswith(written)


@pytest.mark.parametrize(
    ("hour", "language", "written"),
    [
        (0, "en", "02:30 (Central European Summer Time) (Vienna time)"),
        (1, "en", "02:30 (Central European Standard Time) (Vienna time)"),
        (0, "de", "02:30 Uhr (Mitteleuropäische Sommerzeit) (Ortszeit Wien)"),
        (1, "de", "02:30 Uhr (Mitteleuropäische Normalzeit) (Ortszeit Wien)"),
    ],
)
def test_in_the_hour_that_comes_twice_it_says_which(alice, hour, language, written):
    last_sunday = max(
        day
        for day in (datetime(NEXT_YEAR, 10, n, hour, 30, tzinfo=UTC) for n in range(25, 32))
        if day.weekday() == 6
    )
    show = show_in("Europe/Vienna", "Vienna", last_sunday)
    text = booked(book_seats(alice, show, "A1", language=language))
    assert written in text
    assert text.count(written) == 1
    before = show_in("Europe/Vienna", "Graz", last_sunday - timedelta(hours=5))
    assert "European" not in booked(book_seats(alice, before, "A1", language="en"))


@pytest.mark.parametrize(
    ("zone", "currency", "language", "written"),
    [
        ("Europe/Berlin", "EUR", "de", "12,50\xa0€"),
        ("Europe/Berlin", "EUR", "en", "€12.50"),
        ("Europe/Zurich", "CHF", "de", "CHF\xa012.50"),
        ("America/New_York", "USD", "en", "$12.50"),
        ("Asia/Tokyo", "JPY", "en", "JP¥1,500"),
        ("Asia/Tokyo", "JPY", "de", "1.500\xa0¥"),
    ],
)
def test_money_is_in_the_form_of_the_language_and_the_place(
    alice, zone, currency, language, written
):
    show = show_in(zone, "City", datetime(NEXT_YEAR, 1, 20, 19, 15, tzinfo=UTC), currency)
    assert f": {written}\n" in booked(book_seats(alice, show, "A1", language=language))


def test_languages_and_ticket_types_have_names_of_the_reader_s_language(alice, show):
    type(show).objects.update(language="pt-BR", subtitles="de yue", captions=True)
    text = booked(book_seats(alice, show, "A1", language="de"))
    assert "2D, Portugiesisch (Brasilien), Untertitel: Deutsch und Kantonesisch, mit " in text
    assert "Erwachsene: 1" in text


def test_a_ticket_type_that_staff_named_keeps_its_name(alice, show):
    booking = book_seats(alice, show, "A1", language="de")
    type(booking.tickets.get().type).objects.filter(code="adult").update(name="Your password")
    assert "Karten: Your password: 1" in booked(booking)
