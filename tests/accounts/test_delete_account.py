import pytest

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import RefreshToken, User
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, log_in, make_user

pytestmark = pytest.mark.django_db


def test_the_row_keeps_no_personal_data(alice):
    operations.delete_account(user=alice)
    row = User.objects.get(pk=alice.pk)
    assert row.email.endswith("@deleted.invalid")
    assert (row.name, row.has_usable_password(), row.is_active) == ("", False, False)


def test_staff_rights_go_as_well():
    boss = User.objects.create_superuser(EMAIL, PASSWORD, name="Boss")
    User.objects.create_superuser("other@example.com", PASSWORD, name="Other")
    operations.delete_account(user=boss)
    boss.refresh_from_db()
    assert (boss.is_staff, boss.is_superuser) == (False, False)


def test_every_token_is_revoked(alice):
    pair = log_in()
    operations.delete_account(user=alice)
    with pytest.raises(BadCredentials):
        operations.refresh(token=pair.refresh, networks=[CLIENT])
    assert not RefreshToken.objects.exists()
    assert User.objects.get().token_epoch == 1


def test_the_address_is_free_to_sign_up_anew(alice):
    operations.delete_account(user=alice)
    assert make_user().pk != alice.pk
    assert log_in()


def test_other_accounts_keep_their_sessions(alice):
    make_user("bob@example.com")
    pair = log_in("bob@example.com")
    operations.delete_account(user=alice)
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_deleting_twice_changes_nothing_more(alice):
    operations.delete_account(user=alice)
    operations.delete_account(user=alice)
    assert User.objects.filter(email__endswith="@deleted.invalid").count() == 1
