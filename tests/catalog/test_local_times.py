"""The wall-clock time is what was sold: a change of a zone's rules moves the instant, not the time."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError

from marquee.booking.models import BookingEvent
from marquee.booking.operations import keep_local_times
from marquee.catalog.local_time import kept_instant
from marquee.catalog.models import Show
from marquee.catalog.operations import change_show, keep_local_time
from marquee.catalog.queries import filter_by_business_day, filter_by_local_day
from marquee.core.errors import BadInput
from marquee.core.zones import ZoneInfo
from marquee.worker.tasks import TASKS
from tests.factories import (
    book_seats,
    client_of,
    make_auditorium,
    make_cinema,
    make_show,
    make_user,
)
from tests.zone_rules import BACK, FORWARD, rules_of

pytestmark = pytest.mark.django_db

VIENNA = "Europe/Vienna"
local = datetime.fromisoformat
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def no_summer_time(tmp_path):
    """Abolish Vienna's summer time from 2027 on, once called."""
    with rules_of(VIENNA, tmp_path):
        yield


@pytest.fixture
def abolish(request):
    return lambda: request.getfixturevalue("no_summer_time")


def read(show):
    return client_of().get(f"/api/v1/shows/{show.pk}/").json()


def test_a_show_sold_for_a_quarter_past_eight_stays_at_a_quarter_past_eight(abolish):
    show = make_show(starts_at=local("2049-07-01T20:15"), sales_until=local("2049-07-01T20:00"))
    booking = book_seats(make_user(), show, "A1")
    events = list(BookingEvent.objects.values())
    assert read(show)["starts_at"] == "2049-07-01T20:15:00+02:00"
    abolish()
    assert read(show)["starts_at"] == "2049-07-01T20:15:00+02:00"  # not yet moved, printed as sold

    assert keep_local_times().moved == [show]

    now = read(show)
    assert [now["starts_at"], now["ends_at"], now["sales_until"], now["business_day"]] == [
        "2049-07-01T20:15:00+01:00",
        "2049-07-01T22:15:00+01:00",
        "2049-07-01T20:00:00+01:00",
        "2049-07-01",
    ]
    moved = Show.objects.get()
    assert moved.starts_at == show.starts_at + AN_HOUR
    assert moved.occupied_until == show.occupied_until + AN_HOUR
    assert str(moved) == str(show)
    booking.refresh_from_db()
    assert booking.status == "confirmed"
    assert list(BookingEvent.objects.values()) == events  # nothing that customers see has changed
    assert keep_local_times() == ([], [])


def test_sales_open_and_close_at_the_local_times_that_were_set(abolish):
    show = make_show(
        starts_at=local("2049-07-01T20:15"),
        sales_from=local("2049-01-15T10:00"),  # in winter: its clock does not change
        sales_until=local("2049-06-30T18:00"),
    )
    abolish()
    assert keep_local_times().moved == [show]
    now = read(show)
    assert [now["sales_from"], now["sales_until"]] == [
        "2049-01-15T10:00:00+01:00",
        "2049-06-30T18:00:00+01:00",
    ]
    assert Show.objects.get().sales_from == show.sales_from
    assert keep_local_times() == ([], [])


def test_sales_of_a_show_in_winter_keep_their_local_times_of_summer(abolish):
    show = make_show(
        starts_at=local("2049-12-01T20:15"),
        sales_from=local("2049-07-01T10:00"),
        sales_until=local("2049-08-01T10:00"),
    )
    abolish()
    assert keep_local_times().moved == [show]
    moved = Show.objects.get()
    assert (moved.starts_at, moved.ends_at) == (show.starts_at, show.ends_at)
    assert moved.sales_from == show.sales_from + AN_HOUR
    assert moved.sales_until == show.sales_until + AN_HOUR
    change_show(show=show, sales_until=None)  # until the start, which it moves with
    assert Show.objects.get().sales_until_offset is None


def test_shows_of_winter_and_shows_that_have_begun_do_not_move(abolish, monkeypatch):
    winter = make_show(starts_at=local("2049-01-15T20:15"))
    summer = make_show(starts_at=local("2049-07-01T20:15"))
    abolish()
    after = summer.starts_at + timedelta(hours=2)
    monkeypatch.setattr("django.utils.timezone.now", lambda: after)
    assert keep_local_times() == ([], [])
    assert keep_local_time(show=summer) == timedelta()
    assert set(Show.objects.values_list("starts_at", flat=True)) == {
        winter.starts_at,
        summer.starts_at,
    }


def test_shows_back_to_back_all_move_and_never_overlap(abolish):
    auditorium = make_auditorium(turnaround_minutes=0)
    first = local("2049-07-01T14:00")
    shows = [make_show(auditorium, starts_at=first + n * timedelta(hours=2)) for n in range(5)]
    abolish()
    assert len(keep_local_times().moved) == 5
    starts = Show.objects.order_by("starts_at").values_list("starts_at", flat=True)
    assert list(starts) == [show.starts_at + AN_HOUR for show in shows]


def test_shows_move_to_an_earlier_instant_where_summer_time_begins_anew(tmp_path):
    auditorium = make_auditorium(turnaround_minutes=0)
    first = local("2049-11-15T14:00")
    shows = [make_show(auditorium, starts_at=first + n * timedelta(hours=2)) for n in range(3)]
    with rules_of(VIENNA, tmp_path, after="CEST-2"):
        assert len(keep_local_times().moved) == 3
        starts = Show.objects.order_by("starts_at").values_list("starts_at", flat=True)
        assert list(starts) == [show.starts_at - AN_HOUR for show in shows]


def test_a_show_in_the_way_is_named_and_the_other_stays_until_staff_decide(abolish):
    auditorium = make_auditorium(turnaround_minutes=0)
    # The night in which summer time would have ended: 01:00 to 02:30 by summer time, then winter.
    late = make_show(
        auditorium,
        starts_at=local("2049-10-31T01:00"),
        ends_at=datetime(2049, 10, 31, 0, 30, tzinfo=UTC),
    )
    other = make_show(auditorium, starts_at=datetime(2049, 10, 31, 1, 15, tzinfo=UTC))
    abolish()
    kept = keep_local_times()
    assert [show for show, _ in kept.stuck] == [late]
    assert other.movie.title in kept.stuck[0][1]
    assert read(late)["starts_at"] == "2049-10-31T01:00:00+02:00"

    change_show(show=other, starts_at=local("2049-10-31T09:00"))
    assert keep_local_times() == ([late], [])


def test_a_time_that_the_clocks_now_skip_is_left_to_staff(tmp_path):
    show = make_show(starts_at=local("2049-05-01T02:30"))
    forward = datetime(2049, 5, 1, 1, tzinfo=UTC), FORWARD
    with rules_of(VIENNA, tmp_path, forward, after="CEST-2"):
        [(stuck, reason)] = keep_local_times().stuck
        assert stuck == show
        assert "skip 2049-05-01 02:30" in reason
        with pytest.raises(BadInput, match="skip"):
            keep_local_time(show=show)
    assert Show.objects.get().starts_at == show.starts_at


def test_an_unrelated_change_keeps_the_time_that_was_sold(abolish):
    show = make_show(starts_at=local("2049-07-01T20:15"))
    abolish()
    change_show(show=show, language="de")
    assert read(show)["starts_at"] == "2049-07-01T20:15:00+02:00"
    assert keep_local_times().moved == [show]


@pytest.mark.parametrize(("hour", "offset"), [(0, 120), (1, 60)])
def test_of_an_hour_that_comes_twice_the_one_that_was_sold_is_kept(hour, offset):
    at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)  # 02:30, twice
    assert kept_instant(at, utc_offset=offset, zone=ZoneInfo(VIENNA)) == at


def test_a_time_that_comes_twice_only_now_keeps_its_instant(tmp_path):
    show = make_show(starts_at=local("2049-12-01T02:30"))
    forward, back = datetime(2049, 3, 28, 1, tzinfo=UTC), datetime(2049, 12, 1, 1, tzinfo=UTC)
    with rules_of(VIENNA, tmp_path, (forward, FORWARD), (back, BACK)):
        assert keep_local_times() == ([], [])
        assert read(show)["starts_at"] == "2049-12-01T02:30:00+01:00"


def test_of_two_instants_that_are_new_the_first_is_taken():
    at = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)  # 02:30, three hours ahead of UTC
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert kept_instant(at, utc_offset=180, zone=ZoneInfo(VIENNA)) == first


def test_lists_of_a_day_find_a_show_by_the_time_that_was_sold(abolish):
    show = make_show(starts_at=local("2049-07-01T00:30"))
    abolish()
    for moved in (False, True):
        if moved:
            keep_local_times()
        assert list(filter_by_local_day(Show.objects.all(), date(2049, 7, 1))) == [show]
        assert list(filter_by_business_day(Show.objects.all(), date(2049, 6, 30))) == [show]


def test_the_worker_keeps_local_times_when_it_starts_and_then_every_hour(abolish):
    show = make_show(starts_at=local("2049-07-01T20:15"))
    abolish()
    task = TASKS["shows moved to keep their local time"]
    task.next_at = 0.0
    assert task() == 1
    show.refresh_from_db()
    assert show.utc_offset == 60
    Show.objects.update(utc_offset=120)
    assert task() == 0  # within the hour


def test_the_worker_logs_a_show_that_cannot_be_moved(tmp_path, caplog):
    make_show(starts_at=local("2049-05-01T02:30"))
    forward = datetime(2049, 5, 1, 1, tzinfo=UTC), FORWARD
    with rules_of(VIENNA, tmp_path, forward, after="CEST-2"):
        TASKS["shows moved to keep their local time"].task()
    assert "cannot be moved to its local time" in caplog.text


def run(*options, command="keep_local_times"):
    output, errors = StringIO(), StringIO()
    try:
        call_command(command, *options, stdout=output, stderr=errors)
    except SystemExit as ended:
        return ended.code, output.getvalue() + errors.getvalue()
    return 0, output.getvalue()


def test_the_command_says_which_shows_it_moved(abolish):
    show = make_show(starts_at=local("2049-07-01T20:15"))
    abolish()
    written = "2049-07-01 20:15 (Europe/Vienna)"
    code, told = run("--check")
    assert (code, written in told) == (1, True)
    assert Show.objects.get().starts_at == show.starts_at
    code, told = run()
    assert (code, written in told, "Shows moved: 1; not moved: 0." in told) == (0, True, True)
    assert run("--check") == (0, "Shows to be moved: 0.\n")


def test_the_command_names_a_show_that_it_cannot_move(tmp_path):
    make_show(starts_at=local("2049-05-01T02:30"))
    forward = datetime(2049, 5, 1, 1, tzinfo=UTC), FORWARD
    with rules_of(VIENNA, tmp_path, forward, after="CEST-2"):
        code, told = run()
    assert code == 1
    assert "The clocks now skip 2049-05-01 02:30" in told


def test_the_migration_stores_the_local_time_of_shows_from_before():
    for zone, at in ((VIENNA, "2049-07-01T20:15"), ("America/Los_Angeles", "2048-12-31T19:30")):
        make_show(make_auditorium(make_cinema(timezone=zone)), starts_at=local(at))
    before = list(Show.objects.order_by("pk").values())
    Show.objects.update(timezone="", utc_offset=0)
    import_module("marquee.catalog.migrations.0005_local_time").store_clocks(apps, None)
    assert list(Show.objects.order_by("pk").values()) == before
    assert [(show["utc_offset"], str(show["starts_on"])) for show in before] == [
        (120, "2049-07-01"),
        (-480, "2048-12-31"),
    ]


def test_a_migration_stores_the_local_times_of_sales_from_before():
    make_show(starts_at=local("2049-07-01T20:15"))
    make_show(starts_at=local("2049-07-01T20:15"), sales_from=local("2049-01-15T10:00"))
    before = list(Show.objects.order_by("pk").values())
    Show.objects.update(sales_from_offset=None, sales_until_offset=None)
    import_module("marquee.catalog.migrations.0011_sales_clocks").store_clocks(apps, None)
    assert list(Show.objects.order_by("pk").values()) == before
    assert [show["sales_from_offset"] for show in before] == [None, 60]


def test_a_cinema_in_use_gets_another_zone_and_its_shows_keep_their_local_times():
    show = make_show(
        make_auditorium(make_cinema(timezone="Europe/London")), starts_at=local("2049-07-01T20:15")
    )
    past = make_show(show.auditorium, starts_at=local("2020-07-01T20:15"))
    cinema = show.auditorium.cinema
    code, told = run(str(cinema.pk), "Europe/Vienna", command="change_zone")
    assert code == 0
    assert "Moved, its local time stays: " in told
    assert "2049-07-01 20:15 (Europe/Vienna)" in told
    now, before = Show.objects.get(pk=show.pk), Show.objects.get(pk=past.pk)
    assert (str(now).endswith("20:15 (Europe/Vienna)"), now.starts_at) == (
        True,
        show.starts_at - AN_HOUR,
    )
    assert (str(before), before.starts_at) == (str(past), past.starts_at)
    assert read(show)["starts_at"] == "2049-07-01T20:15:00+02:00"
    assert read(past)["starts_at"] == "2020-07-01T20:15:00+01:00"


def test_another_zone_with_the_same_clock_is_stored_too():
    show = make_show(make_auditorium(make_cinema(timezone="Europe/Berlin")))
    run(str(show.auditorium.cinema.pk), "Europe/Vienna", command="change_zone")
    moved = Show.objects.get()
    assert (moved.timezone, moved.starts_at) == ("Europe/Vienna", show.starts_at)
    assert keep_local_times() == ([], [])


@pytest.mark.parametrize(
    ("zone", "reason"), [("UTC", "no place"), ("Europe/Veinna", "Europe/Vienna")]
)
def test_a_zone_that_is_no_place_is_refused_by_the_command(zone, reason):
    cinema = make_cinema()
    with pytest.raises(CommandError, match=reason):
        run(str(cinema.pk), zone, command="change_zone")
    with pytest.raises(CommandError, match="There is no cinema"):
        run("0", "Europe/Vienna", command="change_zone")
    cinema.refresh_from_db()
    assert cinema.timezone == VIENNA
