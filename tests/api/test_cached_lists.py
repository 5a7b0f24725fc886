"""Lists are cached, and yet no response is older than its request."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from marquee.booking.operations import cancel, keep_local_times
from marquee.catalog.models import Cinema, Movie, Show
from tests.factories import (
    book_seats,
    client_of,
    expire_hold,
    make_movie,
    make_price_card,
    make_show,
    make_user,
)

pytestmark = pytest.mark.django_db

MOVIES, SHOWS = "/api/v1/movies/", "/api/v1/shows/"
TOMORROW = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) + timedelta(days=1)


@pytest.fixture
def anonymous_client():
    return client_of()


@pytest.fixture
def of_the_day():
    return {"date": TOMORROW.date().isoformat()}


def listed(response):
    assert response.status_code == 200, response.content
    return response.json()["results"]


def test_a_changed_movie_is_changed_in_the_list_at_once(anonymous_client):
    movie = make_movie(title="M")
    assert [one["title"] for one in listed(anonymous_client.get(MOVIES))] == ["M"]
    with connection.cursor() as cursor:  # by hand, past all our code
        cursor.execute("UPDATE movie SET title = 'N' WHERE id = %s", [movie.pk])
    assert [one["title"] for one in listed(anonymous_client.get(MOVIES))] == ["N"]
    movie.genres.create(name="Drama")
    assert listed(anonymous_client.get(MOVIES))[0]["genres"] == ["Drama"]
    Movie.objects.all().delete()
    assert listed(anonymous_client.get(MOVIES)) == []


def test_an_unchanged_list_is_a_304(anonymous_client):
    make_movie()
    first = anonymous_client.get(MOVIES)
    assert first["Cache-Control"] == "no-cache"
    again = anonymous_client.get(MOVIES, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    make_movie()
    after = anonymous_client.get(MOVIES, headers={"If-None-Match": first["ETag"]})
    assert (after.status_code, len(listed(after))) == (200, 2)


def test_shows_of_a_day_have_the_seats_left_now(
    anonymous_client, of_the_day, django_assert_num_queries
):
    show, other = make_show(starts_at=TOMORROW), make_show(starts_at=TOMORROW + timedelta(hours=1))

    def left():
        return [one["seats_left"] for one in listed(anonymous_client.get(SHOWS, of_the_day))]

    assert left() == [24, 24]
    alice = make_user()
    booking = book_seats(alice, show, "A1", "A2")
    hold = book_seats(alice, other, "B1", hold=True)
    with django_assert_num_queries(2):  # the versions, and the seats of those that changed
        assert left() == [22, 23]
    with django_assert_num_queries(1):
        assert left() == [22, 23]
    cancel(booking=booking)
    expire_hold(hold)
    assert left() == [24, 24]


def test_a_show_of_a_day_is_listed_as_it_is_alone(anonymous_client, of_the_day):
    show = make_show(starts_at=TOMORROW)
    book_seats(make_user(), show, "A1")
    for _ in range(2):  # made, and kept
        assert listed(anonymous_client.get(SHOWS, of_the_day)) == [
            anonymous_client.get(f"{SHOWS}{show.pk}/").json()
        ]


def test_a_changed_show_or_price_is_changed_in_the_list_at_once(anonymous_client, of_the_day):
    show = make_show(starts_at=TOMORROW)
    assert len(listed(anonymous_client.get(SHOWS, of_the_day))) == 1
    Show.objects.filter(pk=show.pk).update(language="fr")
    assert listed(anonymous_client.get(SHOWS, of_the_day))[0]["language"] == "fr"
    cheap = make_price_card(show.auditorium.cinema, {("standard", "adult"): "1.00",
        ("premium", "adult"): "1.00", ("recliner", "adult"): "1.00"})  # fmt: skip
    Show.objects.filter(pk=show.pk).update(price_card=cheap)
    assert listed(anonymous_client.get(SHOWS, of_the_day))[0]["price_from"]["amount"] == "1.00"
    later = TOMORROW + timedelta(days=3)
    Show.objects.filter(pk=show.pk).update(
        starts_at=later, sales_until=later, ends_at=later + timedelta(hours=2),
        occupied_until=later + timedelta(hours=3),
    )  # fmt: skip
    assert listed(anonymous_client.get(SHOWS, of_the_day)) == []


def test_a_cinema_whose_zone_is_changed_by_hand_keeps_the_days_and_times_of_its_shows(
    anonymous_client,
):
    late = TOMORROW.replace(hour=23)  # of UTC: in Vienna it is the next day
    show = make_show(starts_at=late)
    day, next_day = ({"date": each.isoformat()} for each in (late.date(), show.local_start.date()))
    clock = f"{show.local_start:%Y-%m-%dT%H:%M}"
    assert listed(anonymous_client.get(SHOWS, day)) == []
    Cinema.objects.update(timezone="Pacific/Honolulu")
    for is_moved in (False, True):
        if is_moved:
            keep_local_times()
        assert listed(anonymous_client.get(SHOWS, day)) == []
        [found] = listed(anonymous_client.get(SHOWS, next_day))
        assert found["starts_at"][:16] == clock
    assert found["starts_at"].endswith("-10:00")


def test_each_host_gets_its_own_urls(anonymous_client, of_the_day):
    for n in range(2):
        make_show(starts_at=TOMORROW + timedelta(hours=n))
    for path in (MOVIES, SHOWS):
        for host in ("localhost", "127.0.0.1"):
            page = anonymous_client.get(
                path, of_the_day | {"page_size": "1"}, headers={"Host": host}
            ).json()
            assert page["next"].startswith(f"http://{host}{path}")
            assert "127.0.0.1" in page["next"] or host == "localhost"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (SHOWS, {}),
        ("/api/v1/movies/{movie}/shows/", {}),
        (MOVIES, {"now_showing": "true"}),
        (MOVIES, {"cinema": "{cinema}"}),
    ],
)
def test_a_list_of_shows_to_come_drops_shows_that_have_ended(
    anonymous_client, monkeypatch, path, query
):
    show = make_show(starts_at=TOMORROW)
    path = path.format(movie=show.movie_id)
    query = {name: value.format(cinema=show.auditorium.cinema_id) for name, value in query.items()}
    for ago, number in ((timedelta(minutes=1), 1), (timedelta(0), 0), (timedelta(minutes=1), 1)):
        monkeypatch.setattr(timezone, "now", lambda ago=ago: show.ends_at - ago)
        for _ in range(2):  # made, and kept
            assert len(listed(anonymous_client.get(path, query))) == number


def test_a_refused_list_is_refused_again(anonymous_client):
    make_show()
    for _ in range(2):
        assert anonymous_client.get(SHOWS, {"date": "tomorrow"}).status_code == 400
        assert anonymous_client.get(MOVIES, {"page": "0"}).status_code == 400


def test_a_private_list_is_not_cached(anonymous_client):
    response = anonymous_client.get("/api/v1/price-cards/")
    assert response.status_code == 401
