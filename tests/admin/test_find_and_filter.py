"""Staff find bookings by what customers know, and filters find what the lists show."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marquee.accounts.models import User
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import call_off, cancel, close_account
from marquee.booking.states import AdmissionStatus, BookingStatus
from marquee.catalog.models import Show
from marquee.catalog.states import ShowPhase
from marquee.core import codes
from tests.factories import book_seats, expire_hold, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client):
    client.force_login(make_staff(is_superuser=True))
    return client


@pytest.fixture
def show():
    return make_show()


def found(admin_client, model, **query):
    """Return the ids of the rows that a list shows."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    response = admin_client.get(url, query)
    assert response.status_code == 200
    return {row.pk for row in response.context["cl"].result_list}


def column(admin_client, model, name, **query):
    """Return the texts of a column of a list."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    page = admin_client.get(url, query).content.decode()
    return re.findall(rf'<td class="field-{name}">([^<]*)</td>', page)


def typed(code):
    """Return a code as people type it: misread, in lower case, in groups."""
    misread = code.replace("0", "O").replace("1", "I").lower()
    return f" {misread[:4]}-{misread[4:6]} {misread[6:]} "


@pytest.mark.parametrize("model", [Booking, Ticket])
def test_by_a_customers_name_or_address(admin_client, show, model):
    mine = book_seats(make_user(name="Grace Hopper", email="grace@navy.example"), show, "A1")
    book_seats(make_user("Bob"), show, "A3")
    wanted = {mine.pk} if model is Booking else {mine.tickets.get().pk}

    for term in ("Grace", "hopper grace", "GRACE@NAVY", "navy.example"):
        assert found(admin_client, model, q=term) == wanted, term
    assert found(admin_client, model, q="grace bob") == set()


@pytest.mark.parametrize("model", [Booking, Ticket])
@pytest.mark.parametrize("by", ["reference", "ticket code"])
def test_by_a_code_as_people_type_it(admin_client, show, model, by, monkeypatch):
    monkeypatch.setattr(codes, "new_reference", lambda: "K0Q1MXW4")
    monkeypatch.setattr(codes, "new_ticket_code", lambda: "80D1ZK5T2M9XW4RB")
    booking = book_seats(make_user(), show, "A1")
    monkeypatch.undo()
    book_seats(make_user("Bob"), show, "A3")
    ticket = booking.tickets.get()
    code = booking.reference if by == "reference" else ticket.code

    for term in (code, code.lower(), typed(code)):
        wanted = {booking.pk} if model is Booking else {ticket.pk}
        assert found(admin_client, model, q=term) == wanted, term


@pytest.mark.parametrize("model", [Booking, Ticket])
def test_a_short_name_does_not_find_references_that_look_like_it(
    admin_client, show, model, monkeypatch
):
    monkeypatch.setattr(codes, "new_reference", lambda: "K0A11XW4")  # "Ali", read as a code
    booking = book_seats(make_user("Bob"), show, "A1")
    monkeypatch.undo()

    assert found(admin_client, model, q="Ali") == set()
    wanted = {booking.pk} if model is Booking else {booking.tickets.get().pk}
    assert found(admin_client, model, q="oalix") == wanted  # long enough for a part of a code


def test_a_term_of_dashes_finds_nothing(admin_client, show):
    book_seats(make_user(), show, "A1")
    assert found(admin_client, Booking, q="---") == set()
    assert found(admin_client, Ticket, q="- -") == set()


def test_an_account_is_found_by_a_reference(admin_client, show):
    booking = book_seats(make_user(), show, "A1")
    assert found(admin_client, User, q=typed(booking.reference)) == {booking.user_id}


def test_a_closed_account_shows_no_invented_address(admin_client, show):
    booking = book_seats(make_user(), show, "A1")
    close_account(user=booking.user, upcoming="cancel")
    assert column(admin_client, Booking, "customer") == ["(account closed)"]


@pytest.fixture
def bookings(show):
    """Return a booking of each status by the clock; one hold has expired, and nothing recorded it."""
    made = {
        "confirmed": book_seats(make_user(), show, "A1"),
        "held": book_seats(make_user(), show, "A3", hold=True),
        "expired": book_seats(make_user(), show, "A5", hold=True),
        "cancelled": book_seats(make_user(), show, "B1"),
    }
    expire_hold(made["expired"])
    cancel(booking=made["cancelled"])
    return made


@pytest.mark.parametrize("status", BookingStatus.values)
def test_bookings_are_filtered_by_the_status_that_is_shown(admin_client, bookings, status):
    assert found(admin_client, Booking, status=status) == {bookings[status].pk}
    shown = column(admin_client, Booking, "current_status", status=status)
    assert shown == [BookingStatus(status).label]


@pytest.mark.parametrize("status", AdmissionStatus.values)
def test_tickets_are_filtered_by_the_status_that_is_shown(admin_client, bookings, show, status):
    used = book_seats(make_user(), show, "B3").tickets.get()
    Ticket.objects.filter(pk=used.pk).update(status="used", used_at=timezone.now())
    names = {"valid": "confirmed", "void": "cancelled"}
    wanted = used if status == "used" else bookings[names.get(status, status)].tickets.get()

    assert found(admin_client, Ticket, status=status) == {wanted.pk}
    shown = column(admin_client, Ticket, "current_status", status=status)
    assert shown == [AdmissionStatus(status).label]


@pytest.mark.parametrize("phase", ShowPhase.values)
def test_shows_are_filtered_by_what_they_are_now(admin_client, phase):
    shows = {
        "upcoming": make_show(),
        "running": make_show(starts_in=-timedelta(minutes=10)),
        "over": make_show(starts_in=-timedelta(days=2)),
        "called_off": make_show(starts_in=-timedelta(days=1)),
    }
    call_off(show=shows["called_off"])

    assert found(admin_client, Show, status=phase) == {shows[phase].pk}
    assert column(admin_client, Show, "phase", status=phase) == [ShowPhase(phase).label]


@pytest.mark.parametrize("model", [Booking, Ticket, Show])
def test_an_unknown_status_is_refused(admin_client, model):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    assert admin_client.get(url, {"status": "lost"}).status_code == 400
