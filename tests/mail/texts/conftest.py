"""Fixtures: a customer with a proved address, and a show tomorrow in the Ringkino in Vienna."""

import pytest
from django.utils import timezone

from marquee.accounts.models import User
from marquee.catalog.models import Show
from tests.factories import (
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)


@pytest.fixture
def alice(db: None) -> User:
    return make_user("Alice", email_verified_at=timezone.now())


@pytest.fixture
def show(db: None) -> Show:
    cinema = make_cinema(name="Ringkino")
    return make_show(
        make_auditorium(cinema, name="Saal 2"),
        movie=make_movie(title="Die Zeitreise"),
        price_card=make_price_card(cinema),
    )
