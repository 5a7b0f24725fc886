"""Two superusers remove each other's rights at once: one of them stays."""

import pytest
from django.db import connection

from marquee.accounts import locks, operations
from marquee.accounts.models import AccountEvent, User
from marquee.booking.operations import close_account
from marquee.core import transactions
from marquee.core.transactions import run_in_transaction
from tests.factories import make_superuser
from tests.races import guards, interleave
from tests.races.interleave import Scene, interleavings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def close_connections():
    yield
    interleave.disconnect()


def two() -> tuple[User, User]:
    AccountEvent.objects.all().delete()
    User.objects.all().delete()
    return make_superuser(), make_superuser()


def demote(actor, user):
    operations.change_account(actor=actor, user=user, changes={"is_superuser": False})


def two_demotions() -> Scene:
    one, other = two()
    return Scene(one=lambda: demote(one, other), other=lambda: demote(other, one))


def two_deletions() -> Scene:
    one, other = two()
    return Scene(
        one=lambda: operations.delete_account(user=one),
        other=lambda: operations.delete_account(user=other),
    )


def demotion_and_deletion() -> Scene:
    one, other = two()
    return Scene(one=lambda: demote(one, other), other=lambda: operations.delete_account(user=one))


SCENES = [two_demotions, two_deletions, demotion_and_deletion]


def superusers() -> int:
    return User.objects.filter(is_superuser=True, is_active=True).count()


@pytest.mark.parametrize("scene", SCENES)
def test_of_two_superusers_who_go_at_once_one_stays(scene):
    for race in interleavings(scene):
        assert sorted(race.outcome) == ["LastSuperuser", "done"], race
        assert superusers() == 1, race


@pytest.mark.parametrize("scene", SCENES)
def test_control_without_the_lock_both_go(scene, monkeypatch):
    monkeypatch.setattr(locks, "lock_superusers", lambda: None)
    if connection.vendor == "sqlite":  # whose guard is that only one transaction writes
        guards.replace_everywhere(monkeypatch, run_in_transaction, lambda work: work())
    assert any(superusers() == 0 for _ in interleavings(scene))


def closing_and_demotion() -> Scene:
    one, other = two()
    make_superuser()
    return Scene(
        close=lambda: close_account(user=one, upcoming="cancel"),
        demote=lambda: demote(other, User(pk=one.pk)),
    )


def test_an_account_that_is_closed_and_demoted_at_once_never_deadlocks(monkeypatch):
    monkeypatch.setattr(transactions, "MAX_ATTEMPTS", 1)
    for race in interleavings(closing_and_demotion):
        assert race.outcome == ("done", "done"), race
        assert superusers() == 2, race
