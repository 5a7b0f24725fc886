from io import StringIO

import pytest
from django.core.management import call_command

from marquee.accounts import operations
from marquee.accounts.errors import (
    AccountClosed,
    BadCredentials,
    TooManyAttempts,
    WeakPassword,
    WrongPassword,
)
from marquee.accounts.models import User
from tests.accounts.people import CLIENT, NEW_PASSWORD, PASSWORD, claims_of, log_in

pytestmark = pytest.mark.django_db


def change(user, old=PASSWORD, new=NEW_PASSWORD):
    return operations.change_password(user=user, old=old, new=new, networks=[CLIENT])


def assert_revoked(token):
    with pytest.raises(BadCredentials):
        operations.refresh(token=token, networks=[CLIENT])


def test_the_new_password_works_and_the_old_does_not(alice):
    change(alice)
    assert log_in(password=NEW_PASSWORD)
    with pytest.raises(BadCredentials):
        log_in(password=PASSWORD)


def test_every_token_is_revoked_but_the_new_pair(alice):
    here, elsewhere = log_in(), log_in()
    fresh = change(alice)
    assert_revoked(here.refresh)
    assert_revoked(elsewhere.refresh)
    assert claims_of(fresh.access)["epoch"] == User.objects.get().token_epoch == 1
    assert operations.refresh(token=fresh.refresh, networks=[CLIENT])


def test_the_old_password_is_required(alice):
    pair = log_in()
    with pytest.raises(WrongPassword) as refusal:
        change(alice, old="wrong")
    assert refusal.value.field == "old_password"
    assert log_in()
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_a_weak_password_is_refused_and_the_old_stays(alice):
    with pytest.raises(WeakPassword) as refusal:
        change(alice, new="alice@example")
    assert refusal.value.field == "new_password"
    assert log_in()


def test_of_two_changes_at_once_the_second_is_refused(alice):
    stale = User.objects.get()
    change(alice)
    with pytest.raises(AccountClosed):
        change(stale, new="another good one")
    assert log_in(password=NEW_PASSWORD)


def test_guesses_at_the_old_password_are_limited(alice, settings):
    settings.LOGIN_LIMIT = 2
    for _ in range(2):
        with pytest.raises(WrongPassword):
            change(alice, old="wrong")
    with pytest.raises(TooManyAttempts):
        change(alice)


def test_the_password_command_revokes_every_token_too(alice, monkeypatch):
    pair = log_in()
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW_PASSWORD)
    call_command("changepassword", alice.email, stdout=StringIO())
    assert_revoked(pair.refresh)
    assert log_in(password=NEW_PASSWORD)
