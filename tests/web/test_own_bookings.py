"""My bookings: of the account and of the visitor, those to come first."""

from datetime import timedelta

import pytest

from marquee.booking.operations import call_off, cancel
from marquee.catalog.records import Translation
from marquee.web.storefront import own_bookings
from tests.factories import (
    book_seats,
    end_show,
    expire_hold,
    make_movie,
    make_show,
    make_user,
)
from tests.web.html import GERMAN, text

pytestmark = pytest.mark.django_db


def show_of(title, **fields):
    return make_show(movie=make_movie(title=title), **fields)


def titles(page):
    return [
        piece.partition("</strong>")[0] for piece in page.content.decode().split("<strong>")[1:]
    ]


def test_those_to_come_are_first_and_the_next_of_them_before_all(client, alice):
    client.force_login(alice)
    later, soon = show_of("Later", starts_in=timedelta(days=3)), show_of("Soon")
    over, gone, off = show_of("Over"), show_of("Gone"), show_of("Off", starts_in=timedelta(days=2))
    for show in (later, soon, over, off):
        book_seats(alice, show, "A1")
    cancel(booking=book_seats(alice, gone, "A2"))
    expire_hold(book_seats(alice, later, "B1", hold=True))
    call_off(show=off)
    end_show(over)
    page = client.get("/bookings/")
    assert titles(page) == ["Soon", "Off", "Later", "Later", "Gone", "Over"]
    says = text(page)
    for part in (
        "To come",
        "Called off by the cinema",
        "Earlier and cancelled",
        "No longer held",
        "The show is over",
    ):
        assert part in says


def test_nobody_sees_bookings_of_others(client, alice, show):
    book_seats(make_user("Bob"), show, "A1")
    for _ in range(2):
        assert "No bookings here yet" in text(client.get("/bookings/"))
        client.force_login(alice)


def test_without_any_the_page_leads_on(client):
    page = client.get("/bookings/").content.decode()
    assert 'href="/"' in page
    assert "/log-in/?next=/bookings/" in page


def test_hostile_titles_are_text(client, alice):
    client.force_login(alice)
    book_seats(alice, show_of("<script>alert(1)</script>"), "A1")
    assert "<script>alert" not in client.get("/bookings/").content.decode()


@pytest.mark.parametrize("number", ["0", "-1", "x", "99", "1\x00", "9" * 5000])
def test_a_page_that_is_not_there_is_a_404(client, alice, number):
    client.force_login(alice)
    assert client.get("/bookings/", {"page": number}).status_code == 404


def test_older_bookings_are_on_further_pages(client, alice, show, monkeypatch):
    monkeypatch.setattr(own_bookings, "PER_PAGE", 2)
    client.force_login(alice)
    for _ in range(3):
        cancel(booking=book_seats(alice, show, "A1"))
        show = make_show()
    book_seats(alice, show, "B1")
    first, second = client.get("/bookings/"), client.get("/bookings/?page=2")
    assert (len(titles(first)), len(titles(second))) == (3, 1)
    assert "Older" in text(first)
    assert "Newer" in text(second)


def test_the_page_costs_few_statements_for_any_number(
    client, alice, show, django_assert_num_queries
):
    client.force_login(alice)
    for seat in ("A1", "A2", "A3"):
        book_seats(alice, show, seat)
    client.get("/bookings/")  # notes that the login is used
    with django_assert_num_queries(5):  # session, account; those to come, the others; all of them
        client.get("/bookings/")


def test_the_page_speaks_german(client, alice, show):
    client.force_login(alice)
    book_seats(alice, show, "A1")
    assert "Demnächst" in text(client.get("/bookings/", headers=GERMAN))


def test_titles_are_in_the_language_of_the_page(client, alice):
    client.force_login(alice)
    translations = [Translation("de", "Der dritte Mann", "")]
    show = make_show(movie=make_movie(title="The Third Man", translations=translations))
    booking = book_seats(alice, show, "A1")
    hold = book_seats(alice, show, "A2", hold=True)
    path = f"/bookings/{booking.reference}/"
    pages = ["/bookings/", path, f"{path}cancel/", f"{path}seats/", "/account/delete/"]
    for page in (*pages, f"/checkout/{hold.reference}/"):
        assert "Der dritte Mann" in text(client.get(page, headers=GERMAN))
        assert "The Third Man" in text(client.get(page))


@pytest.mark.parametrize(("page", "statements"), [("", 1), ("cancel/", 1), ("seats/", 4)])
def test_one_statement_reads_a_booking_its_show_and_its_tickets(
    client, alice, show, page, statements, django_assert_num_queries
):
    path = f"/bookings/{book_seats(alice, show, 'A1', 'A2').reference}/{page}"
    client.force_login(alice)
    client.get(path)  # notes that the login is used, and fills the caches
    with django_assert_num_queries(2 + statements):  # session and account
        client.get(path)
