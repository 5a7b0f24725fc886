"""The page where seats are chosen: what it offers, what it refuses, and what it costs."""

import gzip
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import call_off
from marquee.catalog.models import Show, TicketType
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)
from tests.web.html import GERMAN, all_tables, text
from tests.web.test_seat_table import LARGE, OF_300

pytestmark = pytest.mark.django_db

ONE_TYPE = {("standard", "adult"): "12.50"}


@pytest.fixture
def show():
    """Return a show in an auditorium with each kind of seat."""
    cinema = make_cinema(name="Gartenbaukino")
    auditorium = make_auditorium(cinema, name="Screen One")
    return make_show(auditorium, movie=make_movie(title="Vertigo"), language="en", subtitles="de")


def url(show):
    return f"/shows/{show.pk}/"


def chosen(response):
    return re.findall(r'<input checked [^>]*value="([\w-]+)"', response.content.decode())


def data(response):
    html = response.content.decode()
    blocks = re.findall(r'<script id="(?:seat|show)-data"[^>]*>(.*?)</script>', html, re.DOTALL)
    return {name: value for block in blocks for name, value in json.loads(block).items()}


def tickets_of(booking):
    return sorted(Ticket.objects.filter(booking=booking).values_list("seat__label", "type_id"))


# --- What it says ---------------------------------------------------------------------------------


def test_the_page_says_what_is_shown_when_and_where(client, show):
    says = text(client.get(url(show)))

    for part in ("Vertigo", "Vienna time", "Gartenbaukino", "Screen One", "2D", "English", "subtitles: German"):  # fmt: skip
        assert part in says
    assert f'href="/cinemas/{show.auditorium.cinema_id}/"' in client.get(url(show)).content.decode()


def test_nothing_is_chosen_at_first(client, show):
    page = client.get(url(show))

    assert chosen(page) == []
    assert "No seats chosen yet" in text(page)


def test_a_show_that_is_not_there_gets_a_page(client, db):
    assert client.get("/shows/99/").status_code == 404
    assert client.get("/shows/99999999999999999999/").status_code == 404
    assert client.post("/shows/99/", {"seat": "A1"}).status_code == 404


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"sales_from": timezone.now() + timedelta(hours=5)}, "not on sale yet"),
        ({"sales_until": timezone.now() - timedelta(minutes=1)}, "no longer sold here"),
    ],
)
def test_a_show_that_is_not_on_sale_says_so_and_leads_on(client, fields, says):
    show = make_show(**fields)
    page = client.get(url(show))

    assert says in text(page)
    assert '<form class="choose"' not in page.content.decode()
    assert f'href="/movies/{show.movie_id}/"' in page.content.decode()


def test_a_show_that_is_called_off_says_why(client, show):
    call_off(show=show, reason="The projector is broken.")
    page = client.get(url(show))

    assert "This show does not take place" in text(page)
    assert "The projector is broken." in text(page)


def test_a_show_that_is_sold_out_says_so(client, alice):
    show = make_show(rows=["A: ss"])
    book_seats(alice, show, "A1", "A2")

    assert "This show is sold out" in text(client.get(url(show)))


def test_where_only_wheelchair_spaces_are_left_the_page_says_so(client, alice):
    show = make_show(rows=["A: sw"])
    book_seats(alice, show, "A1")
    page = client.get(url(show))

    assert "Only wheelchair spaces and companion seats are left." in text(page)
    assert '<form class="choose"' in page.content.decode()


def test_the_page_is_in_german(client, show):
    page = client.get(url(show), {"seat": "A1"}, headers=GERMAN)

    assert "A1 gewählt, zusammen €\xa012,50" in page.content.decode()
    assert data(page)["locale"] == "de-AT"


# --- The choice in the URL ------------------------------------------------------------------------


def test_the_url_chooses_seats(client, show):
    page = client.get(url(show), {"seat": ["A1", "b2"], "type-A1": "child", "utm_source": "mail"})

    assert chosen(page) == ["A1", "B2"]
    assert "A1, B2 chosen, €24.00 in all" in text(page)
    assert '<option value="child" selected>Child, €9.00</option>' in page.content.decode()


def test_taken_and_unknown_seats_are_explained_and_the_others_chosen(client, show, alice):
    book_seats(alice, show, "A1")
    page = client.get(url(show), {"seat": ["A1", "A2", "Z9", "<b>", "A\x01", "A" * 5000]})

    assert page.status_code == 200
    assert chosen(page) == ["A2"]
    assert "A1 is taken by now." in text(page)
    assert "There is no seat Z9, &lt;B&gt;, A?, AAAAAAAAAAAA… in this auditorium." in text(page)


def test_never_more_seats_are_chosen_than_a_customer_can_have(client, show, settings):
    settings.SEAT_LIMIT = 3
    page = client.get(url(show), {"seat": [f"A{number}" for number in range(1, 400)]})

    assert chosen(page) == ["A1", "A2", "A3"]
    assert "At most 3 seats can be chosen." in text(page)


def test_a_thousand_seats_in_a_url_get_a_page_that_explains(client, show):
    page = client.get(f"{url(show)}?" + "&".join(["seat=A1"] * 1500))

    assert page.status_code == 413
    assert page["Content-Type"].startswith("text/html")


def test_own_seats_are_named_with_a_way_to_the_booking(client, show):
    customer = make_user("Bob")
    client.force_login(customer)
    held = book_seats(customer, show, "A1", "A2", hold=True)
    book_seats(customer, show, "B1")
    page = client.get(url(show), {"seat": ["A1"]})

    assert f"/checkout/{held.reference}/" in page.content.decode()
    assert "A1, A2 held for you" in text(page).replace(" and ", ", ")
    assert "You have booked B1." in text(page)
    assert "A1, yours already" in text(page)
    assert "taken by now" not in text(page)
    assert data(page)["limit"] == 7


def test_free_seats_can_be_read_as_a_list(client, show, alice):
    book_seats(alice, show, "A1")
    page = client.get(url(show), {"view": "list", "seat": "A2"})
    html = page.content.decode()

    assert "<table" not in html
    assert re.search(r'hidden><input [^>]*value="A1" disabled>', html)
    assert not re.search(r'hidden><input [^>]*value="A3"', html)
    assert re.search(r'<input checked [^>]*value="A2"', html)
    assert "C1, wheelchair space, €12.50" in text(page)
    assert 'href="?seat=A2#choose"' in html


def test_looking_changes_nothing(client, show):
    before = all_tables()
    for query in ({}, {"seat": "A1"}, {"best": "1"}, {"view": "list"}):
        client.get(url(show), query)

    assert all_tables() == before


# --- Continue -------------------------------------------------------------------------------------


def send(client, show, *seats, **fields):
    types = {f"type-{seat}": "adult" for seat in seats}
    return client.post(url(show), {"seat": seats, "key": "a", **types, **fields})


def test_continue_holds_the_seats_and_leads_to_the_checkout(client, show):
    response = send(client, show, "A1", "A2", **{"type-A2": "child", "expected_total": "21.50"})
    booking = Booking.objects.get()

    assert response["Location"] == f"/checkout/{booking.reference}/"
    assert (booking.status, tickets_of(booking)) == ("held", [("A1", "adult"), ("A2", "child")])


def test_a_form_sent_twice_holds_once(client, show):
    first, second = send(client, show, "A1", "A2"), send(client, show, "A1", "A2")

    assert first["Location"] == second["Location"]
    assert Booking.objects.count() == 1


def test_without_a_script_the_types_are_asked_for_before_the_hold(client, show):
    response = client.post(url(show), {"seat": ["A1", "A2"], "key": "a"})

    assert response["Location"] == f"{url(show)}?seat=A1&seat=A2#tickets"
    assert not Booking.objects.exists()
    assert 'name="type-A1"' in client.get(response["Location"]).content.decode()


def test_where_there_is_one_type_nothing_is_asked(client):
    auditorium = make_auditorium(rows=["A: ssss"])
    show = make_show(auditorium, price_card=make_price_card(auditorium.cinema, ONE_TYPE))

    assert client.post(url(show), {"seat": ["A1", "A2"]})["Location"].startswith("/checkout/")


def test_a_form_without_a_seat_asks_for_one(client, show):
    page = client.post(url(show), {"key": "a"})

    assert page.status_code == 400
    assert "Choose at least one seat" in text(page)


def test_lost_seats_are_named_with_others_and_the_rest_stays_chosen(client, show, alice):
    book_seats(alice, show, "A1")
    page = send(client, show, "A1", "A2", **{"type-A2": "child"})

    assert page.status_code == 409
    assert "A1 is taken by now." in text(page)
    assert chosen(page) == ["A2"]
    others = re.findall(r'class="button" href="\?(seat=[^"#]*)', page.content.decode())
    assert others
    assert all(other.count("seat=") == 2 and "=child" in other for other in others)
    assert Booking.objects.count() == 1


def test_a_changed_price_is_asked_again(client, show):
    page = send(client, show, "A1", "A2", expected_total="20.00")

    assert page.status_code == 409
    assert "These seats cost €25.00 now." in text(page)
    assert chosen(page) == ["A1", "A2"]
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"type-A1": "king"}, "This ticket type is not sold for these seats"),
        ({"type-A1": "\x00"}, "This ticket type is not sold for these seats"),
        ({"seat": ["A1", "Z9"]}, "There is no seat Z9 in this auditorium."),
        ({"seat": ["A1", "A\x00"]}, "in this auditorium"),
        ({"expected_total": "NaN"}, "This cannot be booked"),
        ({"expected_total": "1e999999"}, "This cannot be booked"),
        ({"expected_total": "x" * 9000}, "This cannot be booked"),
    ],
)
def test_tampered_forms_are_explained_and_change_nothing(client, show, fields, says):
    page = send(client, show, "A1", "A2", **fields)

    assert (page.status_code, page["Content-Type"][:9]) == (400, "text/html")
    assert says in text(page)
    assert not Booking.objects.exists()


@pytest.mark.parametrize(
    ("type_", "says"),
    [
        ("king", "What was chosen here is not sold for this seat."),
        ("student", "Only the box office sells this: Student"),
        ("carer", "Carer needs a ticket in a wheelchair space."),
        ("child", "Child needs another ticket: Adult."),
    ],
)
def test_a_refused_ticket_type_is_explained_beside_its_ticket(client, type_, says):
    types = ["adult", "child", "carer", "student"]
    auditorium = make_auditorium(rows=["A: ssss", "B: w"])
    prices = {("standard", one): "9.00" for one in types}
    card = make_price_card(auditorium.cinema, prices, counter_only=[("standard", "student")])
    adult = TicketType.objects.get(code="adult")
    TicketType.objects.filter(code="child").update(needs_type=adult)
    TicketType.objects.filter(code="carer").update(needs_kind="wheelchair")
    page = send(client, make_show(auditorium, price_card=card), "A1", **{"type-A1": type_})
    html = page.content.decode()

    assert '<a href="#type-A1">Ticket for A1</a>: ' + says in " ".join(html.split())
    select = '<select name="type-A1" id="type-A1" aria-invalid="true" aria-describedby="error-A1"'
    assert select in html
    assert says in text(page).partition("Your tickets")[2]
    assert not Booking.objects.exists()


def test_companion_seats_alone_are_refused_beside_the_seats(client, show):
    page = send(client, show, "C3")

    assert page.status_code == 409
    assert "Each companion seat needs a wheelchair space" in text(page)
    assert chosen(page) == ["C3"]


def test_too_many_seats_are_refused(client, show, settings):
    settings.SEAT_LIMIT = 2
    page = send(client, show, "A1", "A2", "A3")

    assert page.status_code == 409
    assert "You can book 2 more seats of this show." in text(page)


def test_a_form_for_a_show_that_was_called_off_says_so(client, show):
    call_off(show=show, reason="")
    page = send(client, show, "A1")

    assert page.status_code == 409
    assert "This show does not take place" in text(page)


def test_forms_need_a_csrf_token(strict_client, show):
    assert send(strict_client, show, "A1").status_code == 403
    assert not Booking.objects.exists()


# --- Seats left alone -----------------------------------------------------------------------------


def test_a_choice_that_leaves_a_seat_alone_is_questioned_once(client):
    show = make_show(rows=["A: ssssss"])
    page = send(client, show, "A2", "A3")

    assert page.status_code == 409
    assert "Your choice would leave A1 alone" in text(page)
    assert "Keep mine" in text(page)
    assert not Booking.objects.exists()
    assert send(client, show, "A2", "A3", gap="keep")["Location"].startswith("/checkout/")


@pytest.mark.parametrize("policy", ["off", "refuse"])
def test_the_cinema_decides_about_single_gaps(client, policy):
    cinema = make_cinema(single_gaps=policy)
    show = make_show(make_auditorium(cinema, rows=["A: ssssss"]))
    response = send(client, show, "A2", "A3", gap="keep")

    assert response.status_code == (302 if policy == "off" else 409)
    if policy == "refuse":
        assert "Keep mine" not in text(response)
        assert "Take" in text(response)


# --- What it costs --------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "kilobytes"), [(OF_300, 12), (LARGE, 25)])
def test_the_page_is_small(client, rows, kilobytes):
    page = client.get(url(make_show(rows=rows)))

    assert len(gzip.compress(page.content, 6)) <= kilobytes * 1024


def test_the_page_takes_few_statements(client, show, django_assert_num_queries):
    client.get(url(show))
    with django_assert_num_queries(2):
        client.get(url(show), {"seat": ["A1", "A2"]})


def test_the_script_can_tell_when_the_show_is_no_longer_what_the_page_says(client, show):
    says = data(client.get(url(show)))

    def differs():
        now = client.get(says["availability"]).json()
        return {name for name, value in says["facts"].items() if now[name] != value}

    assert differs() == set()
    assert 0 < says["closes"] <= 86_400_000  # it starts in a day
    Show.objects.filter(pk=show.pk).update(sales_until=timezone.now())
    assert differs() == {"sales_until"}
    call_off(show=show)
    assert differs() == {"sales_until", "state"}


def test_the_script_gets_its_prices_and_texts_from_the_page(client, show):
    says = data(client.get(url(show)))

    assert says["availability"] == f"/api/v1/shows/{show.pk}/availability/"
    assert (says["currency"], says["digits"], says["limit"]) == ("EUR", 2, 10)
    assert says["shapes"]["premium"]["types"] == [
        ["adult", "Adult, €15.00", 1500], ["child", "Child, €11.50", 1150],
    ]  # fmt: skip
