"""The demo looks alive on its first evenings, at whatever hour and in whatever zone it is loaded."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest

from marquee.booking import queries
from marquee.booking.models import Booking
from marquee.catalog.models import Cinema, Show
from marquee.catalog.queries import get_plan
from marquee.demo.cinemas import DEMO_CINEMAS
from marquee.demo.highlights import Highlight, find_highlights, first_night
from marquee.demo.shows import plan_day
from marquee.demo.users import CUSTOMER

# A week in which Europe's clocks go forward.
WEEK = [date(2026, 3, 27) + timedelta(days=days) for days in range(7)]
DAY = timedelta(hours=15)
ONCE = {Highlight.SOLD_OUT, Highlight.NEARLY_SOLD_OUT, Highlight.CALLED_OFF, Highlight.NOT_ON_SALE}


def found(cinema, now):
    """Return the special shows of the first three days of a demo that is loaded now."""
    today = now.astimezone(cinema.zone).date()
    specials = {}
    for ahead in range(3):
        slots = plan_day(cinema, today + timedelta(days=ahead))
        day = find_highlights(cinema, slots, today=today, ahead=ahead, now=now)
        assert set(day.by_slot) <= set(slots)
        specials[ahead] = day
    return specials


@pytest.mark.parametrize("cinema", DEMO_CINEMAS, ids=lambda cinema: cinema.city)
@pytest.mark.parametrize("hour", [0, 3, 6, 9, 12, 15, 17, 18, 19, 20, 21, 22, 23])
def test_at_each_hour_there_is_one_of_each_to_come(cinema, hour):
    for on in WEEK:
        now = datetime.combine(on, time(hour, 30), tzinfo=cinema.zone).astimezone(UTC)
        days = found(cinema, now)
        tonight = days[first_night(cinema, on, now)]

        kinds = Counter(one for day in days.values() for one in day.by_slot.values())
        assert set(kinds) == ONCE
        assert kinds[Highlight.CALLED_OFF] == kinds[Highlight.NOT_ON_SALE] == 1
        assert {Highlight.SOLD_OUT, Highlight.NEARLY_SOLD_OUT, Highlight.CALLED_OFF} <= set(
            tonight.by_slot.values()
        )
        for day in days.values():
            assert all(slot.starts_at > now for slot in day.by_slot)
            assert all(now < at < slot.starts_at for slot, at in day.sales_from.items())


def test_late_in_the_evening_tonight_is_tomorrow():
    cinema, on = DEMO_CINEMAS[0], WEEK[0]

    def night(hour):
        return first_night(cinema, on, datetime.combine(on, time(hour), tzinfo=cinema.zone))

    assert (night(2), night(12), night(23)) == (0, 0, 1)


@pytest.mark.django_db
def test_the_loaded_shows_are_what_they_are_said_to_be(load_demo):
    load_demo("--days=2")
    for cinema in Cinema.objects.all():
        shows = Show.objects.filter(auditorium__cinema=cinema)
        tonight = shows.filter(starts_at__lt=min(shows.values_list("starts_at", flat=True)) + DAY)
        left = sorted(_left(show) for show in tonight.filter(state=Show.State.SCHEDULED))
        assert left[0] == 0
        assert 0 < left[1] <= 8
        (off,) = shows.filter(state=Show.State.CALLED_OFF)
        assert off.call_off_reason.startswith("The projector")
        assert set(Booking.objects.filter(show=off).values_list("status", flat=True)) == {
            "cancelled"
        }
        (later,) = shows.exclude(sales_from=None)
        assert not Booking.objects.filter(show=later).exists()
        assert later.sales_from_offset is not None
        assert cinema.address
        assert cinema.accessibility
    assert Booking.objects.get(show__state=Show.State.CALLED_OFF, user__email=CUSTOMER)


def _left(show):
    _, version = queries.get_show_list_item(show.pk)
    return len(get_plan(show.seat_plan_id).seats) - version.taken
