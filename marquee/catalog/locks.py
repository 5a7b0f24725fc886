"""Locks that operations of the catalog take.

The order everywhere is catalog, cinema, auditorium, movie, price card, show. On SQLite a writing
transaction is alone, so it needs no row locks, and Django leaves the clauses out.

A show has an advisory lock besides its row lock, because row locks do not queue fairly. PostgreSQL
lets transactions that share a row overtake a transaction that waits for an exclusive lock. On a show
with bookings without a pause, staff who call it off or change it would wait until their statement
times out (measured: 16 threads booking, 15 s). Advisory locks queue fairly (0.07 s): customers share
the lock (`booking/locks.py`), staff take it exclusively. The row lock is what guards the show.
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
    customers and staff on the row locks that we hold by then.
    """
    Revision.objects.select_for_update().first()


def lock_row(row: Row, *, exclusive: bool = False, join: str = "") -> Row:
    """Lock a row and return it as it is now. No other transaction can change it until ours ends.

    An exclusive lock also stops new references to the row: take it before a deletion, or to stop new
    bookings. `join` names a foreign key to read with it, without a lock. Call `lock_catalog`
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
