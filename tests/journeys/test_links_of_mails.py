"""The pages that links in mails open, and pages about errors, in a real browser."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from marquee.booking.links import booking_link_token
from marquee.booking.models import Booking
from marquee.booking.operations import call_off
from marquee.booking.records import Actor
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_show,
    make_staff,
    make_user,
)
from tests.journeys.checks import axe, budget, focus, press, targets
from tests.journeys.screens import PHONE

EVENING = datetime(2031, 6, 14, 20, 15, tzinfo=ZoneInfo("Europe/Vienna"))


@pytest.fixture
def booking(visitor):
    auditorium = make_auditorium(make_cinema(name="Gartenbaukino"), name="Screen One")
    show = make_show(auditorium, movie=make_movie(title="Vertigo"), starts_at=EVENING)
    return book_seats(make_user(), show, "A1", "A2")


def open_link(page, booking):
    page.goto(f"/bookings/link/?token={booking_link_token(booking)}")


@pytest.mark.both_engines
def test_a_booking_is_opened_by_its_link_and_cancelled_by_keys_alone(desktop, booking):
    open_link(desktop, booking)
    expect(desktop.get_by_text("Saturday, 14 June 2031, 20:15")).to_be_visible()
    assert desktop.url.endswith(f"/bookings/{booking.reference}/")
    budget(desktop, desktop.watch)
    axe(desktop)
    targets(desktop)

    desktop.keyboard.press("Tab")
    assert focus(desktop) == "Skip to content"
    desktop.keyboard.press("Enter")
    press(desktop, "Tab", "Cancel the booking")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Cancel this booking?")
    axe(desktop)
    press(desktop, "Tab", "Cancel all seats")
    desktop.keyboard.press("Enter")

    expect(desktop.get_by_text("cancelled").first).to_be_visible()
    assert Booking.objects.get(pk=booking.pk).status == "cancelled"
    desktop.go_back()
    desktop.reload()
    axe(desktop)


def test_a_show_called_off_is_told_on_a_phone_in_german_and_in_the_dark(visitor, booking):
    phone = visitor(PHONE, language="de", color_scheme="dark")
    call_off(show=booking.show, reason="The projector broke.", actor=Actor.staff(make_staff().pk))
    open_link(phone, booking)

    expect(phone.get_by_role("heading", level=2)).to_have_text(re.compile("findet nicht statt"))
    expect(phone.get_by_text("Samstag, 14. Juni 2031, 20:15 Uhr")).to_be_visible()
    axe(phone)
    targets(phone)
    phone.get_by_role("button", name="English").tap()
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    expect(phone.get_by_text("Saturday, 14 June 2031, 20:15")).to_be_visible()


def test_a_link_for_a_new_password_is_asked_for_on_a_phone_without_javascript(visitor):
    phone = visitor(PHONE, java_script_enabled=False)
    phone.watch.expect(400)
    phone.goto("/password-reset/")
    phone.get_by_role("button", name="Mail me a link").tap()
    expect(phone).to_have_title(re.compile("^Error: "))
    phone.get_by_role("textbox").fill("alice@example.com")
    phone.get_by_role("button", name="Mail me a link").tap()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Look into your mail")


def test_pages_about_errors_lead_on(desktop):
    desktop.watch.expect(404)
    desktop.goto("/bookings/ABCDEFGH/")
    expect(desktop.get_by_role("heading", level=1)).to_be_visible()
    axe(desktop)
    targets(desktop)
    budget(desktop, desktop.watch)
