"""A show of 28 seats tomorrow, and two customers."""

import pytest

from marquee.accounts.models import User
from marquee.catalog.models import Show
from tests.factories import make_show, make_user


@pytest.fixture
def show(db: None) -> Show:
    return make_show()


@pytest.fixture
def alice(db: None) -> User:
    return make_user("Alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("Bob")
