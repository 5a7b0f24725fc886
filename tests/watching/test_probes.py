"""`/healthz` and `/readyz`: who is alive, and who should get requests."""

from types import SimpleNamespace

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder

from marquee.accounts.models import AttemptCount
from marquee.server import probes
from marquee.settings import database_settings
from marquee.worker import heartbeat

BY_IP = {"HTTP_HOST": "10.1.2.3:8000"}


def unreachable(*_):
    raise OperationalError(
        "connection refused by db.example for user 'box' with password 'hunter2'"
    )


def test_healthz_answers_any_host_without_the_database_a_session_or_a_cookie(client):
    response = client.get("/healthz", **BY_IP)
    assert (response.status_code, response.json()) == (200, {"status": "alive"})
    assert not response.cookies
    assert response["Cache-Control"] == "no-store"
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_readyz_is_200_where_the_database_can_be_written(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/readyz", **BY_IP)
    assert (response.status_code, response.json()) == (
        200,
        {
            "status": "ready",
            "database": "writable",
            "missing_migrations": [],
            "worker_age_seconds": None,
        },
    )


@pytest.mark.django_db
def test_the_age_of_the_worker_stands_in_the_body_and_never_changes_the_status(client):
    heartbeat.note()
    assert 0 <= client.get("/readyz").json()["worker_age_seconds"] < 60
    row = AttemptCount.objects.get(key=heartbeat.KEY)
    AttemptCount.objects.update(expires_at=row.expires_at.replace(year=row.expires_at.year - 1))

    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["worker_age_seconds"] > 300 * 86_400


@pytest.mark.django_db
def test_readyz_is_503_where_a_migration_of_this_code_is_missing_but_not_where_one_is_newer(client):
    applied = MigrationRecorder(connection).migration_qs
    applied.create(app="booking", name="9999_of_a_newer_release")
    assert client.get("/readyz").status_code == 200
    applied.filter(app="booking", name__startswith="0001").delete()

    response = client.get("/readyz")
    assert response.status_code == 503
    (missing,) = response.json()["missing_migrations"]
    assert missing.startswith("booking.0001")


def test_a_migration_that_replaces_others_is_not_missing_where_they_are_applied(monkeypatch):
    old, new = ("app", "0001_old"), ("app", "0001_squashed")
    monkeypatch.setattr(probes, "_known_migrations", lambda: {new: frozenset({old})})
    for applied, missing in (({old: 1}, []), ({new: 1}, []), ({}, ["app.0001_squashed"])):
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _, rows=applied: rows)
        assert probes._missing_migrations() == missing


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "state"), [("_missing_migrations", "unreachable"), ("_check_write", "read-only")]
)
def test_readyz_is_503_where_the_database_cannot_be_reached_or_written(
    client, monkeypatch, name, state
):
    monkeypatch.setattr(probes, name, unreachable)
    monkeypatch.setattr(probes.connection, "close", lambda: None)  # the test's own transaction

    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, state)
    assert "hunter2" not in response.content.decode()


def test_a_database_that_says_nothing_is_given_up_in_seconds():
    """The server's own timeouts do not help where it hangs, or its host is gone."""
    url = "postgres://box@db.example/box"
    options = database_settings(url)["OPTIONS"]
    limits = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "keepalives_interval"}
    known = psycopg.conninfo.make_conninfo(**{name: options[name] for name in limits})
    assert "connect_timeout=5" in known.split()
    assert "tcp_user_timeout=20000" in known.split()
    longer = database_settings(f"{url}?connect_timeout=20")["OPTIONS"]
    assert longer == options | {"connect_timeout": 20}


def test_a_database_that_cannot_be_reached_is_tried_once(monkeypatch):
    tries = []

    def read():
        tries.append(1)
        unreachable()

    never = SimpleNamespace(connection=None, in_atomic_block=False, close=lambda: None)
    monkeypatch.setattr(probes, "connection", never)
    with pytest.raises(OperationalError):
        probes._anew(read)
    assert len(tries) == 1


@pytest.mark.django_db(transaction=True)
def test_the_check_fails_on_a_read_only_database(client):
    is_postgresql = connection.vendor == "postgresql"
    read_only = (
        "SET default_transaction_read_only = {}" if is_postgresql else "PRAGMA query_only = {}"
    )
    with connection.cursor() as cursor:
        cursor.execute(read_only.format("on"))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "read-only")
    # The connection was closed, and the next one may write.
    assert client.get("/readyz").status_code == 200
