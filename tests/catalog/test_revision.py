"""The catalog's revision changes with every change of the catalog, by any client of the database."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from marquee.catalog.models import Genre, Movie, Revision, Show
from marquee.catalog.queries import current_revision
from tests.factories import book_seats, make_movie, make_show, make_user

pytestmark = pytest.mark.django_db

TABLES = sorted(
    model._meta.db_table
    for model in apps.get_app_config("catalog").get_models(include_auto_created=True)
    if model is not Revision
)


@pytest.mark.parametrize("table", TABLES)
def test_each_table_of_the_catalog_has_its_triggers(table):
    """SQLite drops the triggers of a table that a migration rebuilds. The migration must add them again."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT lower(event_manipulation) FROM information_schema.triggers"
                " WHERE event_object_table = %s AND action_statement LIKE '%%note_catalog_change%%'",
                [table],
            )
            events = {event for (event,) in cursor.fetchall()}
        else:
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [table]
            )
            events = {name.removeprefix(f"{table}_revision_") for (name,) in cursor.fetchall()}
    assert events == {"insert", "update", "delete"}  # PostgreSQL's TRUNCATE is not in this list


@pytest.mark.parametrize("table", TABLES)
def test_a_change_of_a_table_changes_the_revision(table):
    show = make_show()
    show.movie.genres.create(name="Drama")
    show.movie.translations.create(language="de", title="Aus dem Reich der Toten")
    before = current_revision()
    with connection.cursor() as cursor:
        column = "code" if table == "ticket_type" else "id"
        cursor.execute(f"UPDATE {table} SET {column} = {column}")
    assert current_revision() != before


def test_adding_and_deleting_changes_the_revision():
    seen = {current_revision()}
    movie = make_movie()
    seen.add(current_revision())
    movie.delete()
    seen.add(current_revision())
    assert len(seen) == 3


def test_adding_a_genre_to_a_movie_changes_the_revision():
    """On SQLite, Django uses INSERT OR IGNORE, and triggers inherit its conflict resolution."""
    movie, genre = make_movie(), Genre.objects.create(name="Drama")
    before = current_revision()
    movie.genres.add(genre)
    assert current_revision() != before


def test_emptying_a_table_changes_the_revision():
    before = current_revision()
    with connection.cursor() as cursor:
        make_movie().genres.create(name="Drama")
        middle = current_revision()
        empty = "DELETE FROM"
        if connection.vendor == "postgresql":
            empty = "TRUNCATE"
            cursor.execute(
                "SET CONSTRAINTS ALL IMMEDIATE"
            )  # deferred constraints would forbid TRUNCATE
        cursor.execute(f"{empty} movie_genres")
    assert len({before, middle, current_revision()}) == 3


def test_bookings_do_not_change_the_revision():
    show, alice = make_show(), make_user()
    before = current_revision()
    book_seats(alice, show, "A1")
    assert current_revision() == before


def test_the_revision_of_a_rolled_back_change_is_never_used_again():
    seen = [current_revision()]
    for _ in range(3):
        with transaction.atomic():
            make_movie()
            seen.append(current_revision())
            transaction.set_rollback(True)
        assert current_revision() == seen[0]
    Movie.objects.create(title="M", runtime_minutes=117)
    seen.append(current_revision())
    assert len(set(seen)) == len(seen)


def test_the_revision_may_be_missing():
    Revision.objects.all().delete()
    assert current_revision() is None
    Show.objects.update(format="3D")
    make_movie()
    assert current_revision() is not None
