"""Shows are scheduled, moved and deleted. Two shows in one auditorium never overlap."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from marquee.booking import claims
from marquee.booking.models import Booking
from marquee.catalog.errors import RemovedMeanwhile, ShowHasBookings, ShowOverlaps
from marquee.catalog.models import Show
from marquee.catalog.operations import change_auditorium, change_movie, change_show, delete_show
from marquee.catalog.operations import shows as show_operations
from marquee.core.errors import BadInput
from tests.factories import (
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)

pytestmark = pytest.mark.django_db

EIGHT = datetime(2049, 3, 1, 20, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def book(show):
    return Booking.objects.create(
        reference="AAAA0001", user=make_user(), show=show, status="confirmed", total=0,
        currency="EUR", created_at=EIGHT, sold_starts_at=show.starts_at, cancel_until=show.starts_at,
    )  # fmt: skip


def stored(show):
    return Show.objects.values().get(pk=show.pk)


# --- The defaults of a show ---------------------------------------------------------


def test_a_show_ends_after_the_adverts_and_the_movie(settings):
    settings.ADVERTS_MINUTES = 20
    show = make_show(movie=make_movie(runtime_minutes=100), starts_at=EIGHT)
    assert show.ends_at == EIGHT + 120 * MINUTE


def test_the_auditorium_is_occupied_for_the_turnaround_too():
    show = make_show(make_auditorium(turnaround_minutes=25), starts_at=EIGHT)
    assert show.occupied_until == show.ends_at + 25 * MINUTE


def test_a_show_sells_until_it_starts_in_the_original_language_and_is_scheduled():
    show = make_show(movie=make_movie(original_language="de"), starts_at=EIGHT)
    assert (show.sales_until, show.language, show.subtitles) == (EIGHT, "de", "")
    assert (show.format, show.state) == ("2D", "scheduled")


def test_given_fields_replace_the_defaults():
    show = make_show(
        starts_at=EIGHT, ends_at=EIGHT + 30 * MINUTE, sales_until=EIGHT + 5 * MINUTE,
        format="IMAX 3D", language="", subtitles="pt-BR",
    )  # fmt: skip
    assert show.ends_at == EIGHT + 30 * MINUTE
    assert show.sales_until == EIGHT + 5 * MINUTE
    assert (show.format, show.language, show.subtitles) == ("IMAX 3D", "", "pt-BR")


def test_a_show_may_be_in_the_past():
    assert make_show(starts_at=datetime(2001, 1, 1, tzinfo=UTC)).pk


def test_a_show_has_the_auditoriums_newest_seat_plan():
    auditorium = make_auditorium(rows=["A: s"])
    old = make_show(auditorium, starts_at=EIGHT)
    change_auditorium(auditorium=auditorium, rows=["A: ss"])
    new = make_show(auditorium, starts_at=EIGHT + timedelta(days=1))
    old.refresh_from_db()
    assert (old.seat_plan.seats_total, new.seat_plan.seats_total) == (1, 2)


# --- The cinema's clock -------------------------------------------------------------------------


def test_a_time_without_an_offset_is_local_to_the_cinema():
    auditorium = make_auditorium(make_cinema(timezone="America/New_York"))
    show = make_show(auditorium, starts_at=datetime(2049, 1, 5, 20, 15))  # noqa: DTZ001 (local time)
    assert show.starts_at == datetime(2049, 1, 6, 1, 15, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_is_refused():
    with pytest.raises(
        BadInput, match="02:30 does not exist on 2049-03-28 in Europe/Vienna"
    ) as refusal:
        make_show(starts_at=datetime(2049, 3, 28, 2, 30))  # noqa: DTZ001 (local time)
    assert refusal.value.field == "starts_at"
    assert not Show.objects.exists()


def test_of_a_time_that_comes_twice_the_first_is_meant():
    for fold in (0, 1):
        show = make_show(starts_at=datetime(2049, 10, 31, 2, 30, fold=fold))  # noqa: DTZ001
        assert show.starts_at == datetime(2049, 10, 31, 0, 30, tzinfo=UTC)


def test_a_show_over_the_change_of_clocks_lasts_as_long_as_any_other():
    show = make_show(starts_at=datetime(2049, 3, 28, 1, 30))  # noqa: DTZ001 (local time)
    assert show.ends_at - show.starts_at == 120 * MINUTE


@pytest.mark.parametrize("year", [1, 1979, 2200, 9999])
def test_a_year_out_of_range_is_refused(year):
    with pytest.raises(BadInput, match="Write a year from"):
        make_show(starts_at=datetime(year, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("name", "year"), [("sales_until", 1990), ("sales_from", 2100)])
def test_a_show_that_moves_by_centuries_takes_no_sales_along_to_before_1980(name, year):
    """Zones had offsets with seconds then, which responses cannot express."""
    far, near = (datetime(year, 6, 1, 18, tzinfo=UTC) for year in (2199, 2049))
    show = make_show(starts_at=far, **{name: datetime(year, 6, 1, 18, tzinfo=UTC)})
    with pytest.raises(BadInput, match="before 1980") as refusal:
        change_show(show=show, starts_at=near)
    assert refusal.value.field == name
    assert change_show(show=show, starts_at=near, **{name: None}).starts_at == near


# --- Invalid shows ------------------------------------------------------------------------


@pytest.mark.parametrize("ends_in", [timedelta(), -MINUTE, timedelta(days=2, minutes=1)])
def test_a_show_ends_after_it_starts_and_within_two_days(ends_in):
    with pytest.raises(BadInput) as refusal:
        make_show(starts_at=EIGHT, ends_at=EIGHT + ends_in)
    assert refusal.value.field == "ends_at"


def test_sales_close_by_the_end_of_the_show():
    with pytest.raises(BadInput) as refusal:
        make_show(starts_at=EIGHT, sales_until=EIGHT + 121 * MINUTE)
    assert refusal.value.field == "sales_until"


@pytest.mark.parametrize(
    "wrong", [{"format": "5D"}, {"language": "English"}, {"subtitles": "x"}], ids=str
)
def test_what_the_model_does_not_allow_is_refused_by_field(wrong):
    with pytest.raises(BadInput) as refusal:
        make_show(**wrong)
    assert refusal.value.field == next(iter(wrong))
    assert not Show.objects.exists()


def test_the_price_card_is_of_the_same_cinema():
    with pytest.raises(BadInput, match="another cinema") as refusal:
        make_show(price_card=make_price_card())
    assert refusal.value.field == "price_card"


def test_the_price_card_has_a_default_price_for_every_category_of_seats():
    auditorium = make_auditorium(rows=["A: ssppr"])
    card = make_price_card(
        auditorium.cinema, {("standard", "adult"): "12", ("premium", "child"): "9"}
    )
    with pytest.raises(BadInput, match="no adult price for premium and recliner seats") as refusal:
        make_show(auditorium, price_card=card)
    assert refusal.value.field == "price_card"
    assert make_show(make_auditorium(auditorium.cinema, rows=["A: swc"]), price_card=card).pk


def test_a_movie_that_was_just_deleted_is_not_scheduled():
    movie = make_movie()
    type(movie).objects.all().delete()
    with pytest.raises(RemovedMeanwhile, match="The movie was removed"):
        make_show(movie=movie)


# --- One show at a time in an auditorium ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts", "lasts"),
    [(0, 120), (60, 10), (-60, 61), (-60, 500), (134, 120), (-134, 120)],
    ids=["same", "within", "into its start", "around", "in its turnaround", "in our turnaround"],
)
def test_a_show_may_not_overlap_another_turnaround_included(starts, lasts):
    first = make_show(make_auditorium(turnaround_minutes=15), starts_at=EIGHT)
    start = EIGHT + starts * MINUTE
    with pytest.raises(ShowOverlaps) as refusal:
        make_show(first.auditorium, starts_at=start, ends_at=start + lasts * MINUTE)
    assert refusal.value.facts["show"]["id"] == first.pk
    assert first.movie.title in refusal.value.detail
    assert Show.objects.count() == 1


def test_the_refusal_has_times_local_to_the_cinema():
    first = make_show(starts_at=EIGHT)
    with pytest.raises(ShowOverlaps) as refusal:
        make_show(first.auditorium, starts_at=EIGHT)
    assert refusal.value.facts["show"] == {
        "id": first.pk,
        "movie": first.movie.title,
        "starts_at": "2049-03-01T21:00:00+01:00",
        "occupied_until": "2049-03-01T23:15:00+01:00",
    }


def test_the_refusal_says_which_hour_it_means_when_that_comes_twice():
    first = make_show(starts_at=datetime(2049, 10, 31, 0, 30, tzinfo=UTC))
    with pytest.raises(ShowOverlaps) as refusal:
        make_show(first.auditorium, starts_at=first.starts_at)
    assert "from 2049-10-31 02:30+02:00 (Europe/Vienna) to " in refusal.value.detail


@pytest.mark.parametrize("starts", [135, -135], ids=["after", "before"])
def test_a_show_may_start_as_soon_as_the_turnaround_is_over(starts):
    first = make_show(make_auditorium(turnaround_minutes=15), starts_at=EIGHT)
    assert make_show(first.auditorium, starts_at=EIGHT + starts * MINUTE).pk


def test_shows_in_other_auditoriums_and_called_off_shows_do_not_overlap():
    first = make_show(starts_at=EIGHT)
    make_show(make_auditorium(first.auditorium.cinema), starts_at=EIGHT)
    Show.objects.filter(pk=first.pk).update(state="called_off")
    assert make_show(first.auditorium, starts_at=EIGHT).pk


def test_on_postgresql_the_constraint_holds_against_writers_that_never_checked(monkeypatch):
    from django.db import connection

    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no exclusion constraints; its writers come one at a time")
    first = make_show(starts_at=EIGHT)
    second = make_show(make_auditorium(first.auditorium.cinema), starts_at=EIGHT)
    with pytest.raises(IntegrityError, match="show_no_overlap"), transaction.atomic():
        Show.objects.filter(pk=second.pk).update(auditorium=first.auditorium)
    check = show_operations._check_no_overlap
    checked = []

    def check_only_later(show):
        checked.append(show)
        if len(checked) > 1:
            check(show)

    monkeypatch.setattr(show_operations, "_check_no_overlap", check_only_later)
    with pytest.raises(ShowOverlaps) as refusal:
        make_show(first.auditorium, starts_at=EIGHT)
    assert refusal.value.facts["show"]["id"] == first.pk


# --- Changes ------------------------------------------------------------------------------------


def test_a_moved_show_keeps_its_length_and_sells_until_it_starts_if_it_did():
    show = make_show(starts_at=EIGHT, ends_at=EIGHT + 50 * MINUTE)
    show = change_show(show=show, starts_at=EIGHT + 10 * MINUTE)
    assert show.ends_at == EIGHT + 60 * MINUTE
    assert show.sales_until == EIGHT + 10 * MINUTE
    assert show.occupied_until == EIGHT + 75 * MINUTE


@pytest.mark.parametrize("distance", [-60, 30])
@pytest.mark.parametrize("by", [timedelta(days=1), -timedelta(days=1), 10 * MINUTE])
def test_sales_of_a_moved_show_open_and_close_as_far_from_its_start_as_before(distance, by):
    show = make_show(
        starts_at=EIGHT,
        sales_until=EIGHT + distance * MINUTE,
        sales_from=EIGHT - timedelta(days=20),
    )
    moved = change_show(show=show, starts_at=EIGHT + by)
    assert moved.sales_until == EIGHT + by + distance * MINUTE
    assert moved.sales_from == EIGHT + by - timedelta(days=20)
    back = change_show(show=show, starts_at=EIGHT)
    assert (back.sales_until, back.sales_from) == (show.sales_until, show.sales_from)


def test_sales_that_have_opened_stay_open_when_a_show_moves():
    opened = timezone.now().replace(microsecond=0) - timedelta(days=1)
    show = make_show(starts_at=EIGHT, sales_from=opened)
    assert change_show(show=show, starts_at=EIGHT + timedelta(days=30)).sales_from == opened
    early = timezone.now() + timedelta(hours=3)
    moved = change_show(show=show, starts_at=early, sales_until=opened - MINUTE)
    assert moved.sales_from == moved.sales_until


def test_times_given_with_a_move_are_as_given():
    show = make_show(
        starts_at=EIGHT, sales_until=EIGHT + 30 * MINUTE, sales_from=EIGHT - 60 * MINUTE
    )
    moved = change_show(
        show=show,
        starts_at=EIGHT + timedelta(days=1),
        ends_at=EIGHT + timedelta(days=1, hours=5),
        sales_until=EIGHT,
        sales_from=None,
    )
    assert (moved.sales_from, moved.sales_until) == (None, EIGHT)
    assert moved.ends_at == EIGHT + timedelta(days=1, hours=5)


@pytest.mark.parametrize("later", [MINUTE, timedelta(days=1)])
def test_sales_open_before_they_close(later):
    with pytest.raises(BadInput) as refusal:
        make_show(starts_at=EIGHT, sales_from=EIGHT + later)
    assert refusal.value.field == "sales_from"
    show = make_show(starts_at=EIGHT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Show.objects.filter(pk=show.pk).update(sales_from=EIGHT + later)


def test_another_movie_brings_its_original_language_where_the_show_had_the_other_ones():
    show = make_show(movie=make_movie(original_language="fr"), starts_at=EIGHT)
    dubbed = make_show(movie=show.movie, language="de", starts_at=EIGHT)
    other = make_movie(original_language="it")
    assert change_show(show=show, movie=other).language == "it"
    assert change_show(show=dubbed, movie=other).language == "de"
    assert change_show(show=dubbed, movie=show.movie, language="").language == ""


def test_none_restores_the_default_times_and_language():
    show = make_show(
        starts_at=EIGHT, ends_at=EIGHT + MINUTE, sales_until=EIGHT - MINUTE, language="fr"
    )
    show = change_show(show=show, ends_at=None, sales_until=None, language=None)
    assert (show.ends_at, show.sales_until) == (EIGHT + 120 * MINUTE, EIGHT)
    assert show.language == "en"


def test_another_movie_brings_its_length():
    show = make_show(starts_at=EIGHT)
    show = change_show(show=show, movie=make_movie(runtime_minutes=200))
    assert show.ends_at == EIGHT + 220 * MINUTE


def test_another_auditorium_brings_its_plan_and_its_turnaround():
    show = make_show(make_auditorium(turnaround_minutes=15), starts_at=EIGHT)
    auditorium = make_auditorium(show.auditorium.cinema, rows=["A: ss"], turnaround_minutes=60)
    show = change_show(show=show, auditorium=auditorium)
    assert show.seat_plan.auditorium == auditorium
    assert show.occupied_until == show.ends_at + 60 * MINUTE


def test_an_auditorium_of_another_cinema_needs_that_cinemas_prices():
    show = make_show(starts_at=EIGHT)
    before = stored(show)
    with pytest.raises(BadInput, match="another cinema"):
        change_show(show=show, auditorium=make_auditorium())
    assert stored(show) == before


def test_a_show_cannot_be_moved_onto_another_and_stays_where_it_was():
    first = make_show(starts_at=EIGHT)
    second = make_show(first.auditorium, starts_at=EIGHT + timedelta(days=1))
    before = stored(second)
    with pytest.raises(ShowOverlaps):
        change_show(show=second, starts_at=EIGHT + MINUTE)
    assert stored(second) == before


def test_a_show_does_not_overlap_itself():
    show = make_show(starts_at=EIGHT)
    assert change_show(show=show, starts_at=EIGHT + MINUTE).starts_at == EIGHT + MINUTE


@pytest.mark.parametrize("what", ["movie", "auditorium"])
def test_once_booked_the_movie_and_the_auditorium_stay(what):
    show = make_show(starts_at=EIGHT)
    book(show)
    before = stored(show)
    other = make_movie() if what == "movie" else make_auditorium(show.auditorium.cinema)
    with pytest.raises(ShowHasBookings):
        change_show(show=show, **{what: other})
    assert stored(show) == before


def test_once_booked_the_rest_may_still_change():
    show = make_show(starts_at=EIGHT)
    book(show)
    show = change_show(
        show=show, movie=show.movie, auditorium=show.auditorium, starts_at=EIGHT + MINUTE
    )
    assert show.starts_at == EIGHT + MINUTE


def test_another_runtime_moves_no_show():
    show = make_show(starts_at=EIGHT)
    before = stored(show)
    change_movie(movie=show.movie, runtime_minutes=10)
    assert stored(show) == before


def test_another_turnaround_applies_to_shows_that_are_scheduled_or_moved_from_then_on():
    show = make_show(make_auditorium(turnaround_minutes=15), starts_at=EIGHT)
    change_auditorium(auditorium=show.auditorium, turnaround_minutes=30)
    assert change_show(show=show, subtitles="fr").occupied_until == EIGHT + 135 * MINUTE
    moved = change_show(show=show, starts_at=EIGHT + MINUTE)
    assert moved.occupied_until == moved.ends_at + 30 * MINUTE


def test_a_show_without_bookings_can_be_deleted_and_a_booked_show_stays():
    show, booked = make_show(), make_show()
    book(booked)
    delete_show(show=show)
    with pytest.raises(ProtectedError):
        delete_show(show=booked)
    assert list(Show.objects.all()) == [booked]


def test_a_deleted_show_cannot_be_changed():
    show = make_show()
    delete_show(show=show)
    for change in (lambda: change_show(show=show, subtitles="fr"), lambda: delete_show(show=show)):
        with pytest.raises(RemovedMeanwhile, match="The show was removed"):
            change()


def test_a_show_with_blocked_seats_stays_in_its_auditorium_until_they_are_unblocked():
    show, auditorium = make_show(), make_auditorium(rows=["A: ss"])
    card = make_price_card(auditorium.cinema)
    claims.block(show.pk, {show.seat_plan.seats.first().pk})

    with pytest.raises(ShowHasBookings, match="blocked"):
        change_show(show=show, auditorium=auditorium, price_card=card)

    claims.unblock(show.pk, {show.seat_plan.seats.first().pk})
    assert change_show(show=show, auditorium=auditorium, price_card=card).auditorium == auditorium


def test_a_show_with_only_blocked_seats_can_be_deleted():
    show = make_show()
    claims.block(show.pk, {show.seat_plan.seats.first().pk})

    delete_show(show=show)

    assert not Show.objects.filter(pk=show.pk).exists()
