"""Two tabs of one visitor at once: they have one provisional guest (DESIGN 9)."""

from uuid import uuid4

import pytest

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from tests.accounts.people import CLIENT
from tests.races import guards
from tests.races.interleave import Scene, interleavings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

CONSTRAINT = "account_one_provisional_guest_of_a_visitor"


def two_tabs() -> Scene:
    visitor = uuid4()

    def begin() -> User:
        return accounts.provisional_guest(visitor=visitor, networks=[CLIENT])

    return Scene(visitor, one=begin, other=begin)


def guests_of(race) -> int:
    return User.objects.filter(visitor=race.scene.about).count()


@pytest.fixture(autouse=True)
def no_limit(settings):
    settings.GUEST_LIMIT = 0


def test_two_tabs_of_a_visitor_have_one_provisional_guest():
    for race in interleavings(two_tabs, first="one"):
        assert race.outcome == ("User", "User"), race
        assert race["one"] == race["other"], race
        assert guests_of(race) == 1, race


def test_control_without_the_constraint_each_tab_has_its_own_guest():
    with guards.without_constraint(User, CONSTRAINT):
        assert any(guests_of(race) == 2 for race in interleavings(two_tabs, first="one"))
