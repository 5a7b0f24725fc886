"""A customer with a booking, an attacker with an account, and a show."""

import pytest

from tests.factories import book_seats, make_show, make_user
from tests.web.html import all_tables


@pytest.fixture
def show(db):
    return make_show()


@pytest.fixture
def alice(db):
    return make_user()


@pytest.fixture
def mallory(db):
    return make_user("Mallory")


@pytest.fixture
def held(alice, show):
    """A hold of Alice's."""
    return book_seats(alice, show, "C5", hold=True)


def all_but_sessions():
    """Return every row of every table but those that note that a session was used."""
    noted = {"django_session", "login_session"}
    return {name: rows for name, rows in all_tables().items() if name not in noted}
