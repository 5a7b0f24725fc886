"""Deactivating, and every other way to save an account: tokens called back stay so."""

import pytest

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import User
from tests.accounts.people import CLIENT, NEW_PASSWORD, log_in

pytestmark = pytest.mark.django_db


def assert_refused(token):
    with pytest.raises(BadCredentials):
        operations.refresh(token=token, networks=[CLIENT])
    return True


@pytest.mark.parametrize("fields", [None, ["is_active"]])
def test_a_deactivated_account_has_no_tokens_even_when_it_is_active_again(alice, fields):
    pair = log_in()
    alice.is_active = False
    alice.save(update_fields=fields)
    assert assert_refused(pair.refresh)
    alice.is_active = True
    alice.save(update_fields=fields)
    assert assert_refused(pair.refresh)
    assert log_in()


def test_an_account_left_without_password_has_no_tokens(alice):
    pair = log_in()
    alice.set_unusable_password()
    alice.save()
    assert assert_refused(pair.refresh)


def test_saving_something_else_calls_nothing_back(alice):
    pair = log_in()
    alice.name = "Alice Hargreaves"
    alice.save()
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])
    assert alice.token_epoch == 0


def test_an_account_read_before_tokens_were_called_back_revives_none_when_saved(alice):
    pair = log_in()
    same = User.objects.get()
    alice.set_password(NEW_PASSWORD)
    alice.save()
    same.save()
    assert assert_refused(pair.refresh)
    assert same.token_epoch == 1
