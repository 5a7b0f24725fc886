"""SQL of our own: values arrive unchanged, and errors are Django's."""

import threading
import time
from contextlib import suppress

import pytest
from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    InternalError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
    transaction,
)
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from marquee.catalog.models import Genre
from marquee.core.postgresql.base import REPLAN_EVERY
from marquee.core.sql import array_literal, fetch_all, key_in, keys_param
from marquee.core.transactions import run_in_transaction
from marquee.server.wsgi import close_broken_connection

# A name stands for its keys, too: what they are is not tested here.
ADD = """
    INSERT INTO genre (name, name_key, sort_name, search_text)
    SELECT name, name, name, name FROM (SELECT CAST(%(name)s AS text) AS name) AS given
    RETURNING id
"""
NAMES = "SELECT name FROM genre WHERE name LIKE '%%a%%' OR name = %(name)s ORDER BY name"
SPECIAL_TEXTS = ['"', "\\", '\\"', "{}", "a,b", "", " ", "NULL", "Zoë's", "%s", "$1", "line\nline"]


@pytest.fixture
def postgresql():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connection to lose, and no arrays.")


@pytest.mark.django_db
def test_values_replace_their_names_and_percent_signs_stay():
    ((key,),) = fetch_all(ADD, {"name": "Drama"})
    fetch_all(ADD, {"name": "Epos"})
    fetch_all(ADD, {"name": "Krimi"})
    assert Genre.objects.get(pk=key).name == "Drama"
    assert fetch_all(NAMES, {"name": "Epos"}) == [("Drama",), ("Epos",)]
    assert fetch_all("DELETE FROM genre", {}) == []


@pytest.mark.django_db
def test_any_number_of_ids_can_be_matched():
    made = [Genre.objects.create(name=str(n)).pk for n in range(300)]
    sql = f"SELECT id FROM genre WHERE {key_in('id', 'genres')} ORDER BY id"
    for chosen in ([], made[:1], made[1:]):
        assert [key for (key,) in fetch_all(sql, {"genres": keys_param(chosen)})] == chosen


@pytest.mark.django_db
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize(
    "write",
    [lambda: Genre.objects.create(name="Noir"), lambda: fetch_all(ADD, {"name": "Noir"})],
    ids=["Django", "libpq"],
)
def test_a_server_that_is_read_only_is_unavailable_and_the_connection_is_left(write, monkeypatch):
    now = connections[DEFAULT_DB_ALIAS]
    monkeypatch.setattr(now, "close_at", None)

    @transaction.atomic
    def write_anyway():
        fetch_all("SET LOCAL transaction_read_only = on", {})
        write()

    with pytest.raises(OperationalError, match="read-only transaction"):
        write_anyway()

    assert now.close_at == 0.0


@pytest.mark.django_db
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("values", [[], SPECIAL_TEXTS, *[[text] for text in SPECIAL_TEXTS]])
def test_an_array_holds_any_text(values):
    rows = fetch_all("SELECT unnest(%(values)s::text[])", {"values": array_literal(values)})
    assert [value for (value,) in rows] == values


@pytest.mark.django_db
def test_errors_are_djangos_and_end_the_transaction():
    fetch_all(ADD, {"name": "Drama"})
    with pytest.raises(IntegrityError), transaction.atomic():
        fetch_all(ADD, {"name": "Drama"})
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            fetch_all(ADD, {"name": "Drama"})
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            fetch_all(ADD, {"name": "Epos"})


@pytest.mark.django_db
def test_statements_stay_prepared_after_a_rollback():
    """psycopg discards all prepared statements after a rollback if it has prepared any."""
    for _ in range(3):
        with transaction.atomic():
            fetch_all(ADD, {"name": "Drama"})
            list(Genre.objects.filter(name="Drama"))
            transaction.set_rollback(True)
    assert not Genre.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("postgresql")
def test_stale_prepared_statements_are_prepared_again():
    fetch_all(ADD, {"name": "Drama"})
    fetch_all(NAMES, {"name": "Epos"})
    alter_type = "ALTER TABLE genre ALTER name TYPE varchar({})"
    for change in (alter_type.format(60), alter_type.format(50), "DEALLOCATE ALL"):
        with connection.cursor() as cursor:
            cursor.execute(change)
        with pytest.raises(OperationalError), transaction.atomic():  # 503: the client repeats it
            fetch_all(NAMES, {"name": "Epos"})
        assert fetch_all(NAMES, {"name": "Epos"}) == [("Drama",)]


@pytest.mark.django_db
@pytest.mark.usefixtures("postgresql")
def test_plans_made_while_a_table_was_empty_do_not_stay():
    """Autovacuum takes a minute to analyse a table, and a show can sell out within that."""
    sql = "SELECT id FROM soon_full WHERE id = %(key)s"

    def run(command):
        with connection.cursor() as cursor:
            cursor.execute(command)
            return str(cursor.fetchall() if cursor.description else "")

    def plan():
        fetch_all(sql, {"key": 1})
        name, _ = connection._prepared[sql]
        return run(f"EXPLAIN EXECUTE {name.decode()} (1)")

    run("CREATE TEMPORARY TABLE soon_full (id bigint PRIMARY KEY) ON COMMIT DROP")
    run("ANALYZE soon_full")
    run("SET LOCAL plan_cache_mode = force_generic_plan")
    connection._discard_plans()
    assert "Seq Scan" in plan()
    run("INSERT INTO soon_full SELECT generate_series(1, 10000)")
    for _ in range(REPLAN_EVERY - 2):
        assert connection._until_replan > 1
        fetch_all(sql, {"key": 1})
    assert "Index Only Scan" in plan()


@pytest.mark.django_db
def test_counters_of_queries_see_them():
    with CaptureQueriesContext(connection) as seen:
        fetch_all(ADD, {"name": "Drama"})
    assert "INSERT INTO genre" in seen[0]["sql"]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_is_committed_whole_or_not_at_all():
    with transaction.atomic():
        fetch_all(ADD, {"name": "Drama"})
        transaction.set_rollback(True)
    with transaction.atomic():
        fetch_all(ADD, {"name": "Epos"})
        assert on_another_connection(Genre.objects.count) == 0, "it is not committed yet"
    assert on_another_connection(lambda: Genre.objects.get().name) == "Epos"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_a_failed_transaction_is_not_reported_as_committed():
    """PostgreSQL replies to COMMIT with ROLLBACK, which psycopg does not report."""

    def work():
        fetch_all(ADD, {"name": "Drama"})
        with suppress(IntegrityError):
            fetch_all(ADD, {"name": "Drama"})

    with pytest.raises(InternalError):
        run_in_transaction(work)
    assert not Genre.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize(
    "run", [lambda work: work(), run_in_transaction], ids=["alone", "run_in_transaction"]
)
def test_a_connection_that_broke_is_closed_after_the_request_and_the_next_is_good(run):
    fetch_all(ADD, {"name": "Drama"})
    pid = connection.connection.info.backend_pid
    on_another_connection(lambda: fetch_all("SELECT pg_terminate_backend(%(pid)s)", {"pid": pid}))
    with pytest.raises(OperationalError):
        run(lambda: fetch_all(ADD, {"name": "Epos"}))
    close_broken_connection()
    run(lambda: fetch_all(ADD, {"name": "Krimi"}))
    assert list(Genre.objects.values_list("name", flat=True)) == ["Drama", "Krimi"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_a_connection_that_breaks_before_commit_is_an_error():
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid

    def work():
        fetch_all(ADD, {"name": "Drama"})
        on_another_connection(
            lambda: fetch_all("SELECT pg_terminate_backend(%(pid)s)", {"pid": pid})
        )

    with pytest.raises(OperationalError):
        run_in_transaction(work)
    close_old_connections()
    assert not Genre.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
@pytest.mark.parametrize("add", [Genre.objects.create, lambda name: fetch_all(ADD, {"name": name})])
def test_the_first_statement_is_within_the_transaction(add):
    def work():
        add(name="Drama")
        assert Genre.objects.count() == 1
        raise KeyError

    connection.ensure_connection()
    with pytest.raises(KeyError):
        run_in_transaction(work)
    assert not Genre.objects.exists()
    run_in_transaction(lambda: add(name="Epos"))
    assert Genre.objects.get().name == "Epos"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_a_transaction_that_cannot_begin_is_an_error():
    assert not fetch_all(NAMES, {"name": "Epos"})
    for left_behind in ("BEGIN", "SELECT 1/0"):
        connection.connection.pgconn.exec_(left_behind.encode())
    with pytest.raises(InternalError, match="aborted"):
        run_in_transaction(lambda: fetch_all(NAMES, {"name": "Epos"}))
    close_broken_connection()
    run_in_transaction(lambda: fetch_all(ADD, {"name": "Epos"}))
    assert Genre.objects.get().name == "Epos"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_a_statement_that_fails_ends_the_transaction_and_not_the_connection():
    fetch_all(ADD, {"name": "Drama"})
    before = connection.connection
    with pytest.raises(IntegrityError):
        run_in_transaction(lambda: fetch_all(ADD, {"name": "Drama"}))
    assert connection.connection is before
    run_in_transaction(lambda: fetch_all(ADD, {"name": "Epos"}))
    assert Genre.objects.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("postgresql")
def test_a_statement_that_waits_does_not_block_other_threads():
    """The GIL is released while we wait for the rest of a result: else nobody could let go of this lock."""
    fetch_all(ADD, {"name": "Drama"})
    is_held = threading.Event()

    def run():
        fetch_all("SELECT pg_advisory_lock(7)", {})
        is_held.set()
        waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        for _ in range(2000):
            if fetch_all(waiting, {}):
                break
            time.sleep(0.01)
        connection.close()  # and with it the lock

    other = threading.Thread(target=run)
    other.start()
    assert is_held.wait(30)
    sql = "SELECT repeat('x', 100000) UNION ALL SELECT pg_advisory_lock(7)::text"

    def wait():
        fetch_all("SET LOCAL lock_timeout = '60s'", {})
        return fetch_all(sql, {})

    (text,), _ = run_in_transaction(wait)
    other.join()
    fetch_all("SELECT pg_advisory_unlock(7)", {})
    assert len(text) == 100000


def on_another_connection(func):
    """Return the result of a function that runs on another connection."""
    results = []

    def run():
        try:
            results.append(func())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results[0]
