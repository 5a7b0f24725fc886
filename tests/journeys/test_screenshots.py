"""The pictures in docs/images/storefront, of the demo at one moment: `make screenshots` draws them again."""

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from marquee.catalog.models import Cinema, Show
from tests.journeys.screens import PHONE
from tests.journeys.steps import fill_contact

pytestmark = pytest.mark.skipif(
    os.environ.get("UPDATE_SCREENSHOTS") != "1", reason="only `make screenshots` draws them"
)
DIRECTORY = Path(__file__).parents[2] / "docs" / "images" / "storefront"
NOW = datetime(2031, 6, 13, 14, 0, tzinfo=UTC)
LARGEST = 60 * 1024
DESKTOP = {"viewport": {"width": 1200, "height": 800}}


@pytest.fixture
def demo(visitor, monkeypatch):
    """Load the demo at a moment at which all clocks stand still: Django's and SQLite's."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    connection_created.connect(stop_clock)
    stop_clock(connection)
    call_command("load_demo", verbosity=0)
    yield
    connection_created.disconnect(stop_clock)
    connection.close()


def stop_clock(connection, **signal):
    """Make `now` NOW in a connection to SQLite."""
    connection.ensure_connection()
    real = sqlite3.connect(":memory:", check_same_thread=False)

    def strftime(layout, moment, *modifiers):
        moment = f"{NOW:%Y-%m-%d %H:%M:%S}" if moment == "now" else moment
        values = [layout, moment, *modifiers]
        marks = ", ".join("?" * len(values))
        return real.execute(f"SELECT strftime({marks})", values).fetchone()[0]

    connection.connection.create_function("strftime", -1, strftime)


def draw(page, name):
    """Write what the window shows as a small picture."""
    page.wait_for_load_state("networkidle")
    picture = Image.open(BytesIO(page.screenshot()))
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for quality in range(80, 20, -10):
        picture.save(DIRECTORY / f"{name}.webp", quality=quality, method=6)
        if (DIRECTORY / f"{name}.webp").stat().st_size <= LARGEST:
            return
    pytest.fail(f"{name} is too large.")


def test_pictures_of_the_storefront(visitor, demo):
    desktop, phone = visitor(DESKTOP), visitor(PHONE, language="de", color_scheme="dark")
    cinema = Cinema.objects.get(city="London")
    for page, name in ((desktop, "whats-on"), (phone, "whats-on-phone")):
        page.goto(f"/?cinema={cinema.pk}")
        draw(page, name)
    shows = Show.objects.filter(auditorium__cinema=cinema, starts_at__gt=NOW + timedelta(days=6))
    show = shows.order_by("starts_at", "pk")[0]
    for page, name in ((desktop, "seats"), (phone, "seats-phone")):
        page.goto(f"/shows/{show.pk}/?best=1&count=2")
        expect(page.locator("input[name=seat]:checked")).to_have_count(2)
        if page is phone:
            page.locator(".seats-part").evaluate("(seats) => seats.scrollIntoView()")
        draw(page, name)
    phone.locator(".pay .button").tap()
    expect(phone.locator(".button.book")).to_be_visible()
    draw(phone, "checkout-phone")
    fill_contact(phone)
    phone.locator(".button.book").tap()
    expect(phone.locator(".reference")).to_be_visible()
    draw(phone, "booking-phone")
