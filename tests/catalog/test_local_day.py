"""`date=` and `business_day=` mean the cinema's own day, also when the clocks change."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from marquee.catalog.local_time import business_day
from marquee.catalog.models import Show
from marquee.catalog.queries import filter_by_business_day, filter_by_local_day, filter_not_ended
from tests.factories import make_auditorium, make_cinema, make_show

pytestmark = pytest.mark.django_db

MINUTE, TWO_DAYS = timedelta(minutes=1), timedelta(days=2)


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


def shows_of_business_day(day):
    return list(filter_by_business_day(Show.objects.all(), date.fromisoformat(day)))


def test_shows_that_have_not_ended_are_found_among_the_last_that_began_even_the_longest(vienna):
    now = timezone.now()
    longest = make_show(vienna, starts_at=now - TWO_DAYS + MINUTE, ends_at=now + MINUTE)
    make_show(vienna, starts_at=now - 3 * TWO_DAYS, ends_at=now - 2 * TWO_DAYS)
    shows = filter_not_ended(Show.objects.filter(movie=longest.movie).order_by())
    assert list(shows) == [longest]
    assert "starts_at" in shows.explain()  # or each request would read all shows of the past


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
    assert shows_on(day) == shows_of_business_day(day) == []


def test_a_business_day_is_from_six_to_six_by_the_cinemas_clock(vienna):
    show_at(vienna, 2027, 2, 5, 5, 30)
    day = [
        show_at(vienna, *at)
        for at in [(2027, 2, 5, 6, 0), (2027, 2, 5, 23, 0), (2027, 2, 6, 0, 30)]
    ]
    last = show_at(vienna, 2027, 2, 6, 5, 15)
    show_at(vienna, 2027, 2, 6, 6, 0)
    assert shows_of_business_day("2027-02-05") == [*day, last]


def test_each_cinema_has_its_own_business_day():
    far_east, far_west = (
        make_auditorium(make_cinema(timezone=zone), turnaround_minutes=0)
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago")  # UTC+14, UTC-11
    )
    for auditorium in (far_east, far_west):
        first, last = show_at(auditorium, 2027, 2, 5, 6, 0), show_at(auditorium, 2027, 2, 6, 5, 0)
        found = filter_by_business_day(Show.objects.filter(auditorium=auditorium), date(2027, 2, 5))
        assert list(found) == [first, last]


@pytest.mark.parametrize(("day", "hours"), [("2027-03-27", 23), ("2027-10-30", 25)])
def test_the_night_the_clocks_change_belongs_to_the_business_day_before(vienna, day, hours):
    y, m, d = (int(part) for part in day.split("-"))
    first = show_at(vienna, y, m, d, 6, 0)
    in_an_hour = timedelta(hours=1)
    last = make_show(
        vienna,
        starts_at=first.starts_at + (hours - 1) * in_an_hour,
        ends_at=first.starts_at + hours * in_an_hour,
    )
    after = make_show(vienna, starts_at=first.starts_at + hours * in_an_hour)
    assert shows_of_business_day(day) == [first, last]
    assert after.local_start.hour == 6


def test_new_years_eve_belongs_to_its_own_year_by_the_cinemas_clock():
    los_angeles = make_auditorium(make_cinema(timezone="America/Los_Angeles"))
    eve = show_at(los_angeles, 2026, 12, 31, 19, 30)
    assert eve.starts_at.year == 2027  # in UTC
    assert (eve.starts_on, eve.business_day) == (date(2026, 12, 31), date(2026, 12, 31))
    night = show_at(los_angeles, 2027, 1, 1, 0, 30)
    assert (night.starts_on, night.business_day) == (date(2027, 1, 1), date(2026, 12, 31))


def test_the_business_day_in_a_response_is_that_of_the_filter(vienna):
    for hour in range(24):
        show = show_at(vienna, 2027, 2, 5, hour, 0)
        assert show.business_day == business_day(show.local_start)


@pytest.mark.parametrize("shows", [shows_on, shows_of_business_day])
def test_a_day_takes_one_query(vienna, new_york, shows, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert shows("2027-01-15") == []
