from contextlib import suppress

import pytest

from marquee.accounts import operations, queries
from marquee.accounts.errors import (
    AccountClosed,
    BadCredentials,
    BadLink,
    TooManyAttempts,
    WeakPassword,
)
from marquee.accounts.models import AccountEvent, AccountLink, AttemptCount, User
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import (
    CLIENT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    ask_for_address,
    history,
    log_in,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db
RESET = LinkPurpose.RESET


def reset(user, password=NEW_PASSWORD):
    return operations.reset_password(token=make_token(user, RESET), password=password)


def ask(email=EMAIL, client=CLIENT):
    operations.ask_for_reset(email=email, networks=[client])


def test_the_new_password_works_and_the_old_does_not(alice):
    reset(alice)
    assert log_in(password=NEW_PASSWORD)
    with pytest.raises(BadCredentials):
        log_in(password=PASSWORD)


def test_who_proves_an_address_gets_its_account_and_everything_else_of_it_ends(alice):
    stale, pair = User.objects.get(), log_in()
    ask_for_address(alice, "mallory@example.com")
    assert reset(alice).token_epoch == 1
    user = User.objects.get()
    assert user.is_email_verified
    assert user.pending_email == ""
    with pytest.raises(BadCredentials):
        operations.refresh(token=pair.refresh, networks=[CLIENT])
    with pytest.raises(AccountClosed):
        operations.change_profile(user=stale, networks=[CLIENT], name="Mallory")
    assert history(alice)[1:] == [("verified", EMAIL), ("reset", EMAIL)]


def test_the_time_of_an_earlier_verification_stays(alice):
    operations.verify_email(token=make_token(alice, LinkPurpose.VERIFY))
    alice.refresh_from_db()
    assert reset(alice).email_verified_at == alice.email_verified_at
    assert history(alice) == [("verified", EMAIL), ("reset", EMAIL)]


def test_a_weak_password_is_refused_and_leaves_the_link(alice):
    token = make_token(alice, RESET)
    for weak in ("short", "alice@example"):
        with pytest.raises(WeakPassword) as refusal:
            operations.reset_password(token=token, password=weak)
        assert refusal.value.field == "password"
    assert log_in()
    assert operations.reset_password(token=token, password=NEW_PASSWORD)


def without_password(user):
    operations.remove_password(user=user)


def inactive(user):
    User.objects.update(is_active=False)


def guest(user):
    User.objects.update(email=None, email_key=None, contact_email=EMAIL)


@pytest.mark.parametrize("change", [without_password, inactive, guest])
def test_inactive_accounts_those_without_password_and_guests_are_not_reset(alice, change):
    change(alice)
    alice.refresh_from_db()
    assert queries.account_to_reset(EMAIL) is None
    with pytest.raises(BadLink) as refusal:
        reset(alice)
    assert refusal.value.facts == {"reason": "outdated"}


@pytest.mark.parametrize("typed", [EMAIL, f" {EMAIL.upper()} ", '"alice"@example.com'])
def test_the_account_is_found_by_any_spelling_of_its_mailbox(alice, typed):
    assert queries.account_to_reset(typed).address == EMAIL
    assert queries.account_to_reset("bob@example.com") is None


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_asking_is_recorded_and_looks_no_account_up(
    alice, django_assert_num_queries, settings, email
):
    settings.RESET_LIMIT = 9
    with django_assert_num_queries(3) as statements:
        ask(email)
    assert not any('FROM "account"' in one["sql"] for one in statements.captured_queries)
    event = AccountEvent.objects.get()
    assert (event.user, event.kind, event.email) == (None, AccountEvent.Kind.RESET_ASKED, email)
    assert (event.by, event.actor) == ("customer", None)
    assert not AccountLink.objects.exists()


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_a_thousand_resets_for_one_address_are_five_mails(alice, settings, email):
    settings.RESET_LIMIT = 5
    refusals = []
    for number in range(1000):
        try:
            ask([email, email.upper()][number % 2], f"192.0.2.{number}")
        except TooManyAttempts as refusal:
            refusals.append(refusal.facts["retry_after"])
    assert (len(refusals), AccountEvent.objects.count()) == (995, 5)
    assert 3000 < min(refusals) <= max(refusals) <= 3600


def test_resets_are_limited_by_client(settings):
    settings.RESET_LIMIT = 2
    for number in range(8):
        ask(f"{number}@example.com")
    with pytest.raises(TooManyAttempts):
        ask("8@example.com")
    ask("8@example.com", "192.0.2.9")


def test_a_thousand_addresses_of_one_client_are_no_thousand_counts(settings):
    settings.RESET_LIMIT = 1
    for number in range(1000):
        with suppress(TooManyAttempts):
            ask(f"{number}@example.com")
    assert AccountEvent.objects.count() == 4
    assert AttemptCount.objects.count() == 4 + 1  # each address that was taken, and the client


def test_another_accounts_link_sets_the_password_of_that_one_alone(alice):
    bob = make_user("bob@example.com")
    assert reset(bob).pk == bob.pk
    assert log_in()
    assert log_in("bob@example.com", NEW_PASSWORD)
