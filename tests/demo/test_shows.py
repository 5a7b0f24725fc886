from datetime import date, time, timedelta
from itertools import pairwise

import pytest

from marquee.demo.cinemas import DEMO_CINEMAS, EVENING
from marquee.demo.movies import SEVENTY_MM, TWO_D, MovieGroup
from marquee.demo.shows import plan_day

FIRST = date(2026, 3, 27)
# A fortnight in which Europe's clocks go forward.
DAYS = [FIRST + timedelta(days=ahead) for ahead in range(14)]
cinemas = pytest.mark.parametrize("cinema", DEMO_CINEMAS, ids=lambda cinema: cinema.city)


@cinemas
def test_a_show_begins_after_the_turnaround_of_the_show_before(cinema):
    for auditorium in range(len(cinema.auditoriums)):
        slots = [
            slot for on in DAYS for slot in plan_day(cinema, on) if slot.auditorium == auditorium
        ]
        for earlier, later in pairwise(slots):
            assert earlier.occupied_until <= later.starts_at


@cinemas
def test_matinees_end_at_five_and_the_night_ends_before_three(cinema):
    for on in DAYS:
        for slot in plan_day(cinema, on):
            begins = slot.starts_at.astimezone(cinema.zone)
            assert begins.date() == on
            assert (slot.card == EVENING) == (begins.time() >= time(17))
            assert begins.minute % 5 == 0
            ends = slot.ends_at.astimezone(cinema.zone)
            assert ends.date() == on or ends.time() < time(3)


@cinemas
def test_movies_for_families_are_shown_in_the_afternoon_in_the_language_of_the_cinema(cinema):
    slots = [slot for slot in plan_day(cinema, FIRST) if slot.movie.group == MovieGroup.FAMILY]
    assert slots
    for slot in slots:
        assert slot.card != EVENING
        assert (slot.language, slot.subtitles) == (cinema.language, "")


@cinemas
def test_a_foreign_language_has_subtitles(cinema):
    for slot in plan_day(cinema, FIRST):
        assert slot.subtitles == ("" if slot.language == cinema.language else cinema.language)


def test_an_auditorium_shows_only_its_formats():
    slots = [
        (cinema, slot) for cinema in DEMO_CINEMAS for on in DAYS for slot in plan_day(cinema, on)
    ]
    for cinema, slot in slots:
        assert slot.format == TWO_D or (
            slot.format in cinema.auditoriums[slot.auditorium].formats
            and slot.format in slot.movie.formats
        )
        assert (slot.format == SEVENTY_MM) == (SEVENTY_MM in slot.movie.formats)
    assert {slot.format for _, slot in slots} == {"2D", "3D", "IMAX", "IMAX 3D", "70mm"}


def test_the_epic_is_on_70_mm_every_sunday():
    sundays = [on for on in DAYS if on.isoweekday() == 7]
    for on in sundays:
        assert SEVENTY_MM in {slot.format for slot in plan_day(DEMO_CINEMAS[0], on)}
