"""The demo is loaded only into an empty database: no other cinema gets its shows or its staff account."""

from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from marquee.accounts.models import User
from marquee.catalog.models import Cinema, Movie, Show
from marquee.demo.cinemas import DEMO_CINEMAS
from marquee.demo.users import CUSTOMER, STAFF, passwords_file
from tests.accounts.people import make_user

pytestmark = pytest.mark.django_db


def make_other_cinema(name="Odeon", city="Graz"):
    Cinema.objects.create(
        name=name, city=city, timezone=str(ZoneInfo("Europe/Vienna")), currency="EUR"
    )


IN_USE = {
    "a superuser": lambda: User.objects.create_superuser("boss@example.org", "x", name="Boss"),
    "a customer": make_user,
    "a customer with an address of the demo": lambda: make_user(CUSTOMER),
    "a customer with the address of the demo's staff": lambda: make_user(STAFF),
    "a cinema": make_other_cinema,
    "a cinema with a name of the demo's": lambda: make_other_cinema(DEMO_CINEMAS[0].name),
    "a movie": lambda: Movie.objects.create(title="Alien", runtime_minutes=117),
}


def counts():
    superusers = User.objects.filter(is_superuser=True).count()
    return [model.objects.count() for model in (User, Cinema, Movie, Show)], superusers


@pytest.mark.parametrize("make", IN_USE.values(), ids=IN_USE.keys())
def test_a_database_in_use_is_not_changed(load_demo, make):
    make()
    before = counts()
    assert "no demo: nothing was added" in load_demo("--once")
    for options in (["--days=1"], ["--scale=large", "--shows=1", "--bookings=1"]):
        with pytest.raises(CommandError, match="no demo: nothing was added"):
            load_demo(*options)
    assert counts() == before
    assert not passwords_file().exists()


def test_where_there_is_another_superuser_the_demo_makes_none(load_demo):
    load_demo("--days=1")
    User.objects.filter(email=STAFF).delete()
    User.objects.create_superuser("boss@example.org", "x", name="Boss")
    call_command("load_demo", "--days=2", "--today=2026-03-27")
    assert User.objects.get(is_superuser=True).email == "boss@example.org"
