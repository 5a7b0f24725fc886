"""Of conditional changes at once, only one wins: the others see that it came first."""

from threading import Barrier

import pytest
from django.db import connection

from marquee.accounts.models import User
from marquee.catalog import operations
from tests.factories import client_of, make_movie, make_show, make_staff, make_user
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 4


def change_at_once(user, url, bodies, *, method="patch"):
    """Make conditional requests at once, all with the ETag of now; return their statuses."""
    etag = client_of(user).get(url.partition("?")[0])["ETag"]
    bodies = iter(bodies)

    def change():
        client = client_of(user)
        return getattr(client, method)(url, next(bodies), headers={"If-Match": etag}).status_code

    return sorted(map(str, at_once(RACERS, change)))


def titles():
    return [{"title": f"Title {number}"} for number in range(RACERS)]


def check_between(monkeypatch, where, name):
    """Let all racers check before any of them changes: without the transaction around both."""
    between = Barrier(RACERS, timeout=30)

    def guard(*, check, change, **rest):
        check()
        between.wait()
        connection.close_if_unusable_or_obsolete()
        return change()

    monkeypatch.setattr(where, name, guard)


def test_of_conditional_changes_of_a_movie_one_wins():
    url = f"/api/v1/movies/{make_movie().pk}/"
    assert change_at_once(make_staff(), url, titles()) == ["200"] + ["412"] * (RACERS - 1)


def test_without_the_lock_all_of_them_win(monkeypatch):
    check_between(monkeypatch, operations, "if_unchanged")
    url = f"/api/v1/movies/{make_movie().pk}/"
    assert change_at_once(make_staff(), url, titles()) == ["200"] * RACERS


def test_of_conditional_changes_of_a_show_one_wins():
    url = f"/api/v1/shows/{make_show().pk}/"
    bodies = [{"language": code} for code in ("de", "fr", "it", "es")]
    assert change_at_once(make_staff(), url, bodies) == ["200"] + ["412"] * (RACERS - 1)


def test_of_conditional_changes_of_a_profile_one_wins():
    names = [{"name": f"Name {number}"} for number in range(RACERS)]
    statuses = change_at_once(make_user(), "/api/v1/me/", names)
    assert statuses == ["200"] + ["412"] * (RACERS - 1)
    assert User.objects.get().name.startswith("Name ")
