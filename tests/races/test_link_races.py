"""One link used twice at once, and a reset beside other changes of the account: one of them wins."""

import pytest
from django.db.models import F

from marquee.accounts import locks, operations, queries
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import AccountEvent, AccountLink, User
from marquee.accounts.operations import links, resets
from marquee.accounts.states import LinkPurpose
from marquee.accounts.tokens import TokenPair
from tests.accounts.people import (
    CLIENT,
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    ask_for_address,
    claims_of,
    make_token,
    make_user,
)
from tests.factories import make_superuser
from tests.races import interleave
from tests.races.concurrency import at_once
from tests.races.interleave import Scene, interleavings

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 6
THIRD_PASSWORD = "meadow staple horse"
VERIFY, RESET, CHANGE_EMAIL = LinkPurpose.VERIFY, LinkPurpose.RESET, LinkPurpose.CHANGE_EMAIL


@pytest.fixture(autouse=True)
def without_limits(settings):
    """Count nothing, and close what `interleave` opened."""
    settings.LOGIN_LIMIT = settings.LOGIN_CEILING = settings.REFRESH_LIMIT = 0
    yield
    interleave.disconnect()


def alone() -> User:
    AccountEvent.objects.all().delete()
    User.objects.all().delete()
    return ask_for_address(make_user(), "liddell@example.com")


def use(token, purpose, password=NEW_PASSWORD):
    if purpose == VERIFY:
        return operations.verify_email(token=token)
    if purpose == RESET:
        return operations.reset_password(token=token, password=password)
    return operations.confirm_email_change(token=token)


def count(results, kind):
    return sum(isinstance(result, kind) for result in results)


def done(purpose):
    kinds = {VERIFY: "verified", RESET: "reset", CHANGE_EMAIL: "email"}
    return AccountEvent.objects.filter(kind=kinds[purpose]).count()


@pytest.mark.parametrize("purpose", [VERIFY, RESET, CHANGE_EMAIL])
def test_of_parallel_uses_of_one_link_one_wins(purpose):
    token = make_token(alone(), purpose)
    results = at_once(RACERS, lambda: use(token, purpose))
    assert count(results, User) == 1, results
    assert [str(one.facts["reason"]) for one in results if not isinstance(one, User)] == (
        ["used"] * (RACERS - 1)
    )
    assert done(purpose) == 1


def test_control_without_compare_and_set_and_state_a_link_is_used_by_all(monkeypatch):
    token = make_token(alone(), RESET)
    monkeypatch.setattr(links, "_mark_spent", lambda link: link.spent_at is None)
    monkeypatch.setattr(links, "_check", lambda link, user: None)
    results = at_once(RACERS, lambda: use(token, RESET))
    assert count(results, User) == RACERS, results
    assert done(RESET) == RACERS


def reset_and_change() -> Scene:
    user = alone()
    token = make_token(user, RESET)
    stale = User.objects.get(pk=user.pk)
    return Scene(
        user,
        reset=lambda: use(token, RESET),
        change=lambda: operations.change_password(
            user=stale, old=PASSWORD, new=THIRD_PASSWORD, networks=[CLIENT]
        ),
    )


def test_of_a_reset_and_a_new_password_at_once_one_wins():
    outcomes = set()
    for race in interleavings(reset_and_change):
        outcomes.add(race.outcome)
        user = User.objects.get()
        winner = NEW_PASSWORD if race.outcome[0] == "User" else THIRD_PASSWORD
        assert user.check_password(winner), race
        assert (user.token_epoch, user.pending_email) == (1, ""), race
    assert outcomes == {("User", "AccountClosed"), ("BadLink", "TokenPair")}


def test_control_without_the_epoch_compared_both_win(monkeypatch):
    monkeypatch.setattr(locks, "unchanged", lambda user: User.objects.filter(pk=user.pk))
    monkeypatch.setattr(links, "_check", lambda link, user: None)
    outcomes = {race.outcome for race in interleavings(reset_and_change)}
    assert ("User", "TokenPair") in outcomes


def reset_and_log_in() -> Scene:
    user = alone()
    token = make_token(user, RESET)
    return Scene(
        user,
        reset=lambda: use(token, RESET),
        log_in=lambda: operations.log_in(email=EMAIL, password=PASSWORD, networks=[CLIENT]),
    )


def is_logged_in(user, pair):
    epoch = claims_of(pair.access)["epoch"]
    return queries.is_token_current(user_id=user.pk, token_epoch=epoch)


def test_a_login_with_the_old_password_does_not_outlive_a_reset():
    outcomes = set()
    for race in interleavings(reset_and_log_in):
        outcomes.add(race.outcome)
        if race.outcome[1] == "TokenPair":
            assert not is_logged_in(race.scene.about, race["log_in"]), race
            with pytest.raises(BadCredentials):
                operations.refresh(token=race["log_in"].refresh, networks=[CLIENT])
    assert outcomes == {("User", "TokenPair"), ("User", "BadCredentials")}


class SameEpoch(F):
    """The epoch, to which nothing is added."""

    def __add__(self, other):
        return F(self.name)


def test_control_without_a_new_epoch_a_login_outlives_a_reset(monkeypatch):
    monkeypatch.setattr(resets, "F", SameEpoch)
    survived = False
    for race in interleavings(reset_and_log_in):
        pair = race["log_in"]
        survived |= isinstance(pair, TokenPair) and is_logged_in(race.scene.about, pair)
    assert survived


def change_and_sign_up() -> Scene:
    user = alone()
    token = make_token(user, CHANGE_EMAIL)
    return Scene(
        user,
        confirm=lambda: use(token, CHANGE_EMAIL),
        sign_up=lambda: operations.sign_up(
            email="liddell@example.com", password=PASSWORD, name="Bob", networks=[CLIENT]
        ),
    )


def test_of_a_confirmed_address_and_a_sign_up_with_it_one_gets_it(settings):
    settings.VERIFY_LIMIT = 0  # each order signs up with it
    outcomes = set()
    for race in interleavings(change_and_sign_up):
        outcomes.add(race.outcome)
        if race.outcome[0] == "BadLink":
            assert race["confirm"].facts == {"reason": "taken"}, race
            assert AccountLink.objects.get().spent_at is None, race
        assert User.objects.filter(email="liddell@example.com").count() == 1, race
    assert outcomes == {("User", "EmailTaken"), ("BadLink", "tuple")}


def two_resets() -> Scene:
    user = alone()
    one, other = make_token(user, RESET), make_token(user, RESET)
    return Scene(user, one=lambda: use(one, RESET), other=lambda: use(other, RESET, THIRD_PASSWORD))


def test_of_two_links_to_set_a_password_one_wins():
    for race in interleavings(two_resets, first="one"):
        assert sorted(race.outcome) == ["BadLink", "User"], race
        winner = NEW_PASSWORD if race.outcome[0] == "User" else THIRD_PASSWORD
        assert User.objects.get().check_password(winner), race


def verify_and_change() -> Scene:
    user = alone()
    token = make_token(user, VERIFY)
    staff = make_superuser()
    return Scene(
        user,
        verify=lambda: use(token, VERIFY),
        change=lambda: operations.change_account(
            actor=staff, user=User(pk=user.pk), changes={"email": "al@example.com"}
        ),
    )


def test_a_link_never_verifies_an_address_that_it_was_not_sent_to():
    for race in interleavings(verify_and_change):
        assert race.outcome[1] == "done", race
        user = User.objects.get(pk=race.scene.about.pk)
        assert (user.email, user.is_email_verified) == ("al@example.com", False), race
