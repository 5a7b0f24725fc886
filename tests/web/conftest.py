"""A customer, a show, and a client that checks CSRF tokens."""

import pytest
from django.test import Client

from tests.factories import make_show, make_user


@pytest.fixture
def strict_client() -> Client:
    """Return a client that checks CSRF tokens, as browsers meet them."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def alice(db):
    return make_user()


@pytest.fixture
def show(db):
    return make_show()
