"""My bookings, the page of one, other seats for it, and its printing."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import book_seats, make_user
from tests.journeys.checks import SEAT_PAGE, axe, budget, press, targets
from tests.journeys.screens import PHONE
from tests.journeys.steps import choose, log_in, see_no_more

PRINTED = {"media": "print", "color_scheme": "dark"}
COLORS = "(element) => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"
BLACK, WHITE = "rgb(0, 0, 0)", "rgb(255, 255, 255)"


@pytest.fixture
def booking(show):
    return book_seats(make_user("Ada"), show, "A1", "A2")


def seats_of(booking):
    """Return the seats of the valid tickets."""
    tickets = booking.tickets.filter(status="valid").order_by("seat")
    return [*tickets.values_list("seat__label", flat=True)]


def test_bookings_are_found_and_seats_changed_by_touch(visitor, booking, show):
    phone = visitor(PHONE)
    phone.goto("/bookings/")
    expect(phone.get_by_role("heading", name="No bookings here yet")).to_be_visible()
    axe(phone)
    targets(phone)
    log_in(phone, booking.user)
    phone.reload()
    axe(phone)
    targets(phone)
    phone.get_by_role("link", name=re.compile(booking.reference)).tap()
    phone.get_by_role("link", name="Change seats").tap()
    budget(phone, phone.watch, SEAT_PAGE)
    axe(phone)
    targets(phone)
    expect(phone.get_by_role("grid")).to_be_visible()
    choose(phone, "A2", "A3")
    phone.watch.expect(409)
    see_no_more(phone)
    book_seats(make_user(), show, "A3")
    phone.get_by_role("button", name="Change seats").tap()
    expect(phone.locator("#notice")).to_be_focused()
    axe(phone)
    targets(phone)
    assert seats_of(booking) == ["A1", "A2"]
    phone.get_by_role("link", name=re.compile("^Take")).first.tap()
    phone.get_by_role("button", name="Change seats").tap()

    expect(phone.get_by_role("status")).to_contain_text("Your seats have changed.")
    axe(phone)
    targets(phone)
    assert "A3" not in seats_of(booking) != ["A1", "A2"]


def test_bookings_are_found_and_seats_changed_by_keys_alone(desktop, booking):
    log_in(desktop, booking.user)
    desktop.goto("/bookings/")
    press(desktop, "Tab", re.compile(booking.reference))
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Vertigo")
    press(desktop, "Tab", "Change seats")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Change seats")
    press(desktop, "Tab", "A1")
    press(desktop, "ArrowRight", "A2")
    desktop.keyboard.press("Space")
    press(desktop, "ArrowRight", "A4")
    desktop.keyboard.press("Space")
    press(desktop, "Tab", "Change seats")
    desktop.keyboard.press("Enter")

    expect(desktop.get_by_role("status")).to_contain_text("Your seats have changed.")
    assert seats_of(booking) == ["A1", "A4"]


def test_a_large_booking_is_printed_black_on_white_on_one_page(desktop, show):
    labels = [f"A{number}" for number in range(1, 11)]
    booking = book_seats(make_user(), show, *labels)
    log_in(desktop, booking.user)
    desktop.goto(f"/bookings/{booking.reference}/")
    desktop.emulate_media(**PRINTED)
    for hidden in ("header.site", "footer.site", ".skip", "a.button", "button"):
        assert desktop.locator(f"{hidden}:visible").count() == 0, hidden
    for printed in (
        booking.reference,
        "Gartenbaukino",
        "Screen One",
        "A1, Adult, €12.50",
        "€125.00",
    ):
        expect(desktop.get_by_text(printed).first).to_be_visible()
    assert desktop.locator("body").evaluate(COLORS) == [BLACK, WHITE]
    axe(desktop)
    desktop.emulate_media(**PRINTED)
    for size in ("A4", "Letter"):
        assert len(re.findall(rb"/Type ?/Page\b", desktop.pdf(format=size))) == 1
