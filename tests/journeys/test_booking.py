"""The whole way of a customer: from what is on to a booking."""

import re

import pytest
from playwright.sync_api import expect

from marquee.booking.models import Booking
from marquee.booking.operations import call_off
from tests.factories import book_seats, expire_hold, make_user
from tests.journeys.checks import SEAT_PAGE, axe, budget, focus, press, targets
from tests.journeys.screens import PHONE
from tests.journeys.steps import choose, continue_to_checkout, fill_contact, see_no_more, statuses

PASSWORD = "correct horse battery"


@pytest.mark.both_engines
def test_a_guest_books_chosen_seats_by_mouse_and_back_and_reload_book_no_more(desktop, show):
    desktop.goto("/")
    desktop.locator(".days a").nth(1).click()
    desktop.locator(f'a[href*="/shows/{show.pk}/"]').first.click()
    budget(desktop, desktop.watch, SEAT_PAGE)
    axe(desktop)
    targets(desktop)
    choose(desktop, "A1", "A2")
    expect(desktop.locator("#status")).to_have_text("A1, A2 chosen, €25.00 in all")
    assert desktop.url.endswith("?seat=A1&seat=A2&type-A1=adult&type-A2=adult")
    axe(desktop)
    desktop.get_by_label("Ticket for A2").select_option("child")
    expect(desktop.locator("#status")).to_have_text("A1, A2 chosen, €21.50 in all")
    desktop.reload()
    expect(desktop.locator("#status")).to_have_text("A1, A2 chosen, €21.50 in all")
    assert statuses() == []

    continue_to_checkout(desktop)
    assert statuses() == [("held", ["A1", "A2"])]
    budget(desktop, desktop.watch)
    axe(desktop)
    targets(desktop)
    desktop.reload()
    desktop.go_back()
    expect(desktop.get_by_text("held for you until")).to_be_visible()
    axe(desktop)
    desktop.get_by_role("link", name="Continue with these").click()
    fill_contact(desktop)
    desktop.get_by_role("button", name=re.compile("^Book")).dblclick()

    expect(desktop.get_by_text("Vertigo").first).to_be_visible()
    expect(desktop).to_have_url(re.compile("/bookings/[0-9A-Z]{8}/$"))
    axe(desktop)
    targets(desktop)
    desktop.go_back()
    desktop.reload()
    assert statuses() == [("confirmed", ["A1", "A2"])]
    assert Booking.objects.get().user.address == "ada@example.com"


def test_best_seats_are_booked_on_a_phone_in_german_by_touch(visitor, show):
    phone = visitor(PHONE, language="de", color_scheme="dark")
    phone.goto(f"/shows/{show.pk}/")
    targets(phone)
    phone.get_by_label("Wie viele?").select_option("3")
    phone.get_by_role("button", name=re.compile("beste", re.IGNORECASE)).tap()
    expect(phone.locator("input[name=seat]:checked")).to_have_count(3)
    axe(phone)
    targets(phone)
    phone.get_by_role("button", name="Weiter").tap()
    expect(phone).to_have_url(re.compile("/checkout/"))
    axe(phone)
    targets(phone)
    phone.get_by_label("Name").fill("Ada")
    phone.get_by_label("E-Mail", exact=False).first.fill("ada@example.com")
    phone.locator("button.book").tap()

    expect(phone).to_have_url(re.compile("/bookings/"))
    axe(phone)
    targets(phone)
    assert [status for status, _ in statuses()] == ["confirmed"]


def test_the_whole_way_goes_by_keys_alone(desktop, show):
    desktop.goto("/")
    desktop.keyboard.press("Tab")
    assert focus(desktop) == "Skip to content"
    desktop.keyboard.press("Enter")
    press(desktop, "Tab", re.compile("Tomorrow"))
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Vertigo")).to_be_visible()
    press(desktop, "Tab", re.compile("19:15"))
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("grid")).to_be_visible()

    press(desktop, "Tab", "A1")
    for key, seat_there in (
        ("End", "A10"), ("ArrowDown", "B10"), ("Home", "B1"), ("ArrowDown", "C1"), ("ArrowUp", "B1"),
        ("ArrowRight", "B2"), ("ArrowLeft", "B1"),
    ):  # fmt: skip
        desktop.keyboard.press(key)
        assert focus(desktop) == seat_there
    desktop.keyboard.press("Space")
    expect(desktop.locator("#status")).to_have_text("B1 chosen, €15.00 in all")
    assert focus(desktop) == "B1"
    press(desktop, "Tab", "Continue")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Check and book")
    press(desktop, "Tab", "id_name")
    desktop.keyboard.type("Ada")
    press(desktop, "Tab", "id_email")
    desktop.keyboard.type("ada@example.com")
    press(desktop, "Tab", re.compile("^Book"))
    desktop.keyboard.press("Enter")

    expect(desktop).to_have_url(re.compile("/bookings/"))
    assert statuses() == [("confirmed", ["B1"])]


@pytest.mark.both_engines
def test_of_two_customers_racing_for_a_seat_one_is_offered_others(visitor, show):
    first, second = visitor(), visitor(PHONE)
    second.watch.expect(409)
    for page in (first, second):
        page.goto(f"/shows/{show.pk}/?seat=A1&seat=A2")
    see_no_more(second)
    continue_to_checkout(first)
    second.get_by_role("button", name="Continue").tap()

    expect(
        second.get_by_role("heading", name=re.compile("taken|gone|else", re.IGNORECASE))
    ).to_be_visible()
    axe(second)
    targets(second)
    assert focus(second) is not None
    assert statuses() == [("held", ["A1", "A2"])]


def test_at_the_end_of_a_hold_whose_seats_went_others_can_be_chosen(desktop, show):
    desktop.watch.expect(409)
    desktop.goto(f"/shows/{show.pk}/?seat=A1")
    continue_to_checkout(desktop)
    fill_contact(desktop)
    expire_hold(Booking.objects.get())
    book_seats(make_user(), show, "A1")
    desktop.get_by_role("button", name=re.compile("^Book")).click()

    expect(desktop.get_by_role("heading", level=1)).to_have_text(
        "Somebody else has these seats now"
    )
    axe(desktop)
    targets(desktop)
    desktop.get_by_role("link", name="Choose other seats").click()
    expect(desktop.get_by_role("grid")).to_be_visible()


def test_a_show_called_off_during_checkout_is_told(desktop, show):
    desktop.watch.expect(409)
    desktop.goto(f"/shows/{show.pk}/?seat=A1")
    continue_to_checkout(desktop)
    fill_contact(desktop)
    call_off(show=show, reason="The projector broke.")
    desktop.get_by_role("button", name=re.compile("^Book")).click()

    expect(desktop.get_by_text("The projector broke.")).to_be_visible()
    axe(desktop)
    desktop.get_by_role("link", name="Other shows of this movie").click()
    axe(desktop)
    desktop.goto(f"/shows/{show.pk}/")
    axe(desktop)
    targets(desktop)


def test_logging_in_half_way_loses_nothing(visitor, show):
    phone = visitor(PHONE)
    make_user(email="ada@example.com", name="Ada", password=PASSWORD)
    phone.goto(f"/shows/{show.pk}/?seat=A1&seat=A2")
    continue_to_checkout(phone)
    phone.locator(".login").get_by_role("link", name="Log in").tap()
    phone.get_by_label("E-mail", exact=False).first.fill("ada@example.com")
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.locator("main").get_by_role("button", name="Log in").tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Check and book")
    axe(phone)
    targets(phone)
    phone.locator("button.book").tap()

    expect(phone).to_have_url(re.compile("/bookings/"))
    assert statuses() == [("confirmed", ["A1", "A2"])]
    assert Booking.objects.get().user.address == "ada@example.com"


@pytest.mark.both_engines
def test_without_javascript_a_guest_books_from_the_list_and_gives_seats_back(visitor, show):
    phone = visitor(PHONE, java_script_enabled=False)
    phone.goto(f"/shows/{show.pk}/")
    choose(phone, "A1")
    phone.get_by_role("button", name="Continue").tap()
    expect(phone.get_by_label("Ticket for A1")).to_be_visible()  # types are chosen before the hold
    continue_to_checkout(phone)
    phone.get_by_role("button", name="Give the seats back").tap()
    expect(phone).to_have_url(re.compile("/shows/.*seat=A1"))
    assert statuses() == [("cancelled", ["A1"])]
    phone.get_by_role("link", name="Only free seats, as a list").tap()
    phone.get_by_role("checkbox", name=re.compile("^B3")).check()
    phone.get_by_role("button", name="Continue").tap()
    expect(phone.get_by_label("Ticket for B3")).to_be_visible()
    continue_to_checkout(phone)
    fill_contact(phone)
    phone.locator("button.book").tap()

    expect(phone).to_have_url(re.compile("/bookings/"))
    assert [status for status, _ in statuses()].count("confirmed") == 1
