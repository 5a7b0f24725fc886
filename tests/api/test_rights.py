"""What roles decide beside docs/permissions.md, which test_permissions_table.py walks."""

import pytest
from django.urls import reverse

from marquee.accounts.operations import give_role, take_role
from marquee.accounts.states import Role
from marquee.booking.errors import CounterOnly, UnpaidLimit
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import confirm
from marquee.booking.records import TicketRequest
from tests.factories import (
    assert_refused,
    book_seats,
    book_tickets,
    client_of,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

API = "/api/v1"
LINE = {"category": "standard", "type": "adult", "amount": "0.01"}
NEW_CINEMA = {"name": "New", "city": "Graz", "timezone": "Europe/Vienna", "currency": "EUR"}


def test_a_row_is_not_given_to_a_cinema_of_somebody_else():
    own, other = make_cinema(), make_cinema()
    manager = client_of(make_staff(cinema=own))
    show, foreign = make_show(make_auditorium(own)), make_auditorium(other)
    for path, body in [
        (f"auditoriums/{show.auditorium_id}/", {"cinema": other.pk}),
        (f"price-cards/{show.price_card_id}/", {"cinema": other.pk}),
        (f"shows/{show.pk}/", {"auditorium": foreign.pk}),
    ]:
        assert manager.patch(f"{API}/{path}", body).status_code == 403, path


def test_a_movie_is_changed_by_whoever_manages_all_cinemas_that_show_it():
    own, other = make_cinema(), make_cinema()
    movie = make_show(make_auditorium(own)).movie
    manager = client_of(make_staff(cinema=own))
    address = f"{API}/movies/{movie.pk}/"
    assert manager.patch(address, {"title": "M"}).status_code == 200
    make_show(make_auditorium(other), movie=movie)
    assert manager.patch(address, {"title": "N"}).status_code == 403
    assert client_of(make_staff()).patch(address, {"title": "N"}).status_code == 200


def test_a_list_of_price_cards_has_those_of_own_cinemas_alone():
    own, other = make_cinema(), make_cinema()
    card = make_price_card(own)
    make_price_card(other)
    staff = make_staff(cinema=own)
    seen = client_of(staff).get(f"{API}/price-cards/").json()["results"]
    assert [one["id"] for one in seen] == [card.pk]


def test_a_role_counts_at_once_and_ends_at_once():
    staff, cinema = make_staff(None), make_cinema()
    client, body = client_of(staff), {"title": "M", "runtime_minutes": 117}
    assert client.post(f"{API}/movies/", body).status_code == 403
    give_role(user=staff, role=Role.MANAGER, cinema_id=cinema.pk)
    assert client.post(f"{API}/movies/", body).status_code == 201
    take_role(user=staff, role=Role.MANAGER, cinema_id=cinema.pk)
    assert client.post(f"{API}/movies/", body).status_code == 403


def test_a_refusal_names_the_role_and_who_gives_it():
    rex, ufa = make_cinema(name="Rex", city="Graz"), make_cinema(name="Ufa", city="Linz")
    movie = make_show(make_auditorium(rex)).movie
    make_show(make_auditorium(ufa), movie=movie)
    manager, nobody = client_of(make_staff(cinema=rex)), client_of(make_staff(Role.GATE))
    counter = f"{API}/shows/{movie.shows.first().pk}/counter-bookings/"
    for client, method, address, needed in [
        (manager, "post", f"{API}/cinemas/", "manager at all cinemas"),
        (manager, "patch", f"{API}/movies/{movie.pk}/", "manager at Ufa, Linz"),
        (nobody, "patch", f"{API}/movies/{movie.pk}/", "manager at its cinema"),
        (nobody, "post", f"{API}/movies/", "manager at any cinema"),
        (nobody, "post", counter, "counter or manager at its cinema"),
    ]:
        detail = getattr(client, method)(
            address, NEW_CINEMA if "cinemas" in address else {}
        ).json()["detail"]
        assert detail == f"This needs the role {needed}. An administrator can give it."


def test_djangos_admin_is_for_administrators_alone(client):
    for person in (make_user(), make_staff(), make_staff(is_superuser=True)):
        client.force_login(person)
        status = client.get(reverse("admin:catalog_movie_changelist")).status_code
        assert status == (200 if person.is_superuser else 302)


# --- What customers may not, and staff may only with the right ----------------------------------


def test_limits_of_customers_count_for_staff_who_may_not_sell(settings):
    settings.UNPAID_SEAT_LIMIT = 2
    show = make_show()
    with assert_refused(UnpaidLimit):
        book_seats(make_staff(None), show, "A1", "A2", "A3")
    book_seats(make_staff(Role.COUNTER), show, "A1", "A2", "A3")
    book_seats(make_staff(is_superuser=True), show, "B1", "B2", "B3")


def test_who_sells_at_another_cinema_is_a_customer_here(settings):
    settings.UNPAID_SEAT_LIMIT = 2
    auditorium = make_auditorium()
    card = make_price_card(auditorium.cinema, counter_only={("standard", "child")})
    here, there = make_show(auditorium, price_card=card), make_show()
    seller = make_staff(Role.COUNTER, cinema=there.auditorium.cinema)
    three, child = ["A1", "A2", "A3"], [TicketRequest(seat="A1", type="child")]
    book_seats(seller, there, *three)
    with assert_refused(UnpaidLimit):
        book_seats(seller, here, *three)
    with assert_refused(CounterOnly):
        book_tickets(seller, here, child)
    give_role(user=seller, role=Role.MANAGER, cinema_id=auditorium.cinema_id)
    book_seats(seller, here, *three)


def test_what_staff_sold_at_the_counter_is_theirs_while_they_may_sell_there(client, settings):
    show, other = make_show(), make_cinema()
    seller = make_staff(Role.COUNTER, cinema=show.auditorium.cinema)
    api = client_of(seller)
    sold = api.post(f"{API}/shows/{show.pk}/counter-bookings/", {"tickets": [{"seat": "A1"}]})
    address = f"{API}/bookings/{sold.json()['reference']}/"
    lists = [f"{API}/bookings/", f"{API}/bookings/?status=confirmed"]
    assert api.get(address).status_code == 200
    assert [len(api.get(one).json()["results"]) for one in lists] == [1, 1]
    settings.REQUIRE_SECOND_FACTOR = frozenset({"counter"})
    assert api.get(address).status_code == api.post(f"{address}cancel/", {}).status_code == 404
    assert [len(api.get(one).json()["results"]) for one in lists] == [0, 0]
    settings.REQUIRE_SECOND_FACTOR = frozenset()
    take_role(user=seller, role=Role.COUNTER, cinema_id=show.auditorium.cinema_id)
    give_role(user=seller, role=Role.COUNTER, cinema_id=other.pk)
    assert api.get(address).status_code == api.post(f"{address}cancel/", {}).status_code == 404
    assert [len(api.get(one).json()["results"]) for one in lists] == [0, 0]
    client.force_login(seller)
    assert client.get(f"/bookings/{sold.json()['reference']}/").status_code == 404
    assert Ticket.objects.get().status == "valid"


def test_a_show_names_only_price_cards_of_its_managers_cinemas():
    own, other = make_cinema(), make_cinema()
    show, foreign = make_show(make_auditorium(own)), make_price_card(other)
    manager, address = client_of(make_staff(cinema=own)), f"{API}/shows/{show.pk}/"
    refused = [
        manager.patch(address, {"price_card": pk, "movie": 0}).json()["errors"]
        for pk in (foreign.pk, 10**9)
    ]
    assert str(refused[0]).replace(str(foreign.pk), str(10**9)) == str(refused[1])
    of_all = client_of(make_staff()).patch(address, {"price_card": foreign.pk})
    assert (of_all.status_code, of_all.json()["errors"][0]["field"]) == (400, "price_card")


def test_a_name_of_a_price_card_elsewhere_is_not_told_apart():
    other = make_cinema()
    taken = make_price_card(other).name
    manager = client_of(make_staff(cinema=make_cinema()))
    body = {"cinema": other.pk, "default_type": "adult", "prices": [LINE]}
    responses = [
        manager.post(f"{API}/price-cards/", body | {"name": name}) for name in (taken, "New")
    ]
    assert responses[0].json() == responses[1].json()
    assert responses[0].status_code == 403


def test_a_role_at_a_deleted_cinema_is_no_role_at_all_cinemas():
    cinema = make_cinema()
    staff = make_staff(cinema=cinema)
    assert client_of(make_staff()).delete(f"{API}/cinemas/{cinema.pk}/").status_code == 204
    assert not staff.roles.exists()
    assert client_of(staff).post(f"{API}/cinemas/", NEW_CINEMA).status_code == 403


def test_tickets_of_the_counter_are_sold_by_those_alone_who_may_sell():
    auditorium = make_auditorium()
    card = make_price_card(auditorium.cinema, counter_only={("standard", "child")})
    show = make_show(auditorium, price_card=card)
    child = [TicketRequest(seat="A1", type="child")]
    with assert_refused(CounterOnly):
        book_tickets(make_staff(Role.GATE), show, child)
    assert book_tickets(make_staff(Role.COUNTER), show, child).tickets


def test_an_expired_hold_of_staff_who_may_no_longer_sell_is_judged_as_a_customers(settings):
    show, staff = make_show(), make_staff(Role.COUNTER)
    settings.UNPAID_SEAT_LIMIT = 2
    hold = book_seats(staff, show, "A1", "A2", "A3", hold=True)
    expire_hold(hold)
    take_role(user=staff, role=Role.COUNTER, cinema_id=None)
    with assert_refused(UnpaidLimit):
        confirm(booking=hold)


def test_bookings_by_staff_who_may_not_sell_count_for_their_network():
    show = make_show()
    for role, counted in ((Role.GATE, True), (Role.COUNTER, False)):
        booking = book_seats(make_staff(role), show, f"A{2 + counted}", client="192.0.2.1")
        assert (Booking.objects.get(pk=booking.pk).client_key is not None) is counted


@pytest.mark.parametrize("staff", [{}, {"is_superuser": True}])
def test_nobody_reads_or_changes_a_customers_booking_by_the_api(staff):
    booking = book_seats(make_user(), make_show(), "A1", hold=True)
    client = client_of(make_staff(**staff))
    address = f"{API}/bookings/{booking.reference}/"
    assert client.get(address).status_code == 404
    assert client.post(f"{address}confirm/").status_code == 404
    assert client.post(f"{address}cancel/").status_code == 404
    exchange = {"tickets": [{"seat": "A2"}]}
    assert client.post(f"{address}exchange/", exchange).status_code == 404
    assert Ticket.objects.get().status == "valid"
