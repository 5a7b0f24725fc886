"""An account for the tests."""

import pytest

from marquee.accounts.models import User
from tests.accounts.people import make_user


@pytest.fixture
def alice(db: None) -> User:
    """Return a customer."""
    return make_user()
