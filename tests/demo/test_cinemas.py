import pytest

from marquee.catalog import seat_plan_text
from marquee.catalog.states import SeatCategory, SeatKind
from marquee.core.money import Money
from marquee.demo import load_large
from marquee.demo.cinemas import CARDS, DEMO_CINEMAS

AUDITORIUMS = [auditorium for cinema in DEMO_CINEMAS for auditorium in cinema.auditoriums]
auditoriums = pytest.mark.parametrize(
    "auditorium", AUDITORIUMS, ids=lambda auditorium: auditorium.name
)


@auditoriums
def test_a_plan_can_be_parsed_and_has_a_plausible_size(auditorium):
    assert 40 <= len(seat_plan_text.seats(seat_plan_text.parse(auditorium.rows))) <= 300


@auditoriums
def test_every_wheelchair_space_has_a_companion_seat_beside_it(auditorium):
    seats = seat_plan_text.seats(seat_plan_text.parse(auditorium.rows))
    places = {(seat.y, seat.x): seat.kind for seat in seats}
    spaces = [place for place, kind in places.items() if kind == SeatKind.WHEELCHAIR]
    assert spaces
    for y, x in spaces:
        assert SeatKind.COMPANION in {places.get((y, x - 1)), places.get((y, x + 1))}


@pytest.mark.parametrize(
    "cinema", [*DEMO_CINEMAS, *load_large.large_chain()], ids=lambda cinema: cinema.city
)
def test_every_category_and_type_has_a_price_that_the_currency_can_express(cinema):
    for card in CARDS:
        lines = list(cinema.prices(card))
        assert len({(line.category, line.type) for line in lines}) == len(SeatCategory) * 5
        for line in lines:
            assert Money.parse(line.amount, cinema.currency).minor >= 0
            assert (line.amount == 0) == (line.type == "carer")


def test_the_chain_has_a_hundred_cinemas_of_eight_auditoriums_and_no_name_twice():
    cinemas = list(load_large.large_chain())
    assert len({(cinema.name, cinema.city) for cinema in cinemas}) == 100
    assert {len(cinema.auditoriums) for cinema in cinemas} == {8}
    assert len({cinema.timezone for cinema in cinemas}) > 30
    assert len({cinema.currency for cinema in cinemas}) > 20
