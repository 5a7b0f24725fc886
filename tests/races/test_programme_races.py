"""Staff change a show while somebody books it: the booking stands on the one or the other."""

import pytest

from marquee.catalog.scheduling import change_show
from tests.races.interleave import Race, Scene, interleavings
from tests.races.stage import Stage, check_books
from tests.world import PRICES, make_price_card

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("history")]

DEARER = PRICES | {("standard", "adult"): "20.00"}


def book_and_change_of_prices() -> Scene:
    stage = Stage()
    card = make_price_card(stage.show.auditorium.cinema, DEARER)
    return Scene(
        stage,
        book=lambda: stage.book(stage.alice, "A1"),
        change=lambda: change_show(show=stage.show, price_card=card),
    )


def test_a_booking_pays_the_old_price_or_the_new_one_while_staff_change_the_shows_card():
    seen = set()
    for race in interleavings(book_and_change_of_prices):
        assert race.outcome == ("Booking", "Show"), race
        seen.add(race["book"].total)
        check_books(race)
    assert seen == {1250, 2000}


def test_a_price_card_that_is_made_and_used_while_a_booking_waits_is_found():
    """Alice books two shows at once, so the second waits for the first, and the card is new."""
    elsewhere, stage = Stage(), Stage()

    def new_prices():
        card = make_price_card(stage.show.auditorium.cinema, DEARER)
        return change_show(show=stage.show, price_card=card)

    race = Race(
        Scene(
            stage,
            first=lambda: elsewhere.book(stage.alice, "A1"),
            second=lambda: stage.book(stage.alice, "A1"),
            staff=new_prices,
        )
    )
    race.advance("first", before="COMMIT")
    race.advance("second")
    race.advance("staff")
    race.advance("first")
    race.finish()
    assert race.outcome == ("Booking", "Booking", "Show"), race
    check_books(race)
