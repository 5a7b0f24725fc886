"""Irreversible actions run only after a page that asks and describes their effect."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from marquee.accounts.models import User
from marquee.booking.models import Booking, Ticket
from marquee.catalog.models import Movie, Show
from marquee.core import admin as core
from tests.factories import all_rows, book_seats, make_movie, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin_client(client):
    client.force_login(make_staff(is_superuser=True))
    return client


def list_url(model, query=""):
    page_url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{page_url}{query}"


def post_action(admin_client, model, action, rows, *, query="", **more):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return admin_client.post(list_url(model, query), chosen | more, follow=True)


def confirm(admin_client, page, answer="cancel"):
    """Submit the form of a confirmation page, as a browser does."""
    fields = {"action": page.context["action"], "confirmed": "yes"}
    if page.context["choice"]:
        fields[page.context["choice"].name] = answer
    fields["_selected_action"] = page.context["ids"]
    return admin_client.post(page.request["PATH_INFO"] + "?" + page.request["QUERY_STRING"], fields)


def bookings(count, **options):
    # Tickets admit, and bookings can be cancelled.
    show = make_show(starts_in=timedelta(minutes=80))
    numbers = range(1, count + 1)
    return [book_seats(make_user(), show, f"A{number}", **options) for number in numbers]


def all_tables():
    return all_rows() | {
        "Show": list(Show.objects.order_by("pk").values()),
        "User": list(User.objects.order_by("pk").values()),
        "Movie": list(Movie.objects.order_by("pk").values()),
    }


def action_case(action):
    """Return the model and the row that an action takes, and the effect that its page describes."""
    [booking] = bookings(1, hold=action == "confirm_bookings")
    return {
        "cancel_bookings": (Booking, booking, "1 valid ticket."),
        "confirm_bookings": (Booking, booking, "12.50 EUR to be paid"),
        "admit_tickets": (Ticket, booking.tickets.get(), "admit nobody again"),
        "call_off_shows": (Show, booking.show, "Cancelled with them: 1 booking."),
        "delete_accounts": (User, booking.user, "there are 1 booking with 1 seat:"),
    }[action]


ACTIONS = [
    "cancel_bookings", "confirm_bookings", "admit_tickets", "call_off_shows", "delete_accounts",
]  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_a_page_asks_before_anything_is_done(admin_client, action):
    model, row, consequence = action_case(action)
    before = all_tables()

    page = post_action(admin_client, model, action, [row])

    assert page.status_code == 200
    output = page.content.decode()
    assert consequence in output
    assert ("There is no way back." in output) == (action != "admit_tickets")
    assert all_tables() == before

    assert confirm(admin_client, page).status_code == 302
    assert all_tables() != before


@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_not_done_without_a_csrf_token(action):
    model, row, _ = action_case(action)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_staff(is_superuser=True))
    before = all_tables()

    assert post_action(strict, model, action, [row], confirmed="yes").status_code == 403
    assert all_tables() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_it_is_not_done_by_get(admin_client, action):
    model, row, _ = action_case(action)
    before = all_tables()
    query = {"action": action, "_selected_action": row.pk, "confirmed": "yes"}
    admin_client.get(list_url(model), query)
    assert all_tables() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_the_permission_is_checked_again_when_the_action_is_confirmed(client, action):
    model, row, _ = action_case(action)
    clerk = make_staff(is_superuser=True)
    client.force_login(clerk)
    page = post_action(client, model, action, [row])
    User.objects.filter(pk=clerk.pk).update(is_superuser=False)
    before = all_tables()

    confirm(client, page)

    assert all_tables() == before


def test_deleting_for_good_cancels_the_bookings_that_may_be_cancelled(admin_client):
    [booking] = bookings(1)

    confirm(admin_client, post_action(admin_client, User, "delete_accounts", [booking.user]))

    booking.refresh_from_db()
    assert (booking.status, booking.user.name) == ("cancelled", "")


def test_deleting_for_good_keeps_the_bookings_that_are_to_be_kept(admin_client):
    [booking] = bookings(1)
    user = booking.user
    page = post_action(admin_client, User, "delete_accounts", [user])
    confirm(admin_client, page, "keep")
    booking.refresh_from_db()
    assert (booking.status, booking.user.was_account) == ("confirmed", True)
    assert User.objects.get(pk=user.pk).name == ""
    assert booking.tickets.get().status == "valid"


@pytest.mark.parametrize("answer", ["", "both"])
def test_nothing_is_deleted_before_it_is_said_what_becomes_of_bookings(admin_client, answer):
    [booking] = bookings(1)
    before = all_tables()
    page = post_action(admin_client, User, "delete_accounts", [booking.user])
    response = confirm(admin_client, page, answer)
    assert booking.reference in admin_client.get(response["Location"]).content.decode()
    assert all_tables() == before


def test_without_bookings_to_come_nothing_is_asked(admin_client):
    user = make_user()
    page = post_action(admin_client, User, "delete_accounts", [user])
    assert page.context["choice"] is None
    confirm(admin_client, page)
    assert not User.objects.get(pk=user.pk).is_active


def test_the_page_names_ten_and_counts_the_rest(admin_client):
    users = [make_user(f"Customer{number}") for number in range(12)]

    page = post_action(admin_client, User, "delete_accounts", users)

    output = page.content.decode()
    assert "Delete for good: 12 users?" in output
    assert sum(user.email in output for user in users) == 10
    assert "and 2 more" in output


def test_select_across_acts_on_the_rows_of_the_page_and_on_no_later_rows(admin_client):
    chosen = bookings(2)

    page = post_action(admin_client, Booking, "cancel_bookings", chosen[:1], select_across="1")
    later = bookings(1)
    confirm(admin_client, page)

    assert {booking.pk for booking in Booking.objects.filter(status="cancelled")} == {
        booking.pk for booking in chosen
    }
    assert Booking.objects.get(pk=later[0].pk).status == "confirmed"


def test_select_across_stays_within_the_filter(admin_client):
    other, chosen = bookings(2)
    page = post_action(
        admin_client, Booking, "cancel_bookings", [], query=f"?q={chosen.reference}", select_across="1",
        _selected_action=[other.pk],
    )  # fmt: skip
    assert page.context["ids"] == [chosen.pk]


@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "yes"}, {"post": "yes"}])
@pytest.mark.parametrize("action", [*ACTIONS, "delete_selected"])
def test_more_at_once_than_a_list_shows_are_refused(admin_client, monkeypatch, action, confirmed):
    monkeypatch.setattr(core, "MAX_AT_ONCE", 1)
    one, other = (
        action_case(action) if action in ACTIONS else (Movie, make_movie(), "") for _ in "12"
    )
    before = all_tables()

    for across in ("0", "1"):
        rows = [one[1], other[1]]
        page = post_action(admin_client, one[0], action, rows, select_across=across, **confirmed)
        [output] = [str(message) for message in page.context["messages"]]
        assert "Choose at most 1 at once. Nothing was changed." in output
        assert all_tables() == before


def test_deleted_rows_get_no_confirmation_page(admin_client):
    chosen = {"action": "cancel_bookings", "_selected_action": ["0"]}
    page = admin_client.post(list_url(Booking), chosen, follow=True)
    [output] = [str(message) for message in page.context["messages"]]
    assert output.startswith("None of what you chose is there.")
