import pytest
from django.urls import reverse

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import AttemptCount, User
from tests.accounts.people import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, log_in


@pytest.fixture
def admin_client(client, db):
    """Return a client that is logged in to the back office."""
    boss = User.objects.create_superuser("boss@example.com", PASSWORD, name="Boss")
    client.force_login(boss)
    return client


def assert_revoked(token):
    with pytest.raises(BadCredentials):
        operations.refresh(token=token, networks=[CLIENT])


def change(admin_client, user, **fields):
    page = reverse("admin:accounts_user_change", args=[user.pk])
    usual = {"email": user.email, "name": user.name, "is_active": "on"}
    sent = {name: value for name, value in (usual | fields).items() if value}
    return admin_client.post(page, sent)


@pytest.mark.parametrize("query", ["", "?q=liddell", "?is_active__exact=1"])
def test_accounts_are_listed_and_found(admin_client, alice, query):
    response = admin_client.get(reverse("admin:accounts_user_changelist") + query)
    assert EMAIL in response.content.decode()


def test_an_account_is_added_with_its_password(admin_client):
    fields = {"email": "Bob@Example.com", "name": "Bob", "usable_password": "true"}
    page = reverse("admin:accounts_user_add")
    assert admin_client.get(page).status_code == 200
    admin_client.post(page, fields | {"password1": PASSWORD, "password2": PASSWORD})
    assert log_in("bob@example.com")


def test_an_address_that_is_taken_in_another_case_is_refused_by_the_form(admin_client, alice):
    fields = {"email": EMAIL.upper(), "name": "Mallory", "usable_password": "true"}
    passwords = {"password1": PASSWORD, "password2": PASSWORD}
    response = admin_client.post(reverse("admin:accounts_user_add"), fields | passwords)
    assert "There is an account with this address already." in response.content.decode()


def test_a_new_name_logs_nobody_out(admin_client, alice):
    pair = log_in()
    assert change(admin_client, alice, name="Alice Hargreaves").status_code == 302
    assert User.objects.get(pk=alice.pk).name == "Alice Hargreaves"
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_deactivating_revokes_every_token(admin_client, alice):
    pair = log_in()
    assert change(admin_client, alice, is_active="").status_code == 302
    assert_revoked(pair.refresh)
    change(admin_client, alice)
    assert_revoked(pair.refresh)
    assert log_in()


def test_a_new_password_revokes_every_token(admin_client, alice):
    pair = log_in()
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    admin_client.post(reverse("admin:auth_user_password_change", args=[alice.pk]), passwords)
    assert log_in(password=NEW_PASSWORD)
    assert_revoked(pair.refresh)


def test_accounts_are_deleted_by_erasing_their_personal_data(admin_client, alice):
    page = reverse("admin:accounts_user_changelist")
    chosen = {"action": "delete_accounts", "_selected_action": [alice.pk]}
    admin_client.post(page, chosen | {"confirmed": "yes"})
    alice.refresh_from_db()
    assert (alice.name, alice.is_active) == ("", False)
    delete = admin_client.post(
        reverse("admin:accounts_user_delete", args=[alice.pk]), {"post": "yes"}
    )
    assert delete.status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_the_old_password_is_guessed_within_the_limit_in_the_back_office(admin_client, settings):
    settings.LOGIN_LIMIT = 2
    page = reverse("admin:password_change")
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    assert "Old password" in admin_client.get(page).content.decode()
    output = [
        admin_client.post(page, new | {"old_password": old}).content.decode() for old in "abc"
    ]
    assert ["incorrectly" in page_text for page_text in output] == [True, True, False]
    late = admin_client.post(page, new | {"old_password": PASSWORD})
    assert "Try again in" in late.content.decode()
    assert User.objects.get().check_password(PASSWORD)
    AttemptCount.objects.all().delete()
    assert admin_client.post(page, new | {"old_password": PASSWORD}).status_code == 302
    assert User.objects.get().check_password(NEW_PASSWORD)
    assert admin_client.get(reverse("admin:index")).status_code == 200
