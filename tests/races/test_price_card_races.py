"""Staff give a show another price card while a customer books."""

import pytest
from django.db import connection

from marquee.booking import locks
from marquee.catalog.models import Show
from marquee.catalog.scheduling import change_show
from tests.races.interleave import Scene, interleavings
from tests.races.stage import Stage, check_books
from tests.world import PRICES, make_price_card

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]


def another_card() -> Scene:
    stage = Stage()
    dearer = make_price_card(stage.show.auditorium.cinema, dict.fromkeys(PRICES, "99"))
    return Scene(
        stage,
        book=lambda: stage.book(stage.alice, "A1"),
        change=lambda: change_show(show=stage.show, price_card=dearer),
    )


def test_a_booking_is_made_at_the_price_of_the_old_card_or_of_the_new_one():
    prices = set()
    for race in interleavings(another_card):
        assert race.outcome == ("Booking", "Show"), race
        prices.add(race["book"].total)
        check_books(race)
    assert prices == {1250, 9900}


@pytest.mark.skipif(connection.vendor == "sqlite", reason="there, nobody waits for a row")
def test_control_joined_to_its_card_a_show_is_not_found_after_the_wait(monkeypatch):
    really = locks._row

    def joined(sql, *arguments, **more):
        inside = "FROM account, show JOIN price_card card ON card.id = show.price_card_id"
        return really(sql.replace("FROM account, show", inside), *arguments, **more)

    monkeypatch.setattr(locks, "_row", joined)
    outcomes = {race.outcome[0] for race in interleavings(another_card)}
    assert outcomes & {"AccountClosed", Show.DoesNotExist.__name__}
