"""What customers do on many of their ways."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from marquee.accounts.models import User
from marquee.booking.models import Booking
from marquee.catalog.local_time import business_day
from tests.journeys.site import HOST

VIENNA = ZoneInfo("Europe/Vienna")


def tomorrow_at(hour: int, minute: int = 0) -> datetime:
    """Return a time of the next business day, by Vienna's clock."""
    day = business_day(timezone.now().astimezone(VIENNA)) + timedelta(days=1)
    return datetime.combine(day, time(hour, minute), VIENNA)


def seat(page: Page, label: str) -> Locator:
    """Return the checkbox of a seat."""
    return page.locator(f'input[name=seat][value="{label}"]')


def choose(page: Page, *labels: str) -> None:
    """Click seats as a mouse or a finger does: on what is seen, not on the hidden checkbox."""
    for label in labels:
        page.locator(f'label:has(input[name=seat][value="{label}"])').click()


def see_no_more(page: Page) -> None:
    """Let nobody answer when the page looks, every four seconds, at what others took: however busy the machine."""
    page.route("**/availability/**", lambda _: None)


def fill_contact(page: Page, name: str = "Ada", email: str = "ada@example.com") -> None:
    """Say at the checkout who a guest is, in either language."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("E-mail", exact=False).first.fill(email)


def continue_to_checkout(page: Page) -> None:
    """Hold the seats that are chosen."""
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and book")


def statuses() -> Sequence[tuple[str, list[str]]]:
    """Return the status and the seats of each booking, oldest first."""
    bookings = Booking.objects.order_by("pk").prefetch_related("tickets__seat")
    return [
        (one.status, sorted(ticket.seat.label for ticket in one.tickets.all())) for one in bookings
    ]


def log_in(page: Page, user: User) -> None:
    """Give the browser a session of the account, as logging in does."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    session = client.cookies[name].value
    page.context.add_cookies([{"name": name, "value": session, "domain": HOST, "path": "/"}])
