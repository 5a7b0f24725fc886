"""Pages of shows that cannot be booked, and pages about errors, on a phone in German, light and dark."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marquee.booking.models import Booking
from marquee.booking.operations import call_off
from tests.factories import book_seats, end_show, make_auditorium, make_cinema, make_show, make_user
from tests.journeys.checks import axe, budget, targets
from tests.journeys.screens import PHONE
from tests.journeys.steps import log_in


def look(page, title):
    """Assert the title of a page, and that it is accessible."""
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    axe(page)
    targets(page)


@pytest.fixture
def phone(visitor):
    """Return a phone in German, where words are long."""
    return visitor(PHONE, language="de")


def test_shows_that_cannot_be_booked_say_why(phone):
    auditorium = make_auditorium(make_cinema(), rows=("A: ss",))
    tomorrow = timezone.now() + timedelta(days=1)
    sold_out, later, over, called_off = (
        make_show(auditorium, starts_at=tomorrow + timedelta(hours=3 * number), **fields)
        for number, fields in enumerate(({}, {"sales_from": tomorrow}, {}, {}))
    )
    book_seats(make_user(), sold_out, "A1", "A2")
    call_off(show=called_off, reason="Der Projektor ist defekt.")
    end_show(over)
    for show, title in (
        (sold_out, "Ausverkauft"),
        (later, "Diese Vorstellung ist noch nicht im Verkauf"),
        (over, "Diese Vorstellung ist vorbei"),
        (called_off, "Diese Vorstellung findet nicht statt"),
    ):
        phone.goto(f"/shows/{show.pk}/")
        look(phone, title)
    budget(phone, phone.watch)
    phone.goto("/?search=nichts+davon")
    look(phone, "Programm")


def test_errors_lead_on(phone, show, settings):
    settings.RESET_LIMIT = 1
    phone.watch.expect(403, 404, 409, 429)
    phone.goto("/shows/987654321/")
    look(phone, "Diese Seite gibt es nicht")
    budget(phone, phone.watch)
    for title in ("Sehen Sie in Ihre Mail", "Zu viele Versuche"):
        phone.goto("/password-reset/")
        phone.get_by_role("textbox").fill("alice@example.com")
        phone.locator("main button").tap()
        look(phone, title)
    phone.goto("/password-reset/")
    phone.context.clear_cookies()
    phone.locator("main button").tap()
    look(phone, "Dieses Formular ist veraltet")

    booking = book_seats(make_user(), show, "A1")
    log_in(phone, booking.user)
    phone.goto(f"/bookings/{booking.reference}/cancel/")
    Booking.objects.filter(pk=booking.pk).update(cancel_until=timezone.now())
    phone.locator("main button").first.tap()
    look(phone, "Für eine Stornierung ist es zu spät")
