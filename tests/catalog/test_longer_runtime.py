"""A longer runtime says which shows to come are too short, and offers to extend them."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marquee.booking.operations import call_off
from marquee.catalog.errors import ShowOverlaps
from marquee.catalog.models import Movie, Show
from marquee.catalog.operations import change_movie
from tests.api.openapi_validation import check_response
from tests.api.problems import check_problem
from tests.factories import book_seats, client_of, make_movie, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
START = timezone.now().replace(microsecond=0) + 3 * DAY


def ends_after(show):
    """Return after how many minutes a show ends."""
    row = Show.objects.get(pk=show.pk)
    assert row.occupied_until == row.ends_at + row.auditorium.turnaround_minutes * MINUTE
    return (row.ends_at - row.starts_at) / MINUTE


@pytest.fixture
def movie():
    return make_movie(runtime_minutes=100)


def test_the_shows_to_come_that_are_too_short_are_named(movie):
    usual = make_show(movie=movie, starts_at=START)
    without_adverts = make_show(
        movie=movie, starts_at=START + DAY, ends_at=START + DAY + 100 * MINUTE
    )
    make_show(movie=movie, starts_at=START + DAY, ends_at=START + DAY + 180 * MINUTE)  # with a talk
    make_show(movie=movie, starts_in=-MINUTE)
    off = make_show(movie=movie, starts_at=START)
    call_off(show=off)
    changed = change_movie(movie=movie, runtime_minutes=110)
    assert changed.movie.runtime_minutes == 110
    assert changed.short_shows == [
        (usual, START + 130 * MINUTE),
        (without_adverts, START + DAY + 110 * MINUTE),
    ]
    assert (ends_after(usual), ends_after(without_adverts)) == (120, 100)


@pytest.mark.parametrize(
    "change", [{"runtime_minutes": 90}, {"title": "Other"}, {"runtime_minutes": 100}]
)
def test_no_other_change_makes_a_show_too_short(movie, change):
    show = make_show(movie=movie, starts_at=START)
    assert change_movie(movie=movie, **change).short_shows == []
    assert ends_after(show) == 120


def test_they_end_later_if_that_is_asked_for(movie):
    usual = make_show(movie=movie, starts_at=START, sales_until=START + 30 * MINUTE)
    booking = book_seats(make_user(), usual, "A1")
    other = make_show(starts_at=START)
    assert change_movie(movie=movie, runtime_minutes=130, extend_shows=True).short_shows == []
    assert (ends_after(usual), ends_after(other)) == (150, 120)
    assert Show.objects.get(pk=usual.pk).sales_until == START + 30 * MINUTE
    assert booking.events.count() == 1


def test_they_can_be_extended_later_as_well(movie):
    show = make_show(movie=movie, starts_at=START)
    assert change_movie(movie=movie, runtime_minutes=130).short_shows
    assert change_movie(movie=movie, extend_shows=True).short_shows == []
    assert ends_after(show) == 150


def test_a_show_is_not_extended_into_another_and_then_nothing_changes(movie):
    first = make_show(movie=movie, starts_at=START)
    fine = make_show(movie=movie, starts_at=START - DAY)
    after = make_show(first.auditorium, starts_at=START + 140 * MINUTE)
    with pytest.raises(ShowOverlaps, match=after.movie.title) as refusal:
        change_movie(movie=movie, runtime_minutes=130, extend_shows=True)
    assert refusal.value.facts["show"]["id"] == after.pk
    assert (ends_after(first), ends_after(fine)) == (120, 120)
    assert Movie.objects.get(pk=movie.pk).runtime_minutes == 100


def test_the_api_names_and_extends_them(movie):
    show = make_show(movie=movie, starts_at=START)
    staff = client_of(make_staff())
    address = f"/api/v1/movies/{movie.pk}/"
    response = staff.patch(address, {"runtime_minutes": 130})
    (short,) = response.json()["shows_too_short"]
    assert (short["id"], short["auditorium"]) == (show.pk, str(show.auditorium))
    needed, ends = (datetime.fromisoformat(short[name]) for name in ("needed_until", "ends_at"))
    assert needed > ends
    check_response("movies/{id}/", "patch", response)
    assert response["ETag"] == client_of().get(address)["ETag"]
    assert "shows_too_short" not in staff.patch(address, {"extend_shows": True}).json()
    assert ends_after(show) == 150
    whole = {"title": "M", "runtime_minutes": 131, "extend_shows": True}
    check_response("movies/{id}/", "put", staff.put(address, whole))
    assert ends_after(show) == 151
    make_show(show.auditorium, starts_at=START + 170 * MINUTE)
    refused = staff.patch(address, {"runtime_minutes": 180, "extend_shows": True})
    check_problem(refused, 409, "show_overlaps")
    check_response("movies/{id}/", "patch", refused)
    assert "shows_too_short" not in client_of().get(address).json()
    assert staff.post("/api/v1/movies/", whole).status_code == 400


def test_the_back_office_names_and_extends_them(client, movie):
    show = make_show(movie=movie, starts_at=START)
    client.force_login(make_staff(is_superuser=True))
    page = reverse("admin:catalog_movie_change", args=[movie.pk])
    sent = {"title": movie.title, "runtime_minutes": 130, "original_language": "en"}
    sent |= {"translations-TOTAL_FORMS": 0, "translations-INITIAL_FORMS": 0}
    shown = client.post(page, sent, follow=True).content.decode()
    assert "Too short for the movie now: 1." in shown
    assert ends_after(show) == 120
    client.post(page, sent | {"extend_shows": "on"})
    assert ends_after(show) == 150
