"""Saving an account in any way: revoked tokens stay revoked."""

import pytest

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import User
from tests.accounts.people import CLIENT, NEW_PASSWORD, log_in

pytestmark = pytest.mark.django_db


def assert_revoked(token):
    with pytest.raises(BadCredentials):
        operations.refresh(token=token, networks=[CLIENT])


@pytest.mark.parametrize("fields", [None, ["is_active"]])
def test_a_deactivated_account_has_no_tokens_even_when_it_is_active_again(alice, fields):
    pair = log_in()
    alice.is_active = False
    alice.save(update_fields=fields)
    assert_revoked(pair.refresh)
    alice.is_active = True
    alice.save(update_fields=fields)
    assert_revoked(pair.refresh)
    assert log_in()


def test_an_account_without_a_password_has_no_tokens(alice):
    pair = log_in()
    alice.set_unusable_password()
    alice.save()
    assert_revoked(pair.refresh)


def test_saving_another_field_revokes_nothing(alice):
    pair = log_in()
    alice.name = "Alice Hargreaves"
    alice.save()
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])
    assert alice.token_epoch == 0


def test_saving_an_account_read_before_tokens_were_revoked_revives_none(alice):
    pair = log_in()
    stale = User.objects.get()
    alice.set_password(NEW_PASSWORD)
    alice.save()
    stale.save()
    assert_revoked(pair.refresh)
    assert stale.token_epoch == 1
