"""The form "Best seats for us": what it proposes, to whom, and what it refuses."""

import re

import pytest
from django.test import Client

from marquee.booking.models import Booking
from marquee.booking.operations import release
from tests.factories import (
    book_seats,
    make_auditorium,
    make_price_card,
    make_show,
    make_user,
)
from tests.web.html import text
from tests.web.test_seats_page import chosen, send, url

pytestmark = pytest.mark.django_db


def test_the_best_seats_are_chosen_in_the_url(client, show):
    response = client.get(url(show), {"best": "1", "count": "3", "category": "premium"})

    assert response.status_code == 302
    assert response["Location"].startswith(f"{url(show)}?count=3&category=premium&seat=B")
    page = client.get(response["Location"])
    assert len(chosen(page)) == 3
    assert "€45.00 in all" in text(page)


def test_the_best_seats_are_for_wheelchairs_and_companions_too(client, show):
    response = client.get(url(show), {"best": "1", "count": "2", "wheelchairs": "1", "companions": "1"})  # fmt: skip

    seats = re.findall("seat=(C[0-9])", response["Location"])
    assert sorted(seats) == ["C2", "C3"]


def best_of(client, show, **query):
    response = client.get(url(show), {"best": "1", **query})
    return re.findall(r"seat=(\w+)", response.get("Location", ""))


def test_browsers_are_proposed_different_seats_and_each_its_own_again(show):
    proposed = []
    for number in range(12):
        browser = Client()
        browser.cookies["csrftoken"] = f"{number:032d}"
        proposed.append(tuple(best_of(browser, show, category="standard")))
        assert tuple(best_of(browser, show, category="standard")) == proposed[-1]

    assert len(set(proposed)) > 1
    assert all(len(seats) == 2 for seats in proposed)


def test_seats_that_cool_down_for_a_visitor_are_not_proposed_to_them(client, settings):
    settings.COOLING_DOWN_AFTER = 1
    show = make_show(rows=["A: ss_ss"])
    lost = best_of(client, show)
    send(client, show, *lost)
    release(booking=Booking.objects.get())

    assert set(best_of(client, show)) == {"A1", "A2", "A3", "A4"} - set(lost)
    book_seats(make_user(), show, *({"A1", "A2", "A3", "A4"} - set(lost)))
    page = client.get(url(show), {"best": "1"})
    assert page.status_code == 409
    assert "several times" in text(page)


def test_wheelchair_spaces_that_a_visitor_has_count(client):
    auditorium = make_auditorium(rows=["A: ssss", "B: wcwc"])
    card = make_price_card(auditorium.cinema, wheelchair_limit=1)
    show = make_show(auditorium, price_card=card)
    send(client, show, "B1", "B2")
    page = client.get(url(show), {"best": "1", "wheelchairs": "1"})

    assert page.status_code == 409
    assert "You can book 0 wheelchair spaces here." in text(page)


def test_best_seats_that_are_not_there_are_explained(client, alice):
    show = make_show(rows=["A: sss"])
    book_seats(alice, show, "A2", "A1")
    page = client.get(url(show), {"best": "1", "count": "2"})

    assert page.status_code == 409
    assert "1 seat of this kind is free." in text(page)


@pytest.mark.parametrize(
    ("query", "status", "seats"),
    [
        ({"count": "0"}, 302, 1),
        ({"count": "-5"}, 302, 2),
        ({"count": "9" * 4000}, 302, 2),
        ({"count": "999"}, 302, 5),
        ({"count": "\u0665"}, 302, 2),
        ({"category": "gold"}, 400, 0),
        ({"category": "<script>"}, 400, 0),
    ],
)
def test_what_nobody_could_mean_is_no_error_where_it_can_be_helped(
    client, show, settings, query, status, seats
):
    settings.SEAT_LIMIT = 5
    response = client.get(url(show), {"best": "1", **query})

    assert response.status_code == status
    assert response.get("Location", "").count("seat=") == seats
