"""Locks that operations of the catalog take.

The order everywhere is catalog, cinema, auditorium, movie, price card, show. On SQLite a writing
transaction is alone, so the clauses are ignored there and nothing is lost.

A show has an advisory lock besides its row. PostgreSQL lets transactions that share a row pass those
that wait to have it alone. On a show that is booked without a pause, staff who call it off or change
it would wait until their statement times out (measured: 16 threads booking, 15 s). Advisory locks
queue fairly (0.07 s): customers share the lock (`booking/locks.py`), staff take it exclusively. It
guards nothing: the row lock does.
"""

from typing import TypeVar

from django.db import connection
from django.db.models import Model

from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.models import Revision, Show

Row = TypeVar("Row", bound=Model)


def lock_catalog() -> None:
    """Serialise catalog writers until the transaction ends. Take this lock first, and once.

    A trigger takes it anyway at the first change (docs/decisions/0012). Waiting there would block
    customers and staff on the locks that we hold by then.
    """
    Revision.objects.select_for_update().first()


def lock_row(row: Row, *, exclusive: bool = False, join: str = "") -> Row:
    """Return the row as it is now. Nobody else can change it until the transaction ends.

    An exclusive lock also keeps others from referring to the row: before it is deleted, or against
    new bookings. `join` names a foreign key to read with it, without a lock. Call `lock_catalog`
    first: it also keeps the joined row as it is.

    Refuses with RemovedMeanwhile.
    """
    rows = type(row)._default_manager.select_for_update(no_key=not exclusive, of=("self",))
    if join:
        rows = rows.select_related(join)
    try:
        return rows.get(pk=row.pk)
    except type(row).DoesNotExist:  # type: ignore[attr-defined]
        kind = row._meta.verbose_name
        raise RemovedMeanwhile(f"The {kind} was removed a moment ago.") from None


def lock_show_exclusively(show: Show) -> None:
    """Wait for bookings of the show that are under way, and keep new ones waiting.

    The lock lasts until the transaction ends. On SQLite a writing transaction is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [show.pk])
