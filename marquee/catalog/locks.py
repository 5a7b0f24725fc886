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
    """Wait for others who change the catalogue, until this transaction ends: before all other locks.

    Its first change would wait for them anyway, by a trigger (docs/decisions/0012): by then it would
    keep customers and staff from what it has locked.
    """
    Revision.objects.select_for_update().first()


def lock_row(row: Row, *, exclusive: bool = False) -> Row:
    """Return the row as it stands now, which nobody else can change until the transaction ends.

    Whole also keeps others from referring to it: for a removal, or against new bookings. The
    order everywhere is turn, cinema, auditorium, movie, price card, show. On SQLite the clause is
    ignored, and nothing is lost: only one transaction writes at a time.

    Refuses with RemovedMeanwhile.
    """
    lock_catalog()
    rows = type(row)._default_manager.select_for_update(no_key=not exclusive)
    try:
        return rows.get(pk=row.pk)
    except type(row).DoesNotExist:  # type: ignore[attr-defined]
        kind = row._meta.verbose_name
        raise RemovedMeanwhile(f"The {kind} was removed a moment ago.") from None


def lock_show_exclusively(show: Show) -> None:
    """Let those at the gate finish and nobody else in, until this transaction ends.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [show.pk])
