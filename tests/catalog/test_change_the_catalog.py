"""Movies, cinemas and auditoriums are added, changed and deleted."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from marquee.catalog.errors import BadSeatPlan, CinemaInUse, NameTaken, RemovedMeanwhile
from marquee.catalog.models import Auditorium, Cinema, Genre, Movie, Seat, SeatPlan, Show
from marquee.catalog.operations import (
    change_auditorium,
    change_cinema,
    change_movie,
    delete,
)
from marquee.catalog.queries import newest_plan
from marquee.core import dependents
from marquee.core.errors import BadInput
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)

pytestmark = pytest.mark.django_db


def names(movie):
    return sorted(genre.name for genre in movie.genres.all())


# --- Movies -------------------------------------------------------------------------------------


def test_genres_are_found_by_name_in_any_case_and_added_when_new():
    make_movie(genres=["Drama", "Comédie"])
    movie = make_movie(genres=["drama", "COMÉDIE", "  Science   fiction ", "science fiction"])
    assert names(movie) == ["Comédie", "Drama", "Science fiction"]
    assert Genre.objects.count() == 3


def test_genres_are_replaced_as_a_whole_and_only_when_given():
    movie = make_movie(genres=["Drama"])
    assert names(change_movie(movie=movie, title="Other").movie) == ["Drama"]
    assert names(change_movie(movie=movie, genres=["Horror"]).movie) == ["Horror"]
    assert names(change_movie(movie=movie, genres=[]).movie) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"runtime_minutes": 0},
        {"runtime_minutes": -5},
        {"runtime_minutes": 1501},
        {"title": ""},
        {"title": "x" * 201},
        {"original_language": "german"},
        {"poster": "javascript:alert(1)"},
        {"genres": ["x" * 51]},
        {"genres": [" "]},
    ],
    ids=str,
)
def test_a_movie_that_the_model_does_not_allow_is_refused_by_field(wrong):
    with pytest.raises(BadInput) as refusal:
        make_movie(**wrong)
    assert refusal.value.field == next(iter(wrong))
    assert not Movie.objects.exists()
    assert not Genre.objects.exists()


def test_a_change_overwrites_no_other_change_made_meanwhile():
    stale = make_movie(title="One", certificate="12")
    change_movie(movie=stale, certificate="15")
    changed = change_movie(movie=Movie(pk=stale.pk), title="Two").movie
    assert (changed.title, changed.certificate) == ("Two", "15")


# --- Cinemas ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Europe/Atlantis"},
        {"timezone": "../../etc/passwd"},
        {"timezone": ""},
        {"timezone": "UTC"},
        {"timezone": "EST5EDT"},
        {"timezone": "US/Pacific"},
        {"currency": "XXX"},
        {"currency": "eur"},
        {"currency": "ABC"},
        {"cancel_until_minutes": -1},
        {"cancel_until_minutes": 525_601},
    ],
    ids=str,
)
def test_a_cinema_that_the_model_does_not_allow_is_refused_by_field(wrong):
    with pytest.raises(BadInput) as refusal:
        make_cinema(**wrong)
    assert refusal.value.field == next(iter(wrong))
    assert not Cinema.objects.exists()


def test_a_name_is_taken_once_in_a_city():
    make_cinema(name="Rex", city="Vienna")
    make_cinema(name="Rex", city="Graz")
    with pytest.raises(NameTaken) as refusal:
        make_cinema(name="Rex", city="Vienna")
    assert refusal.value.field == "name"


@pytest.mark.parametrize("change", [{"timezone": "Asia/Tokyo"}, {"currency": "JPY"}], ids=str)
def test_time_zone_and_currency_stay_once_there_are_price_cards(change):
    cinema = make_cinema()
    make_price_card(cinema)
    with pytest.raises(CinemaInUse):
        change_cinema(cinema=cinema, name="Other", **change)
    cinema.refresh_from_db()
    assert (cinema.timezone, cinema.currency) == ("Europe/Vienna", "EUR")
    assert cinema.name != "Other"


def test_a_zone_may_get_its_current_name_at_any_time():
    show = make_show()
    cinema = show.auditorium.cinema
    Cinema.objects.update(timezone="US/Pacific")  # as it may be from before
    Show.objects.update(timezone="US/Pacific")
    cinema.refresh_from_db()
    assert change_cinema(cinema=cinema, name="Rex", timezone="US/Pacific").name == "Rex"
    change_cinema(cinema=cinema, timezone="America/Los_Angeles")
    show.refresh_from_db()
    assert (show.timezone, show.auditorium.cinema.timezone) == ("America/Los_Angeles",) * 2
    with pytest.raises(BadInput, match="write America/Los_Angeles"):
        change_cinema(cinema=cinema, timezone="US/Pacific")


def test_a_zone_that_is_no_place_may_stay_but_not_come_back():
    cinema = make_cinema()
    Cinema.objects.update(timezone="UTC")
    cinema.refresh_from_db()
    assert change_cinema(cinema=cinema, name="Rex").timezone == "UTC"
    assert change_cinema(cinema=cinema, timezone="Europe/Vienna").timezone == "Europe/Vienna"
    with pytest.raises(BadInput, match="UTC is no place"):
        change_cinema(cinema=cinema, timezone="UTC")


def test_time_zone_and_currency_may_change_before_and_the_rest_always():
    cinema = make_cinema()
    cinema = change_cinema(cinema=cinema, timezone="Asia/Tokyo", currency="JPY")
    make_price_card(cinema, {("standard", "adult"): "1800"})
    same = {"timezone": "Asia/Tokyo", "currency": "JPY"}
    assert change_cinema(cinema=cinema, name="Rex", **same).name == "Rex"


# --- Auditoriums --------------------------------------------------------------------------------


def test_a_new_auditorium_has_its_seats_with_ids_that_ascend_from_the_screen():
    auditorium = make_auditorium(rows=["A: s_s", "B: pw"])
    plan = newest_plan(auditorium)
    assert (plan.version, plan.seats_total, plan.rows) == (1, 4, ["A: s_s", "B: pw"])
    assert list(plan.seats.order_by("id").values_list("label", "y", "x", "category", "kind")) == [
        ("A1", 1, 1, "standard", "standard"),
        ("A2", 1, 3, "standard", "standard"),
        ("B1", 2, 1, "premium", "standard"),
        ("B2", 2, 2, "standard", "wheelchair"),
    ]


def test_other_rows_are_a_new_plan_and_the_old_one_stays():
    show = make_show(make_auditorium(rows=["A: ss"]))
    seats = list(show.seat_plan.seats.values())
    auditorium = change_auditorium(auditorium=show.auditorium, rows=["A: ssp"])
    assert (newest_plan(auditorium).version, newest_plan(auditorium).seats_total) == (2, 3)
    show.refresh_from_db()
    assert (show.seat_plan.version, list(show.seat_plan.seats.values())) == (1, seats)


def test_the_same_rows_with_other_blanks_are_no_new_plan():
    auditorium = make_auditorium(rows=["A: ss"])
    change_auditorium(auditorium=auditorium, rows=[" A:ss "], name="Other")
    assert SeatPlan.objects.get().version == 1


def test_a_refused_plan_leaves_everything_as_it_was():
    auditorium = make_auditorium(rows=["A: ss"], name="One")
    with pytest.raises(BadSeatPlan):
        change_auditorium(auditorium=auditorium, rows=["A: s?"], name="Other")
    with pytest.raises(BadSeatPlan):
        make_auditorium(rows=[])
    assert (Auditorium.objects.get().name, SeatPlan.objects.count()) == ("One", 1)
    assert Seat.objects.count() == 2


def test_an_auditorium_stays_in_its_cinema():
    auditorium = make_auditorium()
    with pytest.raises(BadInput, match="stays in its cinema") as refusal:
        change_auditorium(auditorium=auditorium, cinema=make_cinema())
    assert refusal.value.field == "cinema"


@pytest.mark.parametrize("minutes", [-1, 1441])
def test_a_turnaround_has_a_limited_length(minutes):
    with pytest.raises(BadInput) as refusal:
        make_auditorium(turnaround_minutes=minutes)
    assert refusal.value.field == "turnaround_minutes"


# --- Deleting -----------------------------------------------------------------------------------


def test_rows_that_nothing_depends_on_can_be_deleted():
    auditorium, movie = make_auditorium(), make_movie(genres=["Drama"])
    for row in (auditorium, auditorium.cinema, movie):
        delete(row=row)
        with pytest.raises(RemovedMeanwhile):
            delete(row=row)
    for kind in (Auditorium, SeatPlan, Seat, Cinema, Movie):
        assert not kind.objects.exists()
    assert Genre.objects.exists()


def test_rows_that_shows_auditoriums_or_prices_depend_on_stay():
    show = make_show()
    priced = make_price_card().cinema
    for row in (show.movie, show.auditorium, show.auditorium.cinema, priced):
        with pytest.raises(ProtectedError):
            delete(row=row)
        row.refresh_from_db()


def test_rows_that_prevent_a_deletion_are_read_up_to_a_limit_and_no_ticket_is(monkeypatch):
    monkeypatch.setattr(dependents, "MAX_DEPENDENTS", 1)
    auditorium = make_auditorium()
    shows = [make_show(auditorium, starts_in=timedelta(days=day)) for day in (1, 2, 3)]
    book_seats(make_user(), shows[0], "A1")
    with CaptureQueriesContext(connection) as captured, pytest.raises(ProtectedError) as refusal:
        delete(row=auditorium)
    assert len(refusal.value.protected_objects & {*shows}) == 2
    assert not any('"ticket"' in query["sql"] for query in captured)
