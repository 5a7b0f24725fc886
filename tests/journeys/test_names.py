"""The names and states that screen readers speak, in both languages."""

import re

import pytest
from playwright.sync_api import expect

from marquee.booking.operations import call_off
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)
from tests.journeys.steps import choose, tomorrow_at

# A line of a snapshot: the role, the name, and what is so, such as `[checked]`.
LINE = re.compile(r"""^ *- '?(\w+)(?: "(.+)")?( \[.+\])?'?(?:: "?(.+?)"?)?:?$""", re.MULTILINE)
ENGLISH = {
    "shows": [
        "09:00 2D English, subtitles: German from €12.50 few seats left",
        "12:00 2D English, subtitles: German sold out",
        "15:00 2D English, subtitles: German from €12.50 on sale from",  # and then the day
        "18:00 2D English, subtitles: German called off",
    ],
    "grid": ["Seats, row by row from the screen back"],
    "seats": [
        "A1 taken",
        "A2, standard, €12.50 [checked]",
        "A3, premium, €15.00",
        "A4, wheelchair space, €12.50",
        "A5, companion seat, €12.50",
        "A6, recliner, €19.90",
    ],
    "own": "A2, yours already",
    "summary": ["Ticket for A2", "A2 chosen, €12.50 in all", "Continue"],
    "tables": ["Your seats", "A2 Adult €12.50", "Total €12.50"],
    "form": [
        "Name",
        "E-mail address",
        "Book 1 seat, €12.50, pay at the cinema",
        "Keep my seats",
        "Give the seats back",
    ],
}
GERMAN = {
    "shows": [
        "09:00 2D Englisch, Untertitel: Deutsch ab € 12,50 nur noch wenige Plätze",
        "12:00 2D Englisch, Untertitel: Deutsch ausverkauft",
        "15:00 2D Englisch, Untertitel: Deutsch ab € 12,50 im Verkauf ab",
        "18:00 2D Englisch, Untertitel: Deutsch abgesagt",
    ],
    "grid": ["Plätze, Reihe für Reihe von der Leinwand nach hinten"],
    "seats": [
        "A1 belegt",
        "A2, Standard, € 12,50 [checked]",
        "A3, Premium, € 15,00",
        "A4, Rollstuhlplatz, € 12,50",
        "A5, Platz für die Begleitung, € 12,50",
        "A6, Liegesitz, € 19,90",
    ],
    "own": "A2, schon Ihrer",
    "summary": ["Karte für A2", "A2 gewählt, zusammen € 12,50", "Weiter"],
    "tables": ["Ihre Plätze", "A2 Erwachsene € 12,50", "Gesamt € 12,50"],
    "form": [
        "Name",
        "E-Mail-Adresse",
        "1 Platz buchen, € 12,50, Zahlung im Kino",
        "Meine Plätze behalten",
        "Plätze freigeben",
    ],
}


@pytest.fixture
def cinema(visitor):
    """Return a cinema with a show in each state tomorrow, in an auditorium with each kind of seat."""
    cinema = make_cinema(name="Gartenbaukino")
    hall = make_auditorium(cinema, rows=("A: sspw_cr",), name="Screen One")
    kept = {"movie": make_movie(title="Vertigo"), "price_card": make_price_card(cinema)}
    later = {"sales_from": tomorrow_at(8)}
    on_sale, sold_out, _, called_off = (
        make_show(hall, starts_at=tomorrow_at(hour), language="en", subtitles="de", **kept, **own)
        for hour, own in ((9, {}), (12, {}), (15, later), (18, {}))
    )
    book_seats(make_user(), on_sale, "A1")
    book_seats(make_user(), sold_out, *(f"A{number}" for number in range(1, 7)))
    call_off(show=called_off, reason="The projector broke.")
    return cinema


def spoken(locator, *roles):
    """Return the names, states and texts of what has one of these roles, as far as it has any."""
    lines = LINE.findall(locator.aria_snapshot())
    return [text for role, *words in lines if role in roles and (text := "".join(words))]


@pytest.mark.parametrize(("language", "words"), [("en", ENGLISH), ("de", GERMAN)])
def test_what_screen_readers_speak(visitor, cinema, language, words):
    page = visitor(language=language)
    page.goto(f"/?cinema={cinema.pk}")
    page.locator(".days a").nth(1).click()
    expect(page.locator(".stubs a")).to_have_count(len(words["shows"]))
    shows = spoken(page.locator(".stubs"), "link")
    assert [said[: len(start)] for said, start in zip(shows, words["shows"], strict=True)] == words[
        "shows"
    ]

    page.locator(".stubs a").first.click()
    grid = page.get_by_role("grid")
    choose(page, "A2")
    assert spoken(grid, "grid") == words["grid"]
    taken, *free = words["seats"]
    assert spoken(grid, "checkbox") == free
    assert taken in spoken(grid, "gridcell")
    assert spoken(page.locator(".tickets-part, .pay").first, "combobox") == words["summary"][:1]
    assert spoken(page.locator(".pay"), "status", "button") == words["summary"][1:]

    page.locator(".pay button").click()
    contact = page.locator(".contact")
    expect(contact).to_be_visible()
    assert spoken(contact, "textbox", "button") == words["form"]
    tables = spoken(page.locator(".order"), "table", "row")
    assert [tables[0], *tables[2:]] == words["tables"]  # beside the row of headings
    page.go_back()
    page.reload()
    assert words["own"] in spoken(grid, "gridcell")
