import pytest

from marquee.accounts import operations
from marquee.accounts.errors import (
    AccountClosed,
    BadCredentials,
    GuestAccount,
    PasswordRequired,
    TooManyAttempts,
    WrongPassword,
)
from marquee.accounts.models import AccountEvent, User
from marquee.core.text import search_text
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, log_in, make_user

pytestmark = pytest.mark.django_db


def change_email(user, email, password=PASSWORD):
    return operations.change_profile(user=user, networks=[CLIENT], email=email, password=password)


def test_fields_that_are_not_given_are_not_written(alice):
    old = User.objects.get()
    operations.change_profile(user=alice, networks=[CLIENT], name="Alice Hargreaves")
    change_email(old, "hargreaves@example.com")
    new = User.objects.get()
    assert (new.name, new.pending_email) == ("Alice Hargreaves", "hargreaves@example.com")
    assert search_text(new.name, EMAIL) == new.search_text


def test_another_address_is_pending_and_the_one_so_far_stays_the_login(alice):
    alice.email_verified_at = alice.created_at
    alice.save()
    changed = change_email(alice, "Liddell@Example.com")
    alice = User.objects.get()
    for user in (changed, alice):
        assert (user.email, user.pending_email) == (EMAIL, "liddell@example.com")
        assert user.is_email_verified
    assert log_in()
    with pytest.raises(BadCredentials):
        log_in("liddell@example.com")


def test_asking_for_another_address_is_in_the_history(alice):
    change_email(alice, "liddell@example.com")
    event = AccountEvent.objects.get()
    assert (event.kind, event.email) == (AccountEvent.Kind.CHANGE_ASKED, "liddell@example.com")
    assert (event.user, event.actor, event.by) == (alice, alice, "customer")


def test_a_refused_change_leaves_no_event(alice):
    with pytest.raises(WrongPassword):
        change_email(alice, "liddell@example.com", "guess")
    assert not AccountEvent.objects.exists()


@pytest.mark.parametrize("email", ["bob@example.com", "BOB@example.com", "free@example.com"])
def test_whether_another_account_has_the_address_is_not_said(
    alice, django_assert_num_queries, settings, email
):
    settings.EMAIL_CHANGE_LIMIT = settings.LOGIN_LIMIT = settings.PROFILE_LIMIT = 9
    make_user("bob@example.com")
    with django_assert_num_queries(7 + 2):
        changed = change_email(alice, email)
    assert changed.pending_email == email.lower()


def test_the_address_so_far_drops_a_pending_one(alice):
    change_email(alice, "liddell@example.com")
    operations.change_profile(user=alice, networks=[CLIENT], email=EMAIL)
    assert User.objects.get().pending_email == ""


def test_asking_again_asks_for_another_mail(alice):
    for _ in range(2):
        change_email(alice, "liddell@example.com")
    assert AccountEvent.objects.count() == 2


def test_a_guest_asks_for_no_other_address():
    guest = User.objects.create(email=None, contact_email="guest@example.com", name="G")
    with pytest.raises(GuestAccount):
        change_email(guest, "other@example.com")
    guest.refresh_from_db()
    assert (guest.contact_email, guest.pending_email) == ("guest@example.com", "")
    named = operations.change_profile(user=guest, networks=[CLIENT], name="Alice")
    assert named.search_text == search_text("Alice", "guest@example.com")


@pytest.mark.parametrize(
    ("password", "refusal"),
    [(None, PasswordRequired), ("wrong", WrongPassword), ("", WrongPassword)],
)
def test_a_new_address_needs_the_password(alice, password, refusal):
    with pytest.raises(refusal) as caught:
        change_email(alice, "mallory@example.com", password)
    assert caught.value.field == "password"
    alice.refresh_from_db()
    assert (alice.email, alice.pending_email) == (EMAIL, "")


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
    return True


def test_all_accounts_of_a_client_share_a_limit_of_new_addresses(alice, settings):
    settings.EMAIL_CHANGE_LIMIT = 1
    make_user("taken@example.com")
    users = [make_user(f"{number}@example.com") for number in range(8)]
    allowed = [may_request(user, f"{user.pk}@example.org", [CLIENT]) for user in users]
    assert allowed == [True] * 4 + [False] * 4
    assert may_request(users[-1], "new@example.com", ["192.0.2.9"])


def test_all_accounts_share_a_limit_of_mails_to_one_new_address(alice, settings):
    settings.EMAIL_CHANGE_LIMIT = 2
    users = [make_user(f"{number}@example.com") for number in range(3)]
    clients = [[f"192.0.2.{number}"] for number in range(3)]
    asked = zip(users, ["x@bücher.example", "X@xn--bcher-kva.example"] * 2, clients, strict=False)
    assert [may_request(*one) for one in asked] == [True, True, False]


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
