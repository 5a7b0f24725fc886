"""The page of seats while it stays open: what becomes of the show, and of its seats, is noticed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marquee.booking.operations import call_off, cancel
from marquee.catalog.models import Show
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)
from tests.journeys.checks import axe, focus, targets


def look_again(page):
    """Let the page ask now, as it does every four seconds: its visitor comes back to it."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@pytest.fixture
def show(visitor):
    """Return a show tomorrow, with 28 seats."""
    cinema = make_cinema(name="Gartenbaukino")
    return make_show(
        make_auditorium(cinema, name="Screen One"),
        movie=make_movie(title="Vertigo"),
        price_card=make_price_card(cinema),
    )


def test_a_show_that_is_called_off_says_so_while_its_page_is_open(desktop, show):
    desktop.goto(f"/shows/{show.pk}/?seat=A1")
    desktop.locator("input[value=A1]").focus()
    call_off(show=show, reason="The projector broke.")
    for _ in range(2):  # at once: what is said twice would lose the focus
        look_again(desktop)

    change = desktop.get_by_role("alert")
    expect(change).to_contain_text("This show does not take place")
    expect(change).to_contain_text("The projector broke.")
    expect(desktop.get_by_role("button", name="Continue")).to_have_count(0)
    assert focus(desktop) == "This show does not take place"
    axe(desktop)
    desktop.get_by_role("link", name="Other shows of this movie").click()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("Vertigo")


def test_the_best_seats_are_seen_on_a_phone_as_soon_as_they_are_chosen(phone, show):
    phone.goto(f"/shows/{show.pk}/")
    phone.get_by_role("button", name="Choose the best seats").tap()

    for seat in phone.locator(".seat:has(input:checked)").all():
        expect(seat).to_be_in_viewport(ratio=1)
    expect(phone.locator("#status")).to_contain_text("chosen")


def test_the_list_shows_seats_that_become_free_and_not_those_that_go(phone, show):
    gone = book_seats(make_user(), show, "A2")
    phone.goto(f"/shows/{show.pk}/?view=list&seat=A1")
    box = phone.locator("input[name=seat][value=A1]")
    expect(box).to_be_checked()
    expect(phone.locator("input[value=A2]")).to_be_hidden()
    box.focus()
    cancel(booking=gone)
    book_seats(make_user(), show, "A1", "B5")
    look_again(phone)

    expect(phone.locator("input[value=A2]")).to_be_visible()
    expect(phone.locator("input[value=B5]")).to_be_hidden()
    expect(phone.locator("#lost")).to_contain_text("A1")
    assert focus(phone) == "A1"
    expect(box).not_to_be_checked()
    axe(phone)
    phone.keyboard.press("Tab")
    expect(box).to_be_hidden()


def test_a_show_that_moves_and_one_whose_sale_ends_say_so(visitor, show):
    page = visitor()
    page.goto(f"/shows/{show.pk}/")
    starts_at, ends_at = (timezone.now() + timedelta(days=3, hours=hours) for hours in (0, 2))
    shows = Show.objects.filter(pk=show.pk)
    shows.update(starts_at=starts_at, ends_at=ends_at, occupied_until=ends_at)
    look_again(page)
    change = page.locator("#change")
    expect(change).to_contain_text("This show was moved")
    expect(change).to_contain_text("Gartenbaukino")
    axe(page)
    targets(page)

    page.get_by_role("link", name="Choose seats anew").click()
    expect(page.get_by_role("grid")).to_be_visible()
    shows.update(sales_until=timezone.now())
    look_again(page)
    expect(change).to_contain_text("no longer sold here")
