"""Fixtures: a show of 28 seats tomorrow, two customers, and a client."""

import pytest
from rest_framework.test import APIClient

from marquee.accounts.models import User
from marquee.catalog.models import Show
from tests.factories import client_of, make_show, make_user


@pytest.fixture
def show(db: None) -> Show:
    return make_show()


@pytest.fixture
def alice(db: None) -> User:
    return make_user("Alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_user("Bob")


@pytest.fixture
def alice_client(alice: User) -> APIClient:
    """Return Alice's client. It raises what would be a 500, so that no test overlooks one."""
    return client_of(alice)
