"""Cached responses are the ones DRF would send, and only public responses are cached."""

import pytest
from django.db import OperationalError, connection
from django.urls import URLPattern, get_resolver
from rest_framework.permissions import AllowAny

from marquee.api import caching
from marquee.api.caching import CachedResponseMixin
from marquee.api.permissions import IsStaffOrReadOnly
from marquee.api.resources import show_lists
from marquee.booking import queries
from tests.factories import client_of, make_staff

pytestmark = pytest.mark.django_db

API = "/api/v1"
# As browsers and API clients send it.
ACCEPTS = ["text/html, application/xml;q=0.9, */*;q=0.8", "application/json", "application/*"]


@pytest.fixture
def anonymous_client():
    return client_of()


def views_with_cached_responses():
    found, pending = set(), [get_resolver()]
    while pending:
        for one in pending.pop().url_patterns:
            if not isinstance(one, URLPattern):
                pending.append(one)
                continue
            view = getattr(one.callback, "cls", None) or getattr(one.callback, "view_class", None)
            if view and issubclass(view, CachedResponseMixin):
                found.add(view)
    return sorted(found, key=str)


def headers_of(response):
    """Return the headers, but the id that each request has of its own."""
    return {name: value for name, value in response.headers.items() if name != "X-Request-ID"}


def told(response):
    return response.status_code, response.content, headers_of(response)


@pytest.mark.parametrize(
    "address",
    ["movies/", "shows/", "shows/{show}/", "shows/{show}/seats/", "shows/{show}/availability/",
     "movies/{movie}/shows/", "movies/{movie}/", "shows/9{show}/", "shows/9{show}/seats/",
     "shows/?page=0", "movies/?page=x"],
)  # fmt: skip
def test_a_cached_response_is_that_of_drf(anonymous_client, show, address, monkeypatch):
    address = f"{API}/{address.format(show=show.pk, movie=show.movie_id)}"
    new, kept = told(anonymous_client.get(address)), told(anonymous_client.get(address))
    others = [told(anonymous_client.get(address, headers={"Accept": accept})) for accept in ACCEPTS]
    stale = told(anonymous_client.get(address, headers={"Authorization": "Bearer stale"}))
    head = anonymous_client.head(address)
    monkeypatch.setattr(caching, "accepts_json", lambda request: False)
    with_drf = told(anonymous_client.get(address))
    assert new == kept == with_drf
    assert others == [with_drf] * len(ACCEPTS)
    assert (stale[0], stale[1]) == (with_drf[0], with_drf[1])
    assert headers_of(head) == with_drf[2]


def test_accepting_no_json_is_a_406_though_the_response_is_cached(anonymous_client, show):
    address = f"{API}/shows/{show.pk}/availability/"
    assert anonymous_client.get(address).status_code == 200
    assert anonymous_client.get(address, headers={"Accept": "text/csv"}).status_code == 406


def test_only_reading_is_served_from_the_cache(anonymous_client, show):
    address = f"{API}/shows/{show.pk}/availability/"
    assert anonymous_client.get(address).status_code == 200
    response = anonymous_client.post(address)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_an_unreachable_database_is_a_503(anonymous_client, show, monkeypatch):
    def away(*_):
        raise OperationalError("gone")

    monkeypatch.setattr(queries, "get_availability", away)
    response = anonymous_client.get(f"{API}/shows/{show.pk}/availability/")
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")
    assert response["Retry-After"] == "1"


@pytest.mark.parametrize("debug", [True, False])
def test_a_bug_is_raised(anonymous_client, show, monkeypatch, settings, debug):
    def mistaken(*_):
        raise ZeroDivisionError

    settings.DEBUG = debug
    monkeypatch.setattr(queries, "get_availability", mistaken)
    with pytest.raises(ZeroDivisionError):
        anonymous_client.get(f"{API}/shows/{show.pk}/availability/")


def test_only_public_responses_are_cached():
    """`cached_response` runs before permissions are."""
    found = views_with_cached_responses()
    assert len(found) >= 8
    for view in found:
        if not getattr(view, "reads_are_public", True):
            continue
        assert set(view.permission_classes) <= {AllowAny, IsStaffOrReadOnly}, view
        assert not view.throttle_classes, view


def test_responses_for_staff_are_not_cached(anonymous_client, alice_client):
    address = f"{API}/price-cards/"
    assert client_of(make_staff()).get(address).status_code == 200
    assert (anonymous_client.get(address).status_code, alice_client.get(address).status_code) == (
        401,
        403,
    )


def test_a_page_of_shows_that_change_while_it_is_built_is_built_again(
    anonymous_client, show, monkeypatch
):
    """A page read across a change, such as calling off, would show a state that never existed.

    However often it changes, it is read: tests/races/test_list_races.py.
    """
    listed, changes = show_lists.get_show_list_items, iter(["Changed"])

    def change_after(keys):
        shows = listed(keys)
        if title := next(changes, None):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE movie SET title = %s", [title])
        return shows

    monkeypatch.setattr(show_lists, "get_show_list_items", change_after)
    (told,) = anonymous_client.get(f"{API}/shows/").json()["results"]
    assert told["movie"]["title"] == "Changed"
