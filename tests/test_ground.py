"""What the tests stand on is what production stands on; else they would prove something else."""

import socket
import threading
from pathlib import Path

import pytest
from django.db import connection

from marquee.catalog.models import TicketType

TYPES = ["adult", "child", "senior", "student", "carer"]


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("cinema.example", 443)])
def test_the_network_is_out_of_reach(address):
    with pytest.raises(RuntimeError, match="no network"):
        socket.create_connection(address, timeout=1)


def test_this_machine_is_within_reach():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()


def test_a_test_that_does_not_say_so_cannot_touch_the_database():
    """So those run on one engine only (tests/conftest.py)."""
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        TicketType.objects.exists()


@pytest.mark.django_db
def test_sqlite_is_a_file_as_durable_as_in_production():
    if connection.vendor != "sqlite":
        pytest.skip("about SQLite")
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()
    full = 2
    assert (journal, synchronous) == (("wal",), (full,))
    assert Path(connection.settings_dict["NAME"]).is_file()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("time", ["first", "second"])
def test_the_ticket_types_are_back_after_a_test_with_real_transactions(time):
    assert list(TicketType.objects.values_list("code", flat=True)) == TYPES


@pytest.mark.django_db(transaction=True)
def test_another_thread_sees_what_this_one_has_committed():
    TicketType.objects.create(code="usher", name="Usher", position=9)
    seen = []

    def look():
        seen.extend(TicketType.objects.filter(code="usher"))
        connection.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert [one.name for one in seen] == ["Usher"]
