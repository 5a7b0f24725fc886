"""`date=` means the cinema's own day, also on the days when the clocks change."""

from datetime import UTC, date, datetime

import pytest

from marquee.catalog.models import Show
from marquee.catalog.queries import filter_by_local_day
from tests.factories import make_auditorium, make_cinema, make_show

pytestmark = pytest.mark.django_db


@pytest.fixture
def vienna():
    return make_auditorium(make_cinema(timezone="Europe/Vienna"), turnaround_minutes=0)


@pytest.fixture
def new_york():
    return make_auditorium(make_cinema(timezone="America/New_York"), turnaround_minutes=0)


def show_at(auditorium, *parts, tzinfo=None):
    start = datetime(*parts, tzinfo=tzinfo)
    hour = datetime(*parts[:4], 45, tzinfo=tzinfo)
    return make_show(auditorium, starts_at=start, ends_at=hour)


def shows_on(day):
    return list(filter_by_local_day(Show.objects.all(), date.fromisoformat(day)))


def test_a_day_begins_and_ends_at_the_cinemas_midnight(vienna):
    show_at(vienna, 2027, 1, 14, 23, 0)
    first, last = show_at(vienna, 2027, 1, 15, 0, 0), show_at(vienna, 2027, 1, 15, 23, 0)
    show_at(vienna, 2027, 1, 16, 0, 0)
    assert shows_on("2027-01-15") == [first, last]


def test_each_cinema_has_its_own_day(vienna, new_york):
    # Midnight in Vienna, and six in the evening of the day before in New York.
    in_vienna = show_at(vienna, 2027, 1, 14, 23, 0, tzinfo=UTC)
    in_new_york = show_at(new_york, 2027, 1, 14, 23, 0, tzinfo=UTC)
    assert shows_on("2027-01-14") == [in_new_york]
    assert shows_on("2027-01-15") == [in_vienna]


@pytest.mark.parametrize(
    ("zone", "day", "before", "after"),
    [
        ("Europe/Vienna", "2027-03-28", "2027-03-27", "2027-03-29"),
        ("America/New_York", "2027-03-14", "2027-03-13", "2027-03-15"),
    ],
)
def test_the_night_the_clocks_go_forward_has_a_day_of_23_hours(zone, day, before, after):
    auditorium = make_auditorium(make_cinema(timezone=zone), turnaround_minutes=0)
    y, m, d = (int(part) for part in day.split("-"))
    late = show_at(auditorium, y, m, d - 1, 23, 30)
    night = [show_at(auditorium, y, m, d, hour, 30) for hour in (0, 1, 3, 23)]
    next_one = show_at(auditorium, y, m, d + 1, 0, 30)
    assert [shows_on(before), shows_on(day), shows_on(after)] == [[late], night, [next_one]]


@pytest.mark.parametrize(
    ("zone", "day", "offsets"),
    [
        ("Europe/Vienna", "2027-10-31", [(0, 30), (1, 30)]),
        ("America/New_York", "2027-11-07", [(5, 30), (6, 30)]),
    ],
)
def test_both_hours_of_the_night_the_clocks_go_back_belong_to_the_day(zone, day, offsets):
    auditorium = make_auditorium(make_cinema(timezone=zone), turnaround_minutes=0)
    y, m, d = (int(part) for part in day.split("-"))
    show_at(auditorium, y, m, d - 1, 23, 0) if d > 1 else None
    # The same time of day on the clock, an hour apart.
    twice = [show_at(auditorium, y, m, d, *parts, tzinfo=UTC) for parts in offsets]
    later = [show_at(auditorium, y, m, d, 3, 30), show_at(auditorium, y, m, d, 23, 30)]
    assert shows_on(day) == twice + later


def test_where_midnight_is_skipped_the_day_begins_an_hour_later():
    auditorium = make_auditorium(make_cinema(timezone="Africa/Cairo"), turnaround_minutes=0)
    eve = show_at(auditorium, 2027, 4, 29, 23, 0)
    first = show_at(auditorium, 2027, 4, 30, 1, 0)  # 00:00 to 00:59 do not exist that day
    assert shows_on("2027-04-29") == [eve]
    assert shows_on("2027-04-30") == [first]


@pytest.mark.parametrize("day", ["0001-01-01", "1979-12-31", "9999-12-31"])
def test_a_day_beyond_the_calendar_of_shows_finds_nothing(vienna, day):
    show_at(vienna, 2027, 1, 15, 20, 0)
    assert shows_on(day) == []


def test_without_cinemas_there_are_no_shows(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert shows_on("2027-01-15") == []


def test_a_day_takes_two_queries(vienna, new_york, django_assert_num_queries):
    with django_assert_num_queries(2):
        shows_on("2027-01-15")
