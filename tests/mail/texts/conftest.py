"""Fixtures: a customer with a proved address, and a show tomorrow at noon in the Ringkino in Vienna."""

from datetime import timedelta

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
    # At noon no clock changes: an hour later is an hour later by the clock.
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    return make_show(
        make_auditorium(cinema, name="Saal 2"),
        movie=make_movie(title="Die Zeitreise"),
        price_card=make_price_card(cinema),
        starts_at=noon + timedelta(days=1),
    )
