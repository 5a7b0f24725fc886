"""The page of seats while it stays open: what becomes of the show, and of its seats, is noticed."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marquee.booking.operations import call_off
from marquee.catalog.models import Show
from tests.factories import make_auditorium, make_cinema, make_movie, make_price_card, make_show
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
    look_again(desktop)

    change = desktop.get_by_role("alert")
    expect(change).to_contain_text("This show does not take place")
    expect(change).to_contain_text("The projector broke.")
    expect(desktop.get_by_role("button", name="Continue")).to_have_count(0)
    assert focus(desktop) == "This show does not take place"
    axe(desktop)
    desktop.get_by_role("link", name="Other shows of this movie").click()
    expect(desktop.get_by_role("heading", level=1)).to_contain_text("Vertigo")


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
