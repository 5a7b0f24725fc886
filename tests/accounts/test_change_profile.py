import pytest

from marquee.accounts import operations
from marquee.accounts.errors import AccountClosed, EmailTaken
from marquee.accounts.models import User
from tests.accounts.people import EMAIL, log_in, make_user

pytestmark = pytest.mark.django_db


def test_the_new_address_is_the_login(alice):
    operations.change_profile(user=alice, email="Liddell@Example.com")
    assert log_in("liddell@example.com")
    assert User.objects.get().name == "Alice Liddell"


def test_what_is_not_given_is_not_written(alice):
    old = User.objects.get()
    operations.change_profile(user=alice, name="Alice Hargreaves")
    operations.change_profile(user=old, email="hargreaves@example.com")
    new = User.objects.get()
    assert (new.name, new.email) == ("Alice Hargreaves", "hargreaves@example.com")


def test_an_address_of_somebody_else_is_refused(alice):
    make_user("bob@example.com")
    with pytest.raises(EmailTaken):
        operations.change_profile(user=alice, email="BOB@example.com", name="Bob")
    alice.refresh_from_db()
    assert (alice.email, alice.name) == (EMAIL, "Alice Liddell")


def test_ones_own_address_is_not_taken(alice):
    assert operations.change_profile(user=alice, email=EMAIL.upper()).email == EMAIL


def test_a_deleted_account_gets_no_name_again(alice):
    operations.delete_account(user=User.objects.get())
    with pytest.raises(AccountClosed):
        operations.change_profile(user=alice, name="Alice")
    assert User.objects.get().name == ""
