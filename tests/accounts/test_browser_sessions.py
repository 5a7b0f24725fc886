"""Logins in browsers: what the list of logins knows of them, and how they end."""

import time
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marquee.accounts import browser_sessions, login_sessions, operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.login_sessions import UNKNOWN_DEVICE
from marquee.accounts.models import LoginSession, User
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import CLIENT, EMAIL, NEW_PASSWORD, PASSWORD, log_in, make_user
from tests.admin.forms import NO_ROLES

pytestmark = pytest.mark.django_db
INDEX = "/admin/"


@pytest.fixture
def staff(db):
    make_user("boss@example.com", is_staff=True, is_superuser=True)
    return make_user(is_staff=True, is_superuser=True)


def browser_of(email=EMAIL):
    """Return a browser that is logged in to the admin."""
    browser = Client()
    form = {"username": email, "password": PASSWORD}
    assert browser.post(reverse("admin:login"), form).status_code == 302
    return browser


def is_in(browser):
    return browser.get(INDEX).status_code == 200


def age(browser, seconds):
    """Make the entry of a browser's session in the list look older."""
    session = browser.session
    session["login_session"] = session["login_session"] | {"noted": time.time() - seconds}
    session.save()
    LoginSession.objects.update(last_seen_at=timezone.now() - timedelta(seconds=seconds))


# --- One set of rules: what ends the sessions of an account ends its tokens and its browsers --------


def change_password(user, page):
    operations.change_password(user=user, old=PASSWORD, new=NEW_PASSWORD, networks=[CLIENT])


def change_password_in_the_admin(user, page):
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    browser = browser_of()
    browser.post(reverse("admin:password_change"), new | {"old_password": PASSWORD})
    assert is_in(browser)  # the browser that changes the password stays logged in


def set_password_in_the_admin(user, page):
    passwords = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "usable_password": "true"}
    page.post(reverse("admin:auth_user_password_change", args=[user.pk]), passwords)


def remove_password_in_the_admin(user, page):
    form = {"usable_password": "false", "unset-password": "on"}
    page.post(reverse("admin:auth_user_password_change", args=[user.pk]), form)


def change_password_by_command(user, page):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda prompt: NEW_PASSWORD)
        call_command("changepassword", user.email, stdout=StringIO())


def reset(user, page):
    token = operations.make_link(user=user, purpose=LinkPurpose.RESET, email=user.email)
    operations.reset_password(token=token, password=NEW_PASSWORD)


def deactivate(user, page):
    operations.change_account(actor=user, user=user, changes={"is_active": False})
    User.objects.filter(pk=user.pk).update(is_active=True)  # it stays ended


def deactivate_in_the_admin(user, page):
    form = {"email": user.email, "name": user.name, "is_staff": "on", "is_superuser": "on"}
    form |= NO_ROLES
    page.post(reverse("admin:accounts_user_change", args=[user.pk]), form)
    User.objects.filter(pk=user.pk).update(is_active=True)


def delete(user, page):
    operations.delete_account(user=user)


def delete_in_the_admin(user, page):
    chosen = {"action": "delete_accounts", "_selected_action": [user.pk], "confirmed": "yes"}
    page.post(reverse("admin:accounts_user_changelist"), chosen)


def change_password_on_a_page(user, page):
    browser = browser_of()
    fields = {"old_password": PASSWORD, "password": NEW_PASSWORD}
    browser.post(reverse("account-password"), fields)
    assert is_in(browser)


def log_out_others_on_a_page(user, page):
    browser = browser_of()
    browser.post(reverse("account-devices"))
    assert is_in(browser)


def log_out_others(user, page):
    operations.log_out_others(user=user, session=None, device=UNKNOWN_DEVICE)


ENDS = [
    change_password,
    change_password_in_the_admin,
    set_password_in_the_admin,
    remove_password_in_the_admin,
    change_password_by_command,
    reset,
    deactivate,
    deactivate_in_the_admin,
    delete,
    delete_in_the_admin,
    log_out_others,
    change_password_on_a_page,
    log_out_others_on_a_page,
]


@pytest.mark.parametrize("end", ENDS)
def test_tokens_and_browser_sessions_end_with_the_same_events(staff, end):
    browser, pair, page = browser_of(), log_in(), browser_of("boss@example.com")
    user = User.objects.get(pk=staff.pk)
    end(user, page)
    assert not is_in(browser)
    with pytest.raises(BadCredentials):
        operations.refresh(token=pair.refresh, networks=[CLIENT])
    user.refresh_from_db()
    assert user.token_epoch >= 1
    # What is still listed was made by the event itself.
    assert login_sessions.live(user).count() <= 1
    assert is_in(page)


def test_without_the_epoch_a_browser_outlives_logging_out_everywhere_else(staff, monkeypatch):
    monkeypatch.delattr(User, "get_session_auth_hash")
    browser = browser_of()
    log_out_others(staff, None)
    assert is_in(browser)


def test_other_events_end_nothing(staff):
    browser, pair = browser_of(), log_in()
    operations.change_profile(user=staff, networks=[CLIENT], name="Alice Hargreaves")
    log_in()
    assert is_in(browser)
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_logging_out_ends_one_browser(staff):
    one, other = browser_of(), browser_of()
    one.post(reverse("admin:logout"))
    assert (is_in(one), is_in(other)) == (False, True)
    assert LoginSession.objects.count() == 1


# --- What the list knows ---------------------------------------------------------------------------


def test_the_cookie_changes_at_login_and_at_a_new_password(staff):
    browser = Client()
    session = browser.session
    session["seen"] = True
    session.save()
    anonymous = browser.cookies["sessionid"].value
    browser.post(reverse("admin:login"), {"username": EMAIL, "password": PASSWORD})
    logged_in = browser.cookies["sessionid"].value
    new = {"new_password1": NEW_PASSWORD, "new_password2": NEW_PASSWORD}
    browser.post(reverse("admin:password_change"), new | {"old_password": PASSWORD})
    changed = browser.cookies["sessionid"].value
    assert len({anonymous, logged_in, changed}) == 3
    assert list(Session.objects.values_list("pk", flat=True)) == [changed]
    (login,) = login_sessions.live(User.objects.get(email=EMAIL))  # the same login, still listed
    assert login.token_epoch == 1


def test_a_browser_is_noted_at_most_every_five_minutes(staff):
    browser = browser_of()
    age(browser, 290)
    before = LoginSession.objects.get()
    browser.get(INDEX)
    assert LoginSession.objects.get().last_seen_at == before.last_seen_at
    age(browser, 310)
    browser.get(INDEX)
    after = LoginSession.objects.get()
    assert after.last_seen_at > before.last_seen_at
    assert after.created_at == before.created_at


def test_a_browser_that_is_used_stays_logged_in(staff, settings):
    browser = browser_of()
    Session.objects.update(expire_date=timezone.now() + timedelta(minutes=1))
    age(browser, 310)
    response = browser.get(INDEX)
    assert response.cookies["sessionid"]["max-age"] == settings.REFRESH_TOKEN_DAYS * 86_400
    days = Session.objects.get().expire_date - timezone.now()
    assert days > timedelta(days=settings.REFRESH_TOKEN_DAYS - 1)


def test_another_user_in_the_same_browser_is_another_login(staff):
    browser = browser_of()
    browser.post(reverse("admin:login"), {"username": "boss@example.com", "password": PASSWORD})
    assert [login.user.email for login in LoginSession.objects.all()] == ["boss@example.com"]


def test_an_error_of_the_database_while_noting_costs_no_page(staff, monkeypatch):
    def fail(**_):
        raise DatabaseError("too busy")

    browser = browser_of()
    age(browser, 310)
    with monkeypatch.context() as patch:
        patch.setattr(login_sessions, "note", fail)
        assert is_in(browser)
    before = LoginSession.objects.get().last_seen_at
    assert is_in(browser)
    assert LoginSession.objects.get().last_seen_at > before


def test_visitors_have_no_login_and_no_session():
    browser = Client()
    browser.get(reverse("admin:login"))
    assert not LoginSession.objects.exists()
    assert not Session.objects.exists()


def test_the_worker_forgets_what_has_ended_and_nothing_else(staff):
    browser_of()
    log_in()
    dead = make_user("bob@example.com")
    log_in("bob@example.com")
    dead.set_password(NEW_PASSWORD)
    dead.save()
    log_in("boss@example.com")
    ago = timezone.now() - timedelta(seconds=1)
    LoginSession.objects.filter(user__email="boss@example.com").update(expires_at=ago)
    assert login_sessions.delete_ended() == 2
    assert login_sessions.live(staff).count() == LoginSession.objects.count() == 2
    assert browser_sessions.delete_expired() == 0
    Session.objects.update(expire_date=ago)
    assert browser_sessions.delete_expired() == 1
