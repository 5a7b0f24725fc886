import pytest

from marquee.catalog import seat_plan_text
from marquee.catalog.models import SeatCategory, SeatKind
from marquee.core.money import Money
from marquee.demo import load_large
from marquee.demo.cinemas import CARDS, HOUSES

ROOMS = [room for house in HOUSES for room in house.rooms]
rooms = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)


@rooms
def test_a_plan_can_be_read_and_is_of_a_believable_size(room):
    assert 40 <= len(seat_plan_text.seats(seat_plan_text.parse(room.rows))) <= 300


@rooms
def test_every_wheelchair_space_has_a_companion_seat_beside_it(room):
    seats = seat_plan_text.seats(seat_plan_text.parse(room.rows))
    places = {(seat.y, seat.x): seat.kind for seat in seats}
    spaces = [place for place, kind in places.items() if kind == SeatKind.WHEELCHAIR]
    assert spaces
    for y, x in spaces:
        assert SeatKind.COMPANION in {places.get((y, x - 1)), places.get((y, x + 1))}


@pytest.mark.parametrize("house", [*HOUSES, *load_large.houses()], ids=lambda house: house.city)
def test_every_category_and_type_has_a_price_that_the_currency_can_say(house):
    for card in CARDS:
        lines = list(house.prices(card))
        assert len({(line.category, line.type) for line in lines}) == len(SeatCategory) * 5
        for line in lines:
            assert Money.parse(line.amount, house.currency).minor >= 0
            assert (line.amount == 0) == (line.type == "carer")


def test_the_chain_has_a_hundred_cinemas_of_eight_rooms_and_no_name_twice():
    houses = list(load_large.houses())
    assert len({(house.name, house.city) for house in houses}) == 100
    assert {len(house.rooms) for house in houses} == {8}
    assert len({house.timezone for house in houses}) > 30
    assert len({house.currency for house in houses}) > 20
