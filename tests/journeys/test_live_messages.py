"""What the pages say aloud (DESIGN 15): each message once, and where the focus is then."""

import re

from playwright.sync_api import expect

from marquee.booking.models import Booking
from tests.factories import book_seats, expire_hold, make_user
from tests.journeys.checks import axe, focus, targets
from tests.journeys.steps import choose, continue_to_checkout, fill_contact, seat, statuses
from tests.journeys.watching import listen, said

LEFT = "%s left to book these seats."
# The script of the countdown runs: from then on it says what it has to.
COUNTING = "#spoken:not([hidden])"
TIME_IS_UP = "The time is up. While the seats are free, you can still book them."


def test_the_time_left_is_spoken_once_at_5_2_and_1_minutes_and_at_the_end(desktop, show):
    desktop.clock.install()
    desktop.goto(f"/shows/{show.pk}/?seat=A1")
    continue_to_checkout(desktop)
    expect(desktop.locator(COUNTING)).to_be_attached()
    fill_contact(desktop)
    listen(desktop)
    for left, minutes, words in (
        (310, "5:", []),
        (295, "4:", [LEFT % "5 minutes"]),
        (130, "2:", []),
        (115, "1:", [LEFT % "2 minutes"]),
        (55, "0:", [LEFT % "1 minute"]),
        (0, "0:00", [TIME_IS_UP]),
    ):
        desktop.clock.run_for(1000 * (seconds_left(desktop) - left))
        assert desktop.locator("[data-clock]").text_content().startswith(minutes)
        assert said(desktop) == words
    desktop.clock.run_for("02:00")
    assert said(desktop) == []
    expect(desktop.locator(".up")).to_be_visible()
    assert focus(desktop) == "id_email"
    axe(desktop)

    # After the end, what was typed is still there, and a free seat can still be booked.
    expire_hold(Booking.objects.get())
    desktop.get_by_role("button", name=re.compile("^Book")).click()
    expect(desktop).to_have_url(re.compile("/bookings/"))
    assert statuses()[-1] == ("confirmed", ["A1"])


def seconds_left(page):
    """Return what the countdown shows. It runs while the page is opened, too, however long that takes."""
    minutes, seconds = page.locator("[data-clock]").text_content().split(":")
    return 60 * int(minutes) + int(seconds)


def test_a_computer_that_slept_says_only_what_is_so_by_now(desktop, show):
    desktop.clock.install()
    desktop.goto(f"/shows/{show.pk}/?seat=A1")
    continue_to_checkout(desktop)
    expect(desktop.locator(COUNTING)).to_be_attached()
    listen(desktop)
    desktop.clock.fast_forward(1000 * (seconds_left(desktop) - 40))
    assert said(desktop) == [LEFT % "1 minute"]


def test_a_choice_is_said_once_and_others_only_when_they_take_a_chosen_seat(
    desktop, show, settings
):
    settings.SEAT_LIMIT = 2
    desktop.clock.install()
    desktop.goto(f"/shows/{show.pk}/?seat=A1")
    expect(desktop.get_by_role("grid")).to_be_visible()
    expect(desktop.get_by_role("status")).to_have_text("A1 chosen, €12.50 in all")
    listen(desktop)
    choose(desktop, "A2")
    assert said(desktop) == ["A1, A2 chosen, €25.00 in all"]
    choose(desktop, "A3")
    assert said(desktop) == ["A1, A2 chosen, €25.00 in all. At most 2 seats can be chosen."]
    book_seats(make_user(), show, "A9", "A10")
    desktop.clock.run_for("00:05")
    expect(desktop.locator("td.taken")).to_have_count(2)
    assert said(desktop) == []

    seat(desktop, "A1").focus()
    book_seats(make_user(), show, "A1")
    desktop.clock.run_for("00:05")
    expect(desktop.locator("#lost a")).to_be_visible()
    assert focus(desktop) == "A1 taken"
    status, alert = said(desktop)
    assert status == "A2 chosen, €12.50 in all"
    assert re.fullmatch(r"A1: somebody else was faster. Free instead: A\d, A\d", alert)
    desktop.clock.run_for("00:10")
    assert said(desktop) == []
    axe(desktop)
    desktop.locator("#lost a").click()
    expect(desktop.locator("input[name=seat]:checked")).to_have_count(2)


def test_what_the_server_refuses_or_advises_has_the_focus(desktop, show):
    desktop.watch.expect(400, 409)
    desktop.goto(f"/shows/{show.pk}/")
    choose(desktop, "A2")
    desktop.get_by_role("button", name="Continue").click()
    advice = desktop.locator("#notice")
    expect(advice).to_be_focused()
    expect(advice.get_by_role("heading")).to_have_text("Your choice would leave A1 alone")
    axe(desktop)
    targets(desktop)
    advice.get_by_role("button", name="Keep mine").click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Check and book")

    desktop.get_by_role("button", name=re.compile("^Book")).click()
    expect(desktop.get_by_role("alert")).to_be_focused()
    expect(desktop.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    axe(desktop)
    fill_contact(desktop)
    desktop.get_by_role("button", name="Keep my seats").click()
    notice = desktop.get_by_role("group").filter(has_text="Your seats are kept until")
    expect(notice).to_be_focused()
    expect(desktop.get_by_role("button", name="Keep my seats")).to_have_count(0)
    expect(desktop.get_by_label("Name")).to_have_value("Ada")
    axe(desktop)
