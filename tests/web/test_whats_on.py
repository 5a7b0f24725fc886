"""`/`: what is on in a cinema on a day."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from marquee.booking.operations import block, call_off
from marquee.catalog.models import Cinema, Movie, MovieTranslation, Seat, Show
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_show,
    make_user,
)
from tests.web.html import GERMAN, text

pytestmark = pytest.mark.django_db

NOON = datetime(2031, 11, 24, 11, tzinfo=UTC)


@pytest.fixture
def cinema(monkeypatch):
    """Return a cinema, at noon by its clock."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    return make_cinema(name="Nordlicht", city="Vienna")


@pytest.fixture
def auditorium(cinema):
    return make_auditorium(cinema)


def show_at(auditorium, hours, title="Amélie", **fields):
    movie = fields.pop("movie", None) or make_movie(title=title)
    return make_show(auditorium, movie=movie, starts_in=timedelta(hours=hours), **fields)


def block_seats(show, *labels):
    seats = Seat.objects.filter(plan=show.seat_plan, label__in=labels)
    block(show=show, seats=set(seats.values_list("pk", flat=True)))


def movies(response):
    """Return the titles of the movies that are listed, in order."""
    html = response.content.decode()
    return re.findall(r'<article class="movie".*?<h3 [^>]*><a [^>]*>(.*?)</a>', html, re.DOTALL)


def stubs(response):
    """Return the text of each show."""
    found = re.findall(r'<li><(?:a|span) class="stub.*?</li>', response.content.decode(), re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", one).split()) for one in found]


def test_a_day_lists_movies_with_their_shows(client, auditorium):
    show = show_at(auditorium, 8, format="IMAX", language="fr", subtitles="de en", captions=True)

    response = client.get("/")

    assert response.status_code == 200
    assert movies(response) == ["Amélie"]
    (stub,) = stubs(response)
    assert stub.startswith("20:00 IMAX French, subtitles: German, English, with captions for ")
    assert stub.endswith("from €12.50 plenty of seats")
    assert f'href="/shows/{show.pk}/"' in response.content.decode()
    assert "Monday, 24 November 2031 (Vienna time)" in text(response)


def test_a_day_is_in_the_language_of_the_reader(client, auditorium):
    movie = make_movie(title="The Lives of Others", genres=["Science fiction"])
    MovieTranslation.objects.create(movie=movie, language="de", title="Das Leben der Anderen")
    show_at(auditorium, 8, movie=movie, language="de")

    response = client.get("/", headers=GERMAN)

    assert movies(response) == ["Das Leben der Anderen"]
    assert stubs(response) == ["20:00 2D Deutsch ab € 12,50 viele Plätze frei"]
    assert "Science-Fiction" in text(response)


def test_shows_after_midnight_belong_to_the_evening_and_say_their_date(client, auditorium):
    show_at(auditorium, 13)

    (stub,) = stubs(client.get("/"))

    assert stub.startswith("01:00 Tue 25 Nov 2D")


def test_a_show_says_how_full_it_is(client, auditorium):
    show = show_at(auditorium, 8)
    alice, bob = make_user(), make_user("Bob")
    assert "plenty of seats" in stubs(client.get("/"))[0]

    book_seats(alice, show, *[f"A{n}" for n in range(1, 11)])
    book_seats(bob, show, "B1", "B2", "B3")
    assert "filling up" in stubs(client.get("/"))[0]

    block_seats(show, *[f"B{n}" for n in range(4, 11)])
    assert stubs(client.get("/")) == ["20:00 2D English from €19.90 few seats left"]


def test_a_show_without_seats_says_so_and_whether_wheelchair_spaces_are_left(client):
    cinema = make_cinema()
    show = make_show(
        make_auditorium(cinema, rows=["A: ss", "B: ww_c"]), starts_in=timedelta(days=1)
    )
    url = f"/?cinema={cinema.pk}&day={show.business_day}"
    block_seats(show, "A1", "A2")
    assert "only wheelchair spaces left" in stubs(client.get(url))[0]

    block_seats(show, "B1", "B2")
    assert stubs(client.get(url))[0].endswith("sold out")


def test_shows_that_cannot_be_booked_say_why(client, auditorium):
    off = show_at(auditorium, 4, "Off")
    call_off(show=off)
    show_at(auditorium, 8, "Later", sales_from=timezone.now() + timedelta(hours=2))
    show_at(auditorium, 1, "Started")
    Show.objects.filter(movie__title="Started").update(
        starts_at=timezone.now() - timedelta(hours=1), sales_until=timezone.now()
    )

    response = client.get("/")

    assert movies(response) == ["Later", "Started", "Off"]
    assert [stub.partition("English ")[2] for stub in stubs(response)] == [
        "from €12.50 on sale from Mon 24 Nov, 14:00",
        "has started",
        "called off",
    ]
    assert f'href="/shows/{off.pk}/"' in response.content.decode()


# --- Cinemas and days -----------------------------------------------------------------------------


def test_a_strip_of_days_begins_with_today_and_says_where_no_shows_are(client, auditorium):
    show_at(auditorium, 24)
    html = client.get("/").content.decode()
    strip = html.partition('<nav class="days"')[2].partition("</nav>")[0]
    days = [" ".join(re.sub("<[^>]*>", " ", one).split()) for one in strip.split("<li>")[1:]]

    assert len(days) == 10
    assert days[:3] == ["Today 24 Nov no shows", "Tomorrow 25 Nov", "Wed 26 Nov no shows"]
    assert "?cinema=" in strip
    assert "day=2031-11-25" in strip
    assert "There are no shows on this day." in html
    assert "See Tuesday, 25 November 2031" in html


def test_another_day_and_cinema_are_chosen_in_the_url(client, auditorium):
    show_at(auditorium, 24, "Tomorrow")
    other = make_cinema(name="Halcyon", city="London", timezone="Europe/London", currency="GBP")
    show_at(make_auditorium(other), 24, "Elsewhere")

    assert movies(client.get(f"/?cinema={auditorium.cinema_id}&day=2031-11-25")) == ["Tomorrow"]
    response = client.get(f"/?cinema={other.pk}&day=2031-11-25")
    assert movies(response) == ["Elsewhere"]
    assert stubs(response)[0].startswith("11:00 2D English from £12.50")


def test_the_cinema_that_was_chosen_last_is_remembered(client, cinema):
    other = make_cinema(name="Zoo Palast", city="Berlin")
    assert "Nordlicht" in client.get("/").content.decode().partition("</title>")[0]

    cookie = client.get(f"/?cinema={other.pk}").cookies["cinema"]

    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (str(other.pk), True, "Lax")
    assert "Zoo Palast" in client.get("/").content.decode().partition("</title>")[0]
    assert "cinema" not in client.get("/").cookies


@pytest.mark.parametrize("bad", ["0", "x", "9" * 30, "\x00", "1; drop"])
def test_a_cookie_with_no_cinema_is_ignored(client, cinema, bad):
    client.cookies["cinema"] = bad

    assert client.get("/").status_code == 200


@pytest.mark.parametrize("bad", ["999999", "x", "9" * 30, "%00", "-1"])
def test_an_unknown_cinema_is_a_404_that_shows_another_one(client, auditorium, bad):
    show_at(auditorium, 8)

    response = client.get(f"/?cinema={bad}")

    assert response.status_code == 404
    assert "There is no such cinema." in text(response)
    assert movies(response) == ["Amélie"]
    assert "cinema" not in response.cookies


@pytest.mark.parametrize(
    ("day", "notice"),
    [
        ("2031-11-23", "That day is over. This is today."),
        ("2031-02-30", "There is no such day. This is today."),
        ("tomorrow", "There is no such day. This is today."),
        ("9999-12-31", "There is no such day. This is today."),
        ("0001-01-01", "There is no such day. This is today."),
        ("%00", "There is no such day. This is today."),
    ],
)
def test_a_day_that_is_over_or_unreadable_leads_to_today_and_says_so(
    client, auditorium, day, notice
):
    show_at(auditorium, 8)

    response = client.get(f"/?day={day}")

    assert response.status_code == 200
    assert notice in text(response)
    assert movies(response) == ["Amélie"]


def test_without_a_cinema_the_page_says_so(client):
    Cinema.objects.all().delete()

    response = client.get("/")

    assert response.status_code == 200
    assert "There is no cinema here yet." in text(response)


def test_of_many_cinemas_a_list_offers_the_choice(client):
    cinemas = [make_cinema() for _ in range(7)]

    html = client.get("/?genre=drama").content.decode()

    assert html.count("<option value=") >= len(cinemas)
    assert '<input type="hidden" name="genre" value="drama">' in html


# --- Filters and search ---------------------------------------------------------------------------


@pytest.fixture
def three_movies(auditorium):
    """Show three movies, in two auditoriums."""
    amelie = make_movie(title="Amélie", genres=["Comedy"])
    MovieTranslation.objects.create(
        movie=amelie, language="de", title="Die fabelhafte Welt der Amélie"
    )
    show_at(auditorium, 3, movie=amelie, language="fr", subtitles="en")
    show_at(auditorium, 7, "Gravity", language="en", format="IMAX", captions=True)
    small = make_auditorium(auditorium.cinema, rows=["A: sss"])
    show_at(small, 5, "Central Station", language="pt-BR")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Amélie", "Central Station", "Gravity"]),
        ("format=imax", ["Gravity"]),
        ("language=pt", ["Central Station"]),
        ("language=PT-br", ["Central Station"]),
        ("subtitles=en", ["Amélie"]),
        ("captions=1", ["Gravity"]),
        ("accessible=1", ["Amélie", "Gravity"]),
        ("genre=COMEDY", ["Amélie"]),
        ("search=amelie", ["Amélie"]),
        ("search=WELT+fabelhafte", ["Amélie"]),
        ("search=nothing", []),
        ("genre=Comedy&format=IMAX", []),
        ("format=nonsense", []),
        ("captions=0&accessible=maybe", ["Amélie", "Central Station", "Gravity"]),
        ("utm_source=mail&fbclid=1", ["Amélie", "Central Station", "Gravity"]),
    ],
)
def test_filters_and_search_choose_shows(client, three_movies, query, expected):
    response = client.get(f"/?{query}")

    assert response.status_code == 200
    assert movies(response) == expected


def test_filters_that_are_set_are_named_and_can_be_removed(client, three_movies):
    html = client.get("/?genre=Comedy&captions=1&day=2031-11-24").content.decode()
    active = html.partition('<ul class="active"')[2].partition("</ul>")[0]

    labels = [re.sub("<[^>]*>", "", one).strip() for one in active.split("<li>")[1:]]
    assert labels == ["Remove: Comedy", "Remove: With captions for the deaf", "Remove all"]
    urls = re.findall('href="(.*?)"', active)
    assert [url.partition("day=2031-11-24")[2] for url in urls] == [
        "&amp;captions=1",
        "&amp;genre=Comedy",
        "",
    ]
    assert "No show of this day is like that." in html
    assert '<span class="count">2</span>' in html


def test_a_search_is_no_filter(client, three_movies):
    html = client.get("/?search=zzzz&day=2031-11-24").content.decode()

    assert "No movie of this day is found by that search." in html
    assert 'class="count"' not in html


def test_the_days_and_cinemas_keep_the_filters(client, three_movies):
    make_cinema()
    html = client.get("/?genre=Comedy").content.decode()

    for name in ("days", "cinemas"):
        links = re.findall(
            'href="(.*?)"', html.partition(f'<nav class="{name}"')[2].partition("</nav>")[0]
        )
        assert links
        assert all("genre=Comedy" in link for link in links)


def test_a_search_also_finds_what_is_on_another_day_or_elsewhere(client, cinema, three_movies):
    far = show_at(make_auditorium(make_cinema()), 50, "Amélie Returns")
    make_movie(title="Amélie without shows")

    html = client.get(f"/?search=amelie&cinema={cinema.pk}").content.decode()
    found = html.partition('class="elsewhere"')[2]

    assert re.findall(r'<a href="(.*?)">(.*?)</a>', found.partition("</section>")[0]) == [
        (f"/movies/{far.movie_id}/", "Amélie Returns")
    ]


@pytest.mark.parametrize("bad", ["%00", "%ed%a0%80", "x" * 101, "%e2%80%ae"])
@pytest.mark.parametrize("name", ["search", "genre", "format", "language", "subtitles"])
def test_a_filter_that_nobody_can_read_is_left_out_and_the_page_says_so(
    client, three_movies, name, bad
):
    response = client.get(f"/?{name}={bad}")

    assert response.status_code == 200
    if bad != "%ed%a0%80":  # Django reads half a character as the sign for what is unreadable
        assert "A filter could not be read, and was left out." in text(response)
        assert len(movies(response)) == 3


def test_hostile_names_and_searches_are_shown_as_text(client, auditorium):
    Movie.objects.all().delete()
    show_at(auditorium, 8, "<script>alert(1)</script>&amp;", format="2D")

    html = client.get('/?search="><script>alert(2)</script>').content.decode()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)" in client.get("/").content.decode()


# --- Costs ----------------------------------------------------------------------------------------


def test_a_cached_day_costs_one_statement(client, auditorium, django_assert_num_queries):
    show = show_at(auditorium, 8)
    client.get("/")

    with django_assert_num_queries(1):
        client.get("/")
    with django_assert_num_queries(1):
        client.get(f"/?cinema={auditorium.cinema_id}&day=2031-11-24&genre=drama")

    book_seats(make_user(), show, "A1")
    with django_assert_num_queries(2):  # the version, and the seats left
        client.get("/")


def test_a_change_of_the_catalog_shows_at_once(client, auditorium):
    show = show_at(auditorium, 8)
    client.get("/")

    Movie.objects.filter(pk=show.movie_id).update(title="Another")
    assert movies(client.get("/")) == ["Another"]
    show_at(auditorium, 12, "New")
    assert movies(client.get("/")) == ["Another", "New"]
    Cinema.objects.filter(pk=auditorium.cinema_id).update(name="Renamed")
    assert "Renamed" in client.get("/").content.decode().partition("</title>")[0]


def test_a_new_cinema_can_be_chosen_at_once(client, cinema):
    client.get("/")

    other = make_cinema(name="Brand new")

    assert "Brand new" in client.get(f"/?cinema={other.pk}").content.decode()
