"""The admin has what the storefront says: translations, addresses, the policy on single gaps."""

import pytest

from marquee.catalog.models import Movie
from tests.catalog.test_admin import admin_client, admin_url, assert_saved, submit
from tests.factories import make_cinema, make_movie

__all__ = ["admin_client"]  # a fixture

pytestmark = pytest.mark.django_db


def test_a_movie_has_its_translations_on_its_page(admin_client):
    movie = make_movie(title="M")
    row = {"translations-0-language": "de", "translations-0-title": "Mörder unter uns"}
    total = {"translations-TOTAL_FORMS": 1}
    assert_saved(submit(admin_client, admin_url(movie), total | row))
    assert movie.translations.get().title == "Mörder unter uns"
    found = admin_client.get(admin_url(Movie, "changelist"), {"q": "morder"})
    assert list(found.context["cl"].queryset) == [movie]

    assert_saved(submit(admin_client, admin_url(movie), {"translations-0-DELETE": "on"}))
    assert not movie.translations.exists()


def test_a_cinema_gets_its_policy_on_single_gaps_and_what_visitors_want_to_know(admin_client):
    cinema = make_cinema()
    known = {"address": "Parkring 12\r\n1010 Vienna", "accessibility": "Step-free."}
    assert_saved(submit(admin_client, admin_url(cinema), {"single_gaps": "refuse", **known}))
    cinema.refresh_from_db()
    assert cinema.single_gaps == "refuse"
    assert (cinema.address.splitlines()[1], cinema.accessibility) == ("1010 Vienna", "Step-free.")
