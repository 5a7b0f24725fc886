"""Two tabs of one visitor at once: they have one provisional guest (DESIGN 9)."""

from collections.abc import Callable
from itertools import count
from uuid import uuid4

import pytest
from django.test import Client

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from tests.accounts.people import CLIENT
from tests.races import guards
from tests.races.interleave import Scene, interleavings
from tests.races.scenario import Scenario

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

networks = count(1)  # one has few holds that nobody confirmed
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


def two_forms(*seats: str) -> Callable[[], Scene]:
    """Send a browser's first form twice at once, for these seats: A1 is taken."""

    def make() -> Scene:
        scenario, key, network = Scenario(), str(uuid4()), f"10.{next(networks)}.0.1"
        scenario.book(scenario.alice, "A1")

        def send(seat: str) -> int:
            client = Client(REMOTE_ADDR=network)
            client.cookies["csrftoken"] = key.replace("-", "")
            form = {
                "key": key,
                "seat": seat,
                f"type-{seat}": "adult",
                "expected_total": "",
                "gap": "keep",
            }
            return client.post(f"/shows/{scenario.show.pk}/", form).status_code

        return Scene(scenario, one=lambda: send(seats[0]), other=lambda: send(seats[1]))

    return make


@pytest.mark.parametrize(("seats", "statuses"), [(("A1", "A1"), {409}), (("A1", "A2"), {409, 302})])
def test_a_first_form_that_is_refused_takes_nothing_from_the_same_form_sent_at_once(
    seats, statuses
):
    for race in interleavings(two_forms(*seats), first="one"):
        assert {race["one"], race["other"]} == statuses, race


def test_control_without_the_guest_s_lock_a_refused_form_fails(monkeypatch):
    def discard(guest: User) -> None:
        User.objects.filter(pk=guest.pk, contact_email="", bookings=None).delete()

    monkeypatch.setattr(accounts, "discard_guest", discard)
    outcomes = {
        one for race in interleavings(two_forms("A1", "A2"), first="one") for one in race.outcome
    }
    assert outcomes & {"IntegrityError", "ProtectedError"}
