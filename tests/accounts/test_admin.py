import pytest
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from marquee.accounts import operations, password_checks
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import AccountEvent, AttemptCount, User
from marquee.accounts.states import AccountEventKind, LinkPurpose
from tests.accounts.people import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, log_in, make_token
from tests.admin.forms import NO_ROLES


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
    usual = {"email": user.email, "name": user.name, "is_active": "on", **NO_ROLES}
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


def page_of(admin_client, user):
    return admin_client.get(reverse("admin:accounts_user_change", args=[user.pk]))


def test_the_page_of_an_account_shows_its_history(admin_client, alice):
    operations.change_profile(
        user=alice, networks=[CLIENT], email="liddell@example.com", password=PASSWORD
    )
    change(admin_client, alice, email="al@example.com")
    text = page_of(admin_client, alice).content.decode()
    assert "Asked for another address" in text
    assert "liddell@example.com" in text
    assert "Staff: boss@example.com" in text
    assert "Customer" in text


def test_the_history_is_text_and_no_markup(admin_client, alice):
    reason = "<script>alert(1)</script>"
    operations.record_event(kind=AccountEventKind.VERIFIED, user=alice, email=EMAIL, reason=reason)
    text = page_of(admin_client, alice).content.decode()
    assert reason not in text
    assert "&lt;script&gt;" in text


def test_an_address_that_staff_change_is_unverified(admin_client, alice):
    User.objects.update(email_verified_at=alice.created_at)
    assert change(admin_client, alice, email="al@example.com").status_code == 302
    alice.refresh_from_db()
    assert (alice.email, alice.email_verified_at) == ("al@example.com", None)


def test_an_account_that_staff_add_begins_its_history(admin_client):
    fields = {"email": "bob@example.com", "name": "Bob", "usable_password": "false"}
    admin_client.post(reverse("admin:accounts_user_add"), fields)
    event = AccountEvent.objects.get()
    assert (event.kind, event.by, event.email) == ("signed_up", "staff", "bob@example.com")
    assert event.actor.email == "boss@example.com"


@pytest.mark.parametrize("way", ["own", "staff", "removed"])
def test_a_new_password_is_in_the_history(admin_client, alice, way):
    boss = User.objects.get(email="boss@example.com")
    new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    if way == "own":
        fields = {"old_password": PASSWORD, "new_password1": NEW_PASSWORD}
        page = reverse("admin:password_change")
        admin_client.post(page, fields | {"new_password2": NEW_PASSWORD})
    else:
        page = reverse("admin:auth_user_password_change", args=[alice.pk])
        admin_client.post(
            page, new if way == "staff" else {"usable_password": "false", "unset-password": "1"}
        )
    event = AccountEvent.objects.get()
    assert (event.kind, event.actor) == ("password", boss)
    assert (event.by, event.user) == (("customer", boss) if way == "own" else ("staff", alice))


@pytest.mark.parametrize("way", ["set", "removed"])
def test_ones_own_password_is_changed_by_the_one_so_far_alone(admin_client, way):
    User.objects.create_superuser("other@example.com", PASSWORD, name="Other")
    boss = User.objects.get(email="boss@example.com")
    new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    removed = {"usable_password": "false", "unset-password": "1"}
    page = reverse("admin:auth_user_password_change", args=[boss.pk])
    response = admin_client.post(page, new if way == "set" else removed, follow=True)
    assert "Change your own password by the one so far." in response.content.decode()
    assert response.redirect_chain == [(reverse("admin:password_change"), 302)]
    boss.refresh_from_db()
    assert boss.check_password(PASSWORD)


def test_a_password_that_was_reset_meanwhile_stays(admin_client, monkeypatch):
    boss, check = User.objects.get(email="boss@example.com"), password_checks.check_password

    def check_and_reset(**checked):
        is_right = check(**checked)
        operations.set_hashed_password(
            token=make_token(boss, LinkPurpose.RESET), hashed=make_password("of the owner")
        )
        return is_right

    monkeypatch.setattr(password_checks, "check_password", check_and_reset)
    new = dict.fromkeys(["new_password1", "new_password2"], NEW_PASSWORD)
    admin_client.post(reverse("admin:password_change"), new | {"old_password": PASSWORD})
    boss.refresh_from_db()
    assert boss.check_password("of the owner")


@pytest.mark.parametrize("page", ["add", "change"])
def test_staff_type_one_plain_address(admin_client, alice, page):
    odd = '"bob@example.com,x"@example.com'
    if page == "add":
        fields = {"email": odd, "name": "Bob", "usable_password": "false"}
        response = admin_client.post(reverse("admin:accounts_user_add"), fields)
    else:
        response = change(admin_client, alice, email=odd)
    assert "Write one plain address" in response.content.decode()
    assert not User.objects.filter(email=odd).exists()
