"""The pages of a movie and of a cinema."""

import json
import re
from datetime import timedelta

import pytest

from marquee.booking.operations import call_off
from marquee.catalog.models import Cinema, MovieTranslation
from tests.factories import end_show, make_auditorium, make_cinema, make_movie, make_show, make_user
from tests.web.html import GERMAN, heading, text

pytestmark = pytest.mark.django_db

HOSTILE = "</script><script>alert(1)</script><!-- & \u2028"


@pytest.fixture
def movie(db):
    movie = make_movie(
        title="The Third Man",
        original_title="The Third Man",
        synopsis="No two witnesses agree.",
        certificate="PG",
        genres=["Mystery"],
        trailer="https://trailers.example/3",
    )
    MovieTranslation.objects.create(movie=movie, language="de", title="Der dritte Mann")
    return movie


def structured(response):
    (block,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', response.content.decode(), re.DOTALL
    )
    return json.loads(block)["@graph"]


# --- Movies ---------------------------------------------------------------------------------------


def test_a_movie_has_its_facts_and_its_shows_by_cinema_and_day(client, movie):
    halcyon = make_cinema(name="Halcyon", city="London")
    first = make_show(make_auditorium(halcyon), movie=movie, starts_in=timedelta(days=2))
    second = make_show(movie=movie, starts_in=timedelta(days=1))

    response = client.get(f"/movies/{movie.pk}/")

    assert heading(response) == "The Third Man"
    said = text(response)
    for fact in ("PG", "1 h 40 min", "Mystery", "No two witnesses agree.", "Halcyon , London"):
        assert fact in said
    html = response.content.decode()
    assert html.index(f'href="/shows/{second.pk}/"') < html.index(f'href="/shows/{first.pk}/"')
    assert f'href="/?cinema={halcyon.pk}&amp;day={first.business_day}"' in html
    assert 'href="https://trailers.example/3" rel="noopener noreferrer" target="_blank"' in html


def test_the_chosen_cinema_comes_first(client, movie):
    make_show(movie=movie, starts_in=timedelta(days=1))
    chosen = make_show(movie=movie, starts_in=timedelta(days=2))
    cinema = chosen.auditorium.cinema

    for url in (f"/movies/{movie.pk}/?cinema={cinema.pk}", f"/movies/{movie.pk}/"):
        client.cookies["cinema"] = str(cinema.pk)
        sections = client.get(url).content.decode().split('class="at-cinema"')
        assert cinema.name in sections[1]


def test_a_movie_is_called_what_its_translation_says(client, movie):
    response = client.get(f"/movies/{movie.pk}/", headers=GERMAN)

    assert heading(response) == "Der dritte Mann"
    assert "Krimi" not in text(response)
    assert "Mystery" in text(response)
    assert "The Third Man" in text(response)  # the original title
    assert "läuft zurzeit nicht" in text(response)


def test_a_movie_without_shows_leads_on(client, movie):
    end_show(make_show(movie=movie))

    response = client.get(f"/movies/{movie.pk}/")

    assert "It is not on at the moment" in text(response)
    assert '<a class="button" href="/">' in response.content.decode()


@pytest.mark.parametrize("path", ["movies", "cinemas"])
@pytest.mark.parametrize("bad", ["999999", "99999999999999999999999", "0"])
def test_an_unknown_movie_or_cinema_is_a_404_that_explains(client, path, bad):
    response = client.get(f"/{path}/{bad}/")

    assert response.status_code == 404
    assert "There is no such" in heading(response)


def test_a_cached_movie_costs_one_statement(client, movie, django_assert_num_queries):
    make_show(movie=movie)
    client.get(f"/movies/{movie.pk}/")

    with django_assert_num_queries(1):
        client.get(f"/movies/{movie.pk}/")


# --- Cinemas --------------------------------------------------------------------------------------


def test_a_cinema_says_where_it_is_what_it_is_like_and_what_is_on(client):
    cinema = make_cinema(name="Halcyon", address="1 Old Street\nEC1", accessibility="A lift.")
    make_auditorium(cinema, name="Grand", rows=["A: sssss"])

    response = client.get(f"/cinemas/{cinema.pk}/")

    assert heading(response) == "Halcyon"
    said = text(response)
    for fact in ("1 Old Street EC1", "A lift.", "Grand 5 seats", "There are no shows on this day."):
        assert fact in said
    assert f'href="/?cinema={cinema.pk}"' in response.content.decode()


def test_hostile_texts_of_a_cinema_are_text(client):
    cinema = make_cinema(name="<b>x</b>", address="<i>\n</i>", accessibility="<script>1</script>")

    html = client.get(f"/cinemas/{cinema.pk}/").content.decode()

    assert not {"<b>x", "<i>", "<script>1"} & set(re.findall("<b>x|<i>|<script>1", html))


# --- Search engines -------------------------------------------------------------------------------


def test_a_movie_and_its_shows_are_structured_data(client, movie):
    show = make_show(movie=movie, format="IMAX", language="en", subtitles="de fr")
    off = make_show(movie=movie, starts_in=timedelta(days=3))
    call_off(show=off)

    work, event, cancelled = structured(client.get(f"/movies/{movie.pk}/"))

    assert (work["@type"], work["name"], work["duration"]) == ("Movie", "The Third Man", "PT100M")
    assert event["@type"] == "ScreeningEvent"
    assert event["url"] == f"http://testserver/movies/{show.movie_id}/"
    assert event["startDate"].startswith(f"{show.local_start:%Y-%m-%dT%H:%M}")
    assert event["location"]["address"]["addressLocality"] == "Vienna"
    assert (event["videoFormat"], event["inLanguage"], event["subtitleLanguage"]) == (
        "IMAX",
        "en",
        "de",
    )
    assert event["offers"] | {"url": ""} == {
        "@type": "Offer",
        "url": "",
        "price": "12.50",
        "priceCurrency": "EUR",
        "availability": "https://schema.org/InStock",
    }
    assert cancelled["eventStatus"] == "https://schema.org/EventCancelled"
    assert "offers" not in cancelled


def test_hostile_titles_do_not_end_the_block_of_structured_data(client):
    movie = make_movie(title="x")
    type(movie).objects.filter(pk=movie.pk).update(title=HOSTILE, synopsis=HOSTILE)
    Cinema.objects.update(name=HOSTILE)
    make_show(movie=movie)

    response = client.get(f"/movies/{movie.pk}/")

    assert structured(response)[0]["name"] == HOSTILE
    assert "<script>alert" not in response.content.decode()


def test_public_pages_have_a_canonical_address_and_others_stay_out(client, movie):
    cinema = make_cinema()
    for path, canonical in (
        ("/", "/"),
        ("/?genre=x&day=2031-01-01&utm_source=y", "/"),
        (f"/?cinema={cinema.pk}&search=x", f"/?cinema={cinema.pk}"),
        (f"/movies/{movie.pk}/?cinema=1", f"/movies/{movie.pk}/"),
        (f"/cinemas/{cinema.pk}/", f"/cinemas/{cinema.pk}/"),
    ):
        html = client.get(path).content.decode()
        assert f'<link rel="canonical" href="http://testserver{canonical}">' in html
        assert "noindex" not in html
    for path in ("/?cinema=999", "/movies/999/", "/password-reset/", "/nowhere/"):
        html = client.get(path).content.decode()
        assert '<meta name="robots" content="noindex">' in html
        assert "canonical" not in html


def test_the_sitemap_lists_what_is_on_the_cinemas_and_movies_with_shows(client, movie):
    show = make_show(movie=movie)
    make_movie(title="without shows")
    cinema = show.auditorium.cinema_id

    response = client.get("/sitemap.xml")

    assert response["Content-Type"] == "application/xml"
    assert re.findall("<loc>(.*?)</loc>", response.content.decode()) == [
        f"http://testserver/?cinema={cinema}",
        f"http://testserver/cinemas/{cinema}/",
        f"http://testserver/movies/{movie.pk}/",
    ]
    assert client.get("/sitemap.xml?p=x").status_code == 404


def test_robots_stay_out_of_private_pages(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"].startswith("text/plain")
    lines = response.content.decode().splitlines()
    assert "Disallow: /bookings/" in lines
    assert "Sitemap: http://testserver/sitemap.xml" in lines


# --- Caches ---------------------------------------------------------------------------------------


def test_browsers_may_go_back_to_public_pages_unless_somebody_is_logged_in(client, movie):
    cinema = make_cinema()
    paths = ["/", f"/movies/{movie.pk}/", f"/cinemas/{cinema.pk}/"]
    for path in paths:
        response = client.get(path)
        assert response["Cache-Control"] == "private, no-cache"
        assert {"Cookie", "Accept-Language"} <= {*response["Vary"].split(", ")}
    client.force_login(make_user())
    for path in paths:
        assert client.get(path)["Cache-Control"] == "private, no-store"
