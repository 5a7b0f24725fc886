"""What is on: by day, filter and search, and the pages of a movie and a cinema."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from marquee.catalog.local_time import business_day
from tests.factories import make_auditorium, make_cinema, make_movie, make_price_card, make_show
from tests.journeys.checks import STOREFRONT, axe, budget, targets
from tests.journeys.screens import PHONE


@pytest.fixture
def schedule(visitor):
    """Return a cinema with two movies tomorrow and one the day after, beside another cinema."""
    cinema = make_cinema(
        name="Gartenbaukino", address="Parkring 12, 1010 Wien", accessibility="Step-free."
    )
    prices = make_price_card(cinema)
    today = business_day(timezone.now().astimezone(ZoneInfo(cinema.timezone)))
    noon = datetime.combine(today + timedelta(days=1), time(11), UTC)
    plan = [("Amélie", "fr", 0), ("Vertigo", "en", 0), ("Metropolis", "de", 1)]
    for title, language, day in plan:
        movie = make_movie(title=title, original_language=language, synopsis=f"{title}, restored.")
        hall = make_auditorium(cinema)
        for hours in (0, 5):
            starts_at = noon + timedelta(days=day, hours=hours)
            make_show(hall, movie=movie, price_card=prices, starts_at=starts_at, language=language)
    other = make_cinema(name="Burgkino")
    make_show(make_auditorium(other), movie=make_movie(title="Nosferatu"), starts_at=noon)
    return cinema


@pytest.mark.both_engines
def test_a_movie_is_found_by_day_search_and_filter(desktop, schedule):
    desktop.goto("/")
    budget(desktop, desktop.watch, STOREFRONT)
    desktop.get_by_role("link", name="Gartenbaukino").first.click()
    days = desktop.get_by_role("navigation", name="Days").get_by_role("link")
    days.nth(1).click()
    expect(desktop.get_by_role("heading", name="Amélie")).to_be_visible()
    expect(desktop.get_by_role("heading", name="Metropolis")).to_have_count(0)
    axe(desktop)
    targets(desktop)

    desktop.get_by_role("searchbox").fill("AMELIE")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Vertigo")).to_have_count(0)
    expect(desktop.get_by_role("heading", name="Amélie")).to_be_visible()
    axe(desktop)
    desktop.get_by_role("searchbox").fill("nothing like this")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("link", name="Show all movies of this day")).to_be_visible()
    axe(desktop)
    desktop.go_back()
    desktop.reload()
    expect(desktop.get_by_role("heading", name="Amélie")).to_be_visible()

    desktop.get_by_role("heading", name="Amélie").get_by_role("link").click()
    expect(desktop.get_by_role("heading", level=1)).to_have_text("Amélie")
    axe(desktop)
    targets(desktop)
    desktop.get_by_role("heading", level=2).get_by_role("link", name="Gartenbaukino").click()
    expect(desktop.get_by_text("Parkring 12")).to_be_visible()
    axe(desktop)
    targets(desktop)


def test_a_phone_shows_the_schedule_in_german_and_in_the_dark(visitor, schedule):
    phone = visitor(PHONE, language="de", color_scheme="dark")
    phone.goto("/?day=2001-01-01&format=nonsense")
    phone.goto(f"/?cinema={schedule.pk}")
    phone.get_by_role("navigation", name="Tage").get_by_role("link").nth(1).tap()
    expect(phone.get_by_role("heading", name="Vertigo")).to_be_visible()
    phone.locator("summary").tap()
    axe(phone)
    targets(phone)
    phone.get_by_label("Mit freien Rollstuhlplätzen").check()
    phone.get_by_role("button", name="Filter anwenden").tap()
    expect(phone.get_by_role("heading", name="Vertigo")).to_be_visible()
    assert "accessible=1" in phone.url
