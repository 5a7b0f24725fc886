"""Lists are paged by cursor: rows that come and go neither repeat a row nor hide one."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from django.core.signing import Signer, b64_decode
from django.db.models import F
from django.utils import timezone

from marquee.api.pagination import MAX_CURSOR_LENGTH
from marquee.booking.models import Booking
from marquee.catalog.models import Movie, Show
from marquee.core.keyset import KeysetRows, Start
from tests.api.problems import check_problem
from tests.factories import (
    book_seats,
    client_of,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db
API = "/api/v1/"
LATER = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


def make_shows(number, **fields):
    auditorium = make_auditorium()
    return [
        make_show(auditorium, starts_at=LATER + timedelta(hours=3 * n), **fields)
        for n in range(number)
    ]


def read(client, url, key="id"):
    """Return the keys on a page, and the page."""
    response = client.get(url)
    assert response.status_code == 200, response.content
    page = response.json()
    return [row.get(key) for row in page["results"]], page


def walk(client, url, key="id", link="next"):
    """Return the keys of all pages from this one on."""
    found = []
    while url:
        keys, page = read(client, url, key)
        found += keys if link == "next" else keys[::-1]
        url = page[link]
    return found


def cursor_of(url):
    return parse_qs(urlsplit(url).query)["cursor"][0]


# --- Rows come and go -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["shows/", "movies/{movie}/shows/"])
def test_a_row_that_is_deleted_hides_no_other(path):
    movie = make_movie()
    shows = make_shows(6, movie=movie)
    url = API + path.format(movie=movie.pk) + "?page_size=2"
    first, page = read(client_of(), url)
    assert first == [shows[0].pk, shows[1].pk]
    shows[0].delete()
    second, page = read(client_of(), page["next"])
    assert second == [shows[2].pk, shows[3].pk]
    shows[3].delete()  # the row that the next page starts behind
    third, page = read(client_of(), page["next"])
    assert third == [shows[4].pk, shows[5].pk]
    assert page["next"] is None


def test_a_row_that_is_added_repeats_no_other():
    shows = make_shows(4)
    _, page = read(client_of(), f"{API}shows/?page_size=2")
    make_show(starts_at=LATER - timedelta(hours=1))
    make_show(starts_at=LATER + timedelta(hours=1))
    assert read(client_of(), page["next"])[0] == [shows[2].pk, shows[3].pk]


def test_the_previous_page_has_the_rows_before():
    shows = [show.pk for show in make_shows(5)]
    last = read(client_of(), f"{API}shows/?page_size=2")[1]
    while last["next"]:
        last = read(client_of(), last["next"])[1]
    keys, page = read(client_of(), last["previous"])
    assert keys == shows[2:4]
    keys, page = read(client_of(), page["previous"])
    assert (keys, page["previous"]) == (shows[:2], None)
    assert read(client_of(), page["next"])[0] == shows[2:4]


def test_a_page_whose_rows_are_gone_leads_back():
    shows = make_shows(3)
    _, page = read(client_of(), f"{API}shows/?page_size=2")
    shows[2].delete()
    keys, empty = read(client_of(), page["next"])
    assert (keys, empty["next"]) == ([], None)
    assert read(client_of(), empty["previous"])[0] == [shows[0].pk, shows[1].pk]


def test_a_previous_page_whose_rows_are_gone_leads_on():
    shows = make_shows(3)
    _, page = read(client_of(), f"{API}shows/?page_size=1")
    _, page = read(client_of(), page["next"])
    shows[0].delete()
    keys, empty = read(client_of(), page["previous"])
    assert (keys, empty["previous"]) == ([], None)
    assert read(client_of(), empty["next"])[0] == [shows[1].pk]


# --- Every list, in every order -------------------------------------------------------------------


def test_shows_that_start_at_the_same_time_are_each_listed_once():
    shows = [make_show(starts_at=LATER).pk for _ in range(5)]
    assert walk(client_of(), f"{API}shows/?page_size=2") == shows


@pytest.mark.parametrize("field", ["title", "release_date", "runtime_minutes"])
@pytest.mark.parametrize("sign", ["", "-"])
def test_movies_are_paged_in_every_order_with_equal_and_missing_values(field, sign):
    days = [None, date(2020, 1, 2), None, date(2021, 3, 4), date(2020, 1, 2), None]
    for number, day in enumerate(days):
        make_movie(title=f"M{number % 2}", runtime_minutes=90 + number % 3, release_date=day)
    url = f"{API}movies/?ordering={sign}{field}"
    expected = walk(client_of(), url)
    assert len(expected) == len(set(expected)) == 6
    if field == "release_date":
        assert [row["release_date"] for row in client_of().get(url).json()["results"]][3:] == [
            None
        ] * 3
    for size in (1, 2, 4):
        assert walk(client_of(), f"{url}&page_size={size}") == expected
        last = read(client_of(), f"{url}&page_size={size}")[1]
        while last["next"]:
            last = read(client_of(), last["next"])[1]
        back = walk(client_of(), last["previous"], link="previous")
        assert back[::-1] == expected[: len(back)]
        assert len(back) >= 6 - size


def test_cinemas_auditoriums_and_price_cards_are_paged_in_the_order_of_their_names():
    staff = client_of(make_staff())
    # Cinemas of the same name, in different cities.
    cinemas = [
        make_cinema(name=name, city=city) for name, city in [("B", "X"), ("A", "Y"), ("A", "Z")]
    ]
    for cinema in cinemas:
        for name in ("Two", "One"):
            make_auditorium(cinema, name=name)
            make_price_card(cinema, name=name)
    in_order = [cinemas[1], cinemas[2], cinemas[0]]
    assert walk(staff, f"{API}cinemas/?page_size=1") == [cinema.pk for cinema in in_order]
    for path, rows in (("auditoriums", "auditoriums"), ("price-cards", "price_cards")):
        expected = [
            getattr(cinema, rows).get(name=name).pk
            for cinema in in_order
            for name in ("One", "Two")
        ]
        assert walk(staff, f"{API}{path}/?page_size=4") == expected
        assert walk(staff, f"{API}{path}/?page_size=1") == expected


def test_formats_are_paged():
    expected = walk(client_of(), f"{API}formats/")
    assert len(expected) > 3
    assert walk(client_of(), f"{API}formats/?page_size=2") == expected


@pytest.mark.parametrize("query", ["", "&status=confirmed", "&upcoming=true"])
def test_bookings_are_paged_also_those_of_the_same_moment(show, alice, alice_client, query):
    made = [book_seats(alice, show, f"A{n}") for n in range(1, 6)]
    Booking.objects.update(created_at=made[0].created_at)
    expected = [booking.reference for booking in made[::-1]]
    url = f"{API}bookings/?page_size=2{query}"
    assert walk(alice_client, url, "reference") == expected
    _, page = read(alice_client, url)
    newest = book_seats(alice, show, "B1").reference
    keys, page = read(alice_client, page["next"], "reference")
    assert keys == expected[2:4]
    keys, page = read(alice_client, page["previous"], "reference")
    assert (keys, page["previous"] is None) == (expected[:2], False)
    assert read(alice_client, page["previous"], "reference")[0] == [newest]


@pytest.mark.parametrize("query", ["", "&status=confirmed"])
def test_bookings_lead_back_from_an_empty_page(show, alice, alice_client, query):
    made = [book_seats(alice, show, f"A{n}") for n in range(1, 4)]
    _, page = read(alice_client, f"{API}bookings/?page_size=2{query}")
    Booking.objects.filter(pk=made[0].pk).update(user=make_user())
    keys, empty = read(alice_client, page["next"], "reference")
    assert keys == []
    expected = [made[2].reference, made[1].reference]
    assert read(alice_client, empty["previous"], "reference")[0] == expected


def test_a_page_takes_as_many_statements_wherever_it_is(django_assert_num_queries):
    for number in range(6):
        make_movie(title=f"M{number}", release_date=None)
    url = f"{API}movies/?page_size=2&ordering=-release_date"
    next_url = read(client_of(), url)[1]["next"]
    with django_assert_num_queries(3):  # the revision, the page, its movies
        read(client_of(), next_url)
    with django_assert_num_queries(1):  # cached
        read(client_of(), next_url)


# --- Cursors --------------------------------------------------------------------------------------


def test_a_cursor_keeps_the_filters_and_the_size():
    show = make_shows(3)[0]
    _, page = read(client_of(), f"{API}shows/?cinema={show.auditorium.cinema_id}&page_size=1")
    query = parse_qs(urlsplit(page["next"]).query)
    assert query.keys() == {"cinema", "page_size", "cursor"}
    assert query["cinema"] == [str(show.auditorium.cinema_id)]


@pytest.fixture
def cursor():
    for n in range(3):
        make_movie(title=f"T{n}")
    return cursor_of(read(client_of(), f"{API}movies/?page_size=1")[1]["next"])


def check_refused(client, url):
    problem = check_problem(client.get(url), 400, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["cursor"]


def test_a_broken_cursor_is_a_400(cursor):
    assert client_of().get(f"{API}movies/?cursor={cursor}").status_code == 200
    body, _, signature = cursor.partition(".")
    broken = ["", "2", ".", "%00", "%ED%A0%80", "ü", cursor[:-1], cursor + "A", f"{body}A.{signature}",
              f".{signature}", body, f"{signature}.{body}", "A" * (MAX_CURSOR_LENGTH + 1)]  # fmt: skip
    for value in broken:
        check_refused(client_of(), f"{API}movies/?cursor={value}")


def test_a_cursor_of_another_list_or_order_is_a_400(cursor):
    make_shows(2)
    check_refused(client_of(), f"{API}movies/?cursor={cursor}&ordering=-title")
    check_refused(client_of(), f"{API}movies/?cursor={cursor}&ordering=release_date")
    check_refused(client_of(), f"{API}shows/?cursor={cursor}")
    check_refused(client_of(), f"{API}cinemas/?cursor={cursor}")


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {},
        7,
        "x",
        None,
        [["T0"]],
        [["T0", 1, 2]],
        [[["T0"], {}]],
        [["T0", "x"]],
        [["T0", 1], 1, 2, 3],
    ],
    ids=str,
)
def test_a_signed_cursor_of_another_shape_is_a_400(payload):
    """Nobody but us can sign one, but an older release could have."""

    class Serializer:
        def dumps(self, value):
            return orjson.dumps(value)

    ordering = KeysetRows(Movie.objects.all()).ordering
    signer = Signer(salt=f"marquee.cursor:{ordering}", sep=".")
    check_refused(
        client_of(), f"{API}movies/?cursor={signer.sign_object(payload, serializer=Serializer)}"
    )


def test_a_cursor_of_another_customer_is_a_400_and_tells_nothing_of_ids(
    show, alice, bob, alice_client
):
    for label in ("A1", "A2", "A3"):
        book_seats(alice, show, label)
    book_seats(bob, show, "B1")
    url = read(alice_client, f"{API}bookings/?page_size=1")[1]["next"]
    check_refused(client_of(bob), url)
    payload, _ = cursor_of(url).split(".")
    position, *_ = orjson.loads(b64_decode(payload.encode()))
    assert position == read(alice_client, f"{API}bookings/?page_size=1", "reference")[0]


@pytest.mark.parametrize("path", ["movies/", "shows/", "bookings/", "cinemas/"])
def test_page_numbers_are_refused_and_the_cursor_is_named(alice_client, path):
    problem = check_problem(alice_client.get(f"{API}{path}?page=2"), 400, "invalid")
    assert problem["errors"][0]["code"] == "unknown"
    assert "`cursor`" in problem["errors"][0]["detail"]
    assert "`next`" in problem["errors"][0]["detail"]


# --- Keysets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("descending", [True, False])
def test_nulls_stand_where_the_order_says_in_both_directions(first, descending):
    for day in (None, date(2020, 1, 2), None, date(2021, 3, 4)):
        make_movie(release_date=day)
    order = F("release_date").desc if descending else F("release_date").asc
    queryset = Movie.objects.order_by(
        order(nulls_first=True) if first else order(nulls_last=True), "id"
    )
    expected = list(queryset.values_list("pk", flat=True))
    rows = KeysetRows(queryset)
    everything = rows.read(None, 10)
    assert [movie.pk for movie in everything] == expected
    for index, movie in enumerate(everything):
        start = Start(rows.position(movie))
        assert [one.pk for one in rows.read(start, 10)] == expected[index + 1 :]
        assert [one.pk for one in rows.read(start._replace(inclusive=True), 1)] == [movie.pk]
        before = rows.read(start._replace(backwards=True), 2)
        assert [one.pk for one in before] == expected[max(0, index - 2) : index]


def test_an_annotation_orders_a_list():
    # Titles of their own: of those that are numbered, 98 comes after 101.
    shows = [
        make_show(movie=make_movie(title=title), starts_at=LATER) for title in ("Alien", "M", "Ran")
    ]
    queryset = Show.objects.annotate(length=F("ends_at") - F("starts_at")).order_by("-starts_at")
    rows = KeysetRows(queryset.annotate(named=F("movie__title")).order_by("named"))
    found = rows.read(None, 2)
    assert [show.pk for show in rows.read(Start(rows.position(found[1])), 9)] == [shows[2].pk]


@pytest.mark.parametrize("order", ["release_date", "-release_date"])
def test_an_order_that_engines_read_differently_is_refused(order):
    with pytest.raises(TypeError, match="NULLs"):
        KeysetRows(Movie.objects.order_by(order)).read(None, 1)


def test_an_order_by_the_order_of_another_model_is_refused():
    with pytest.raises(TypeError, match="name a column"):
        KeysetRows(Show.objects.order_by("movie")).read(None, 1)
