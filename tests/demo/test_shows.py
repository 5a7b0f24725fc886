from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from marquee.catalog.models import Show
from marquee.demo.cinemas import EVENING, HOUSES
from marquee.demo.movies import SEVENTY_MM, MovieGroup
from marquee.demo.shows import programme

FIRST = date(2026, 3, 27)
# A fortnight in which Europe's clocks go forward.
DAYS = [FIRST + timedelta(days=ahead) for ahead in range(14)]
houses = pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.city)


@houses
def test_a_room_is_clean_before_its_next_show_begins(house):
    for room in range(len(house.rooms)):
        slots = [slot for on in DAYS for slot in programme(house, on) if slot.room == room]
        for earlier, later in pairwise(slots):
            assert earlier.occupied_until <= later.starts_at


@houses
def test_matinees_end_at_five_and_the_night_ends_before_three(house):
    for on in DAYS:
        for slot in programme(house, on):
            begins = slot.starts_at.astimezone(house.zone)
            assert begins.date() == on
            assert (slot.card == EVENING) == (begins.time() >= time(17))
            assert begins.minute % 5 == 0
            ends = slot.ends_at.astimezone(house.zone)
            assert ends.date() == on or ends.time() < time(3)


@houses
def test_films_for_families_are_shown_in_the_afternoon_in_the_language_of_the_house(house):
    slots = [slot for slot in programme(house, FIRST) if slot.film.shelf == MovieGroup.FAMILY]
    assert slots
    for slot in slots:
        assert slot.card != EVENING
        assert (slot.language, slot.subtitles) == (house.language, "")


@houses
def test_a_foreign_language_has_subtitles(house):
    for slot in programme(house, FIRST):
        assert slot.subtitles == ("" if slot.language == house.language else house.language)


def test_a_room_shows_only_the_formats_it_has():
    slots = [(house, slot) for house in HOUSES for on in DAYS for slot in programme(house, on)]
    for house, slot in slots:
        assert slot.format == Show.Format.TWO_D or (
            slot.format in house.rooms[slot.room].formats and slot.format in slot.film.formats
        )
        assert (slot.format == SEVENTY_MM) == (SEVENTY_MM in slot.film.formats)
    assert {slot.format for _, slot in slots} == set(Show.Format) - {Show.Format.FOUR_DX}


def test_the_epic_is_on_70_mm_every_sunday():
    sundays = [on for on in DAYS if on.isoweekday() == 7]
    for on in sundays:
        assert SEVENTY_MM in {slot.format for slot in programme(HOUSES[0], on)}
