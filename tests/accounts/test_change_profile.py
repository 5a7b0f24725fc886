import pytest

from marquee.accounts import operations
from marquee.accounts.errors import (
    AccountClosed,
    EmailTaken,
    PasswordRequired,
    TooManyAttempts,
    WrongPassword,
)
from marquee.accounts.models import User
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, log_in, make_user

pytestmark = pytest.mark.django_db


def change_email(user, email, password=PASSWORD):
    return operations.change_profile(user=user, networks=[CLIENT], email=email, password=password)


def test_the_new_address_is_the_login(alice):
    change_email(alice, "Liddell@Example.com")
    assert log_in("liddell@example.com")
    assert User.objects.get().name == "Alice Liddell"


def test_fields_that_are_not_given_are_not_written(alice):
    old = User.objects.get()
    operations.change_profile(user=alice, networks=[CLIENT], name="Alice Hargreaves")
    change_email(old, "hargreaves@example.com")
    new = User.objects.get()
    assert (new.name, new.email) == ("Alice Hargreaves", "hargreaves@example.com")


def test_an_address_of_another_account_is_refused(alice):
    make_user("bob@example.com")
    with pytest.raises(EmailTaken):
        operations.change_profile(
            user=alice, networks=[CLIENT], email="BOB@example.com", name="Bob", password=PASSWORD
        )
    alice.refresh_from_db()
    assert (alice.email, alice.name) == (EMAIL, "Alice Liddell")


@pytest.mark.parametrize(
    ("password", "refusal"),
    [(None, PasswordRequired), ("wrong", WrongPassword), ("", WrongPassword)],
)
def test_a_new_address_needs_the_password(alice, password, refusal):
    with pytest.raises(refusal) as caught:
        change_email(alice, "mallory@example.com", password)
    assert caught.value.field == "password"
    alice.refresh_from_db()
    assert alice.email == EMAIL


def test_guessing_the_password_by_changing_the_address_is_limited(alice, settings):
    settings.LOGIN_LIMIT = 2
    for _ in range(2):
        with pytest.raises(WrongPassword):
            change_email(alice, "mallory@example.com", "guess")
    for password in ("guess", PASSWORD):
        with pytest.raises(TooManyAttempts):
            change_email(alice, "mallory@example.com", password)
    alice.refresh_from_db()
    assert alice.email == EMAIL


def test_who_does_not_know_the_password_learns_no_addresses(alice):
    make_user("bob@example.com")
    with pytest.raises(WrongPassword):
        change_email(alice, "bob@example.com", "guess")


def test_a_name_and_the_same_address_need_no_password(alice):
    changed = operations.change_profile(
        user=alice, networks=[CLIENT], email=EMAIL.upper(), name="Alice"
    )
    assert (changed.name, changed.email) == ("Alice", EMAIL)


def test_a_password_that_is_given_must_be_right(alice):
    with pytest.raises(WrongPassword):
        operations.change_profile(user=alice, networks=[CLIENT], name="Al", password="wrong")


def test_the_users_own_address_is_not_taken(alice):
    assert (
        operations.change_profile(user=alice, networks=[CLIENT], email=EMAIL.upper()).email == EMAIL
    )


def test_a_deleted_account_gets_no_name_again(alice):
    operations.delete_account(user=User.objects.get())
    with pytest.raises(AccountClosed):
        operations.change_profile(user=alice, networks=[CLIENT], name="Alice")
    assert User.objects.get().name == ""


def may_request(user, email, networks):
    try:
        operations.change_profile(user=user, networks=networks, email=email, password=PASSWORD)
    except TooManyAttempts:
        return False
    except EmailTaken:
        pass
    return True


def test_all_accounts_of_a_client_share_a_limit_of_new_addresses(alice, settings):
    settings.EMAIL_CHANGE_LIMIT = 1
    make_user("taken@example.com")
    users = [make_user(f"{number}@example.com") for number in range(8)]
    allowed = [may_request(user, "taken@example.com", [CLIENT]) for user in users]
    assert allowed == [True] * 4 + [False] * 4
    assert may_request(users[-1], "taken@example.com", ["192.0.2.9"])


def test_the_users_own_address_is_not_counted(alice, settings):
    settings.EMAIL_CHANGE_LIMIT = 1
    assert all(may_request(alice, EMAIL.upper(), [CLIENT]) for _ in range(5))
    assert may_request(alice, "liddell@example.com", [CLIENT])


def test_a_profile_is_changed_up_to_its_limit(alice, settings):
    settings.PROFILE_LIMIT = 2
    for name in ("A", "B"):
        operations.change_profile(user=alice, networks=[CLIENT], name=name)
    with pytest.raises(TooManyAttempts):
        operations.change_profile(user=alice, networks=[CLIENT], name="C")
    alice.refresh_from_db()
    assert alice.name == "B"
    operations.change_profile(user=make_user("bob@example.com"), networks=[CLIENT], name="C")
