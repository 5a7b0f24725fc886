import pytest

from tests.factories import (
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)


@pytest.fixture
def alice():
    return make_user("Alice")


@pytest.fixture
def show(db):
    cinema = make_cinema(name="Ringkino")
    return make_show(
        make_auditorium(cinema, name="Saal 2"),
        movie=make_movie(title="Die Zeitreise"),
        price_card=make_price_card(cinema),
    )
