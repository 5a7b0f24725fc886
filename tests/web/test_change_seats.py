"""The page that changes the seats of a booking. The rules: tests/booking/test_exchange.py."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from marquee.booking.links import booking_link_token
from marquee.booking.models import Booking
from marquee.booking.operations import call_off, cancel, exchange
from marquee.booking.records import TicketRequest
from marquee.catalog.operations import change_cinema, change_price_card
from tests.factories import (
    PRICES,
    all_rows,
    book_seats,
    expire_hold,
    make_show,
    make_user,
    price_lines,
)
from tests.web.html import GERMAN, heading, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def booking(alice, show, client) -> Booking:
    client.force_login(alice)
    return book_seats(alice, show, "A1", "A2")


def url(booking):
    return f"/bookings/{booking.reference}/seats/"


def seats_of(booking):
    rows = booking.tickets.filter(status="valid").order_by("seat")
    return list(rows.values_list("seat__label", flat=True))


def checked(page):
    return [
        piece.split('"')[0]
        for piece in page.content.decode().split(
            '<input checked type="checkbox" name="seat" value="'
        )[1:]
    ]


def test_the_seats_of_the_booking_are_chosen(client, booking, bob_has_a4):
    page = client.get(url(booking))
    assert checked(page) == ["A1", "A2"]
    assert "A4 taken" in text(page)
    assert "A1, standard, €12.50, yours so far" in text(page)
    assert "Its 2 seats are chosen below" in text(page)
    assert "A1, A2 chosen, €25.00 as before" in text(page)


@pytest.fixture
def bob_has_a4(show):
    return book_seats(make_user("Bob"), show, "A4")


def test_other_seats_are_taken_and_the_booking_says_so(client, booking):
    response = client.post(url(booking), {"seat": ["A2", "A3"]}, follow=True)
    assert response.redirect_chain == [(f"/bookings/{booking.reference}/", 302)]
    assert seats_of(booking) == ["A2", "A3"]
    assert "Your seats have changed." in response.content.decode()
    assert "A1" not in text(response).replace(booking.reference, "")


def test_the_same_seats_change_nothing(client, booking):
    before = all_rows()
    assert client.post(url(booking), {"seat": ["A2", "A1"]}).status_code == 302
    assert all_rows() == before


@pytest.mark.parametrize(
    ("seats", "status", "says"),
    [
        (["A1", "A4"], 409, "A4 is taken by now."),
        (["A1", "B1"], 409, "These seats cost more"),
        (["A1", "C3"], 409, "Companion seats go with wheelchair spaces"),
        (["A1"], 400, "Choose as many seats as you have tickets: 2"),
        ([], 400, "Choose as many seats as you have tickets: 2"),
        (["A1", "A1"], 400, "Choose as many seats as you have tickets: 2"),
        (["A1", "Z99"], 400, "There is no seat Z99 in this auditorium."),
        (["A1", "A\x00"], 400, "There is no seat A? in this auditorium."),
        (["A1", "<script>"], 400, "There is no seat &lt;SCRIPT&gt; in this auditorium."),
        (["A1", "x" * 5000], 400, "There is no seat XXXXXXXXXXXX… in this auditorium."),
        (["A1"] * 900, 400, "Choose as many seats as you have tickets: 2"),
    ],
)
def test_what_is_in_the_way_is_said_beside_the_seats(
    client, booking, bob_has_a4, seats, status, says
):
    before = all_rows()
    response = client.post(url(booking), {"seat": seats})
    assert (response.status_code, heading(response)) == (status, "Change seats")
    assert says in text(response)
    assert "<script>" not in response.content.decode()
    assert all_rows() == before


def test_seats_that_are_taken_lead_to_others_that_can_be_had(client, booking, bob_has_a4):
    page = client.post(url(booking), {"seat": ["A3", "A4"]})
    query = page.content.decode().partition('href="?seat=')[2].partition('"')[0]
    other = client.get(f"{url(booking)}?seat={query.replace('&amp;', '&')}")
    assert client.post(url(booking), {"seat": checked(other)}).status_code == 302
    assert seats_of(booking) == checked(other)


def test_a_seat_left_alone_is_named_with_better_choices(client, booking, show):
    change_cinema(cinema=show.auditorium.cinema, single_gaps="refuse")
    book_seats(make_user("Bob"), show, "A6", "A7")
    page = client.post(url(booking), {"seat": ["A3", "A4"]})
    assert page.status_code == 409
    assert "Your choice would leave A5 alone" in text(page)
    assert "A5" in text(page)


def query_of(path):
    return parse_qs(urlsplit(path).query)


def test_the_best_seats_are_of_the_category_chosen_and_of_the_types_of_the_tickets(client, booking):
    response = client.get(url(booking), {"best": "1", "category": "standard"})
    chosen = query_of(response["Location"])
    assert len(chosen["seat"]) == 2
    assert "chosen, €25.00 as before" in text(client.get(response["Location"]))
    # Premium seats cost more, so they are not offered.
    assert ">premium</option>" not in client.get(url(booking)).content.decode()


def test_a_new_seat_takes_over_the_type_of_a_ticket_given_up(client, booking):
    child = [TicketRequest("A1"), TicketRequest("A2", "child")]
    assert exchange(booking=booking, tickets=child)
    page = client.get(url(booking), {"seat": ["A1", "A3"]})
    assert checked(page) == ["A1", "A3"]
    assert "A1, A3 chosen, €21.50 as before" in text(page)
    assert client.post(url(booking), {"seat": ["A1", "A3"]}).status_code == 302
    types = dict(booking.tickets.filter(status="valid").values_list("seat__label", "type"))
    assert types == {"A1": "adult", "A3": "child"}


def test_the_line_says_what_other_seats_and_types_cost(client, booking):
    child = {"seat": ["A1", "A3"], "type-A3": "child"}
    assert "A1, A3 chosen, €21.50 instead of €25.00" in text(client.get(url(booking), child))
    dear = client.get(url(booking), {"seat": ["A1", "B1"]})
    assert "A1, B1 would cost €27.50: more than €25.00" in text(dear)
    assert "A3 chosen. Seats still to choose: 1" in text(client.get(url(booking), {"seat": "A3"}))
    assert client.post(url(booking), child).status_code == 302
    assert "€21.50" in text(client.get(f"/bookings/{booking.reference}/"))


def test_a_seat_that_stays_keeps_its_price(client, booking, show):
    change_price_card(
        price_card=show.price_card, prices=price_lines(PRICES | {("standard", "adult"): "12.00"})
    )
    page = client.get(url(booking), {"seat": ["A1", "A3"]})
    assert "Adult, €12.50" in text(page)
    assert "A1, A3 chosen, €24.50 instead of €25.00" in text(page)
    assert client.post(url(booking), {"seat": ["A1", "A3"]}).status_code == 302
    booking.refresh_from_db()
    assert booking.total == 2450


def test_the_list_has_the_free_seats_and_those_of_the_booking(client, booking, bob_has_a4):
    page = client.get(url(booking), {"view": "list"})
    assert checked(page) == ["A1", "A2"]
    assert 'value="A3"' in page.content.decode()
    assert 'value="A4" disabled>' in page.content.decode()


def test_the_script_asks_what_others_take_and_knows_the_booking(client, booking, show):
    page = client.get(url(booking)).content.decode()
    data = json.loads(page.partition('<script id="show-data"')[2].partition(">")[2].split("</")[0])
    assert data["availability"] == f"/api/v1/shows/{show.pk}/availability/"
    assert (data["url"], sorted(data["own"])) == (url(booking), ["A1", "A2"])
    assert data["exchange"]["kept"]["A1"] == ["adult", "Adult, €12.50", 1250]
    assert data["exchange"]["total"] == 2500


def called_off(booking):
    call_off(show=booking.show)


def too_late(booking):
    Booking.objects.update(cancel_until=timezone.now())


def ended(booking):
    Booking.objects.update(
        status="held", held_until=timezone.now(), held_at_most_until=timezone.now()
    )


@pytest.mark.parametrize("what", [called_off, too_late, ended])
def test_seats_that_cannot_change_are_not_offered(client, booking, what):
    what(booking)
    before = all_rows()
    page = f"/bookings/{booking.reference}/"
    assert "seats/" not in client.get(page).content.decode()
    assert client.get(url(booking))["Location"] == page
    assert client.post(url(booking), {"seat": ["A3", "A4"]}).status_code == 409
    assert all_rows() == before


def test_a_hold_changes_its_seats_too(client, alice, show):
    client.force_login(alice)
    hold = book_seats(alice, show, "A1", hold=True)
    assert client.post(url(hold), {"seat": ["A2"]}).status_code == 302
    assert seats_of(hold) == ["A2"]
    expire_hold(hold)
    assert client.get(url(hold)).status_code == 302


def test_others_bookings_are_like_missing_ones(client, booking):
    theirs = book_seats(make_user("Bob"), make_show(), "A1")
    for path in (url(theirs), "/bookings/AAAAAAAA/seats/", "/bookings/x/seats/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"seat": ["A2"]}).status_code == 404
    assert seats_of(theirs) == ["A1"]


def test_the_link_in_a_mail_is_enough(client, alice, show):
    booking = book_seats(alice, show, "A1")
    client.get("/bookings/link/", {"token": booking_link_token(booking)})
    client.cookies["link"] = booking_link_token(booking)
    assert client.post(url(booking), {"seat": ["A2"]}).status_code == 302
    assert seats_of(booking) == ["A2"]


def test_a_form_of_another_site_changes_nothing(strict_client, alice, show):
    booking = book_seats(alice, show, "A1")
    strict_client.force_login(alice)
    assert strict_client.post(url(booking), {"seat": ["A2"]}).status_code == 403
    assert seats_of(booking) == ["A1"]


def test_the_page_speaks_german(client, booking):
    page = client.post(url(booking), {"seat": ["A1", "B1"]}, headers=GERMAN)
    assert heading(page) == "Plätze wechseln"
    assert "Diese Plätze kosten mehr" in text(page)


def test_the_page_costs_few_statements(client, booking, django_assert_max_num_queries):
    client.get(url(booking))
    with django_assert_max_num_queries(10):
        client.get(url(booking))


def test_a_booking_that_was_cancelled_in_another_tab_changes_no_seats(client, booking):
    client.get(url(booking))
    cancel(booking=booking)

    page = client.post(url(booking), {"seat": ["A3", "A4"]})

    assert (page.status_code, heading(page)) == (409, "These seats are free for others again")
    assert "The booking was cancelled" in text(page)
