"""Roles are taken, given and used at once: the order of commits decides, and each act has its entry.

A request reads the roles of its sender before the operation's transaction (decision 31). So what was under way
when a role was taken may end, and nothing that begins later does.
"""

import re
from collections.abc import Callable
from itertools import count

import pytest
from django.db import connection

from marquee.accounts import locks
from marquee.accounts.models import StaffRole, User
from marquee.accounts.operations import give_role, take_role
from marquee.accounts.permissions import Cinemas
from marquee.accounts.states import Role
from marquee.api import permissions
from marquee.audit.models import AuditEntry
from marquee.catalog.models import Cinema
from marquee.catalog.operations.deletion import delete as delete_cinema
from marquee.core import transactions
from marquee.core.actor import acting_as_staff
from tests.factories import client_of, make_cinema, make_staff
from tests.races import guards
from tests.races.interleave import Race, Scene, interleavings
from tests.races.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

API = "/api/v1"
STANDS = re.compile("act stands before statement ([0-9]+)")
BOSS = 10**6  # the id of whoever takes roles
names = count(1)


def sell(scenario: Scenario, seller: User) -> int:
    body = {"tickets": [{"seat": "A1"}]}
    path = f"{API}/shows/{scenario.show.pk}/counter-bookings/"
    return client_of(seller).post(path, body, format="json").status_code


def rename_prices(scenario: Scenario, seller: User) -> int:
    path = f"{API}/price-cards/{scenario.show.price_card_id}/"
    return client_of(seller).patch(path, {"name": f"Card {next(names)}"}, format="json").status_code


def as_boss(verb: Callable[..., None], **what: object) -> None:
    with acting_as_staff(BOSS):
        verb(role=Role.MANAGER, **what)


def act_and_take(act: Callable[[Scenario, User], int]) -> Callable[[], Scene]:
    def make() -> Scene:
        scenario, seller = Scenario(), make_staff()
        return Scene(
            seller,
            act=lambda: act(scenario, seller),
            take=lambda: as_boss(take_role, user=seller, cinema_id=None),
        )

    return make


def is_right(race: Race) -> bool:
    """Return whether an act was done if, and only if, it had read the roles before they were taken."""
    stands = STANDS.match(race.plan[0])
    ran = race.racers["act"].statements[: int(stands.group(1)) - 1 if stands else None]
    had_role = any("staff_role" in sql for sql in ran)
    status = race["act"]
    acts = AuditEntry.objects.filter(actor_id=race.scene.about.pk).count()
    taken = AuditEntry.objects.filter(action="role_taken", subject_id=race.scene.about.pk).count()
    return (
        (status < 300) == had_role
        and (status == 403) != had_role
        and (acts, taken) == (had_role, 1)
    )


@pytest.mark.parametrize("act", [sell, rename_prices])
def test_what_is_asked_for_after_a_role_was_taken_is_not_done(act):
    statuses = set()
    for race in interleavings(act_and_take(act), first="act"):
        assert is_right(race), race
        statuses.add(race["act"])
    assert len(statuses) == 2


@pytest.mark.parametrize("act", [sell, rename_prices])
def test_control_with_roles_that_are_remembered_it_is(act, monkeypatch):
    monkeypatch.setattr(permissions, "cinemas_of", lambda user, right: Cinemas(everywhere=True))
    assert not all(map(is_right, interleavings(act_and_take(act), first="act")))


def take_twice() -> Scene:
    """Take a role twice at once: one entry says so."""
    seller = make_staff()

    def take() -> None:
        as_boss(take_role, user=seller, cinema_id=None)

    return Scene(seller, one=take, other=take)


def test_a_role_that_is_taken_twice_at_once_is_recorded_once():
    for race in interleavings(take_twice, first="one"):
        assert race.outcome == ("done", "done"), race
        entries = AuditEntry.objects.filter(subject_id=race.scene.about.pk)
        assert [one.action for one in entries] == ["role_taken"], race


def give_twice() -> Scene:
    seller = make_staff(None)

    def give() -> None:
        as_boss(give_role, user=seller, cinema_id=None)

    return Scene(seller, one=give, other=give)


def test_a_role_that_is_given_twice_at_once_is_there_and_recorded_once():
    for race in interleavings(give_twice, first="one"):
        assert race.outcome == ("done", "done"), race
        assert StaffRole.objects.filter(user=race.scene.about).count() == 1
        assert AuditEntry.objects.filter(subject_id=race.scene.about.pk).count() == 1


def without_lock(patch: pytest.MonkeyPatch) -> None:
    """Let two change the roles of an account at once."""
    patch.setattr(locks, "lock", lambda user: User.objects.get(pk=user.pk))
    if connection.vendor == "sqlite":  # whose guard is that only one transaction writes
        guards.replace_everywhere(patch, transactions.run_in_transaction, lambda work: work())


def test_control_without_the_lock_the_second_gift_fails(monkeypatch):
    without_lock(monkeypatch)
    races = interleavings(give_twice, first="one")
    assert any("IntegrityError" in race.outcome for race in races)


def give_and_delete() -> Scene:
    """Give a role at a cinema while it is deleted."""
    cinema, seller = make_cinema(), make_staff(None)
    return Scene(
        (cinema, seller),
        give=lambda: as_boss(give_role, user=seller, cinema_id=cinema.pk),
        delete=lambda: delete_cinema(row=cinema),
    )


def leaves_nothing(race: Race) -> bool:
    """Return whether the cinema is gone, and its roles with it."""
    cinema, seller = race.scene.about
    return not (Cinema.objects.filter(pk=cinema.pk) or StaffRole.objects.filter(user=seller))


def test_a_role_at_a_cinema_that_is_deleted_goes_with_it_or_is_refused():
    for race in interleavings(give_and_delete):
        assert race.outcome in {("done", "done"), ("BadInput", "done")}, race
        assert leaves_nothing(race), race


def test_control_without_keeping_the_cinema_the_gift_fails(monkeypatch):
    monkeypatch.setattr(locks, "keep_cinema", lambda cinema_id: True)
    assert any("IntegrityError" in race.outcome for race in interleavings(give_and_delete))
