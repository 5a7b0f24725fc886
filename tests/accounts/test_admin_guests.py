"""Guests in the back office: listed, found, filtered, read, and not changed."""

import pytest
from django.urls import reverse

from marquee.accounts import operations
from marquee.accounts.models import User
from tests.accounts.people import CLIENT, PASSWORD, make_user

LIST = "admin:accounts_user_changelist"


@pytest.fixture
def admin_client(client, db):
    client.force_login(User.objects.create_superuser("boss@example.com", PASSWORD, name="Boss"))
    return client


@pytest.fixture
def guest(db):
    return operations.add_guest(email="guest@example.com", name="Gus", networks=[CLIENT])[0]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("", True),
        ("?q=gus", True),
        ("?q=guest@example", True),
        ("?kind=guest", True),
        ("?kind=account", False),
        ("?kind=kept", False),
    ],
)
def test_guests_are_listed_found_and_filtered(admin_client, guest, query, listed):
    make_user()
    page = admin_client.get(reverse(LIST) + query).content.decode()
    assert ("guest@example.com" in page) is listed


def test_a_guest_is_shown_and_not_changed(admin_client, guest):
    page = reverse("admin:accounts_user_change", args=[guest.pk])
    shown = admin_client.get(page)
    assert shown.status_code == 200
    assert "guest@example.com" in shown.content.decode()
    assert 'name="_save"' not in shown.content.decode()
    sent = {"email": "gus@example.com", "name": "Gus", "is_staff": "on"}
    assert admin_client.post(page, sent).status_code == 403
    password = reverse("admin:auth_user_password_change", args=[guest.pk])
    assert admin_client.get(password).status_code == 403
    guest.refresh_from_db()
    assert (guest.email, guest.is_staff) == (None, False)


def test_staff_delete_a_guest_as_they_delete_an_account(admin_client, guest):
    chosen = {"action": "delete_accounts", "_selected_action": [guest.pk], "confirmed": "yes"}
    admin_client.post(reverse(LIST), chosen)
    guest.refresh_from_db()
    assert (guest.name, guest.address, guest.is_active) == ("", "", False)
    assert "(forgotten)" in admin_client.get(reverse(LIST)).content.decode()
