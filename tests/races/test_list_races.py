"""Lists of shows read while customers book: `seats_left` is true at some moment of the read."""

import threading

import pytest
from django.db import connection

from marquee.booking.queries import show_lists
from marquee.catalog.models import Movie
from marquee.core.transactions import snapshot
from tests.factories import book_seats, client_of, make_show, make_user
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)

SEATS, READERS = 60, 3


def test_seats_left_in_a_list_are_those_of_a_moment_of_the_reading():
    show = make_show(rows=[f"{row}: ssssssssss" for row in "ABCDEF"])
    customers = [make_user() for _ in range(6)]
    asked = sold = 0
    parts = iter(["write", *["read"] * READERS])
    over = threading.Event()

    def write():
        nonlocal asked, sold
        try:
            for number in range(SEATS):
                asked += 1
                row, seat = "ABCDEF"[number // 10], number % 10 + 1
                book_seats(customers[number // 10], show, f"{row}{seat}")
                sold += 1
        finally:
            over.set()

    def read():
        client, reads = client_of(), 0
        while not over.is_set():
            most = SEATS - sold
            (listed,) = client.get("/api/v1/shows/").json()["results"]
            assert SEATS - asked <= listed["seats_left"] <= most
            reads += 1
        return reads

    results = at_once(READERS + 1, lambda: write() if next(parts) == "write" else read())
    reads = [result for result in results if result is not None]
    assert sold == SEATS
    assert len(reads) == READERS
    assert all(isinstance(number, int) and number for number in reads), reads


@pytest.mark.parametrize(
    ("path", "shown"),
    [("/api/v1/movies/{}/shows/", '"id":{},"movie"'), ("/movies/{}/", "/shows/{}/")],
)
def test_a_list_is_read_however_fast_the_catalog_changes(client, monkeypatch, path, shown):
    show = make_show()
    monkeypatch.setattr(show_lists, "current_revision", object)
    response = client.get(path.format(show.movie_id))
    assert response.status_code == 200
    assert shown.format(show.pk) in response.content.decode()


def test_a_snapshot_reads_one_moment():
    movie = make_show().movie

    def rename():
        Movie.objects.filter(pk=movie.pk).update(title="Renamed")
        connection.close()

    renaming = threading.Thread(target=rename)
    with snapshot():
        before = Movie.objects.get().title
        renaming.start()
        renaming.join(0.5)  # on SQLite it waits for our end
        assert Movie.objects.get().title == before
    renaming.join()
    assert Movie.objects.get().title == "Renamed"
