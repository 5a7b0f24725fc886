"""The gate of a show, before which customers and staff queue in the order in which they came.

PostgreSQL lets those who want to share a row pass those who wait to have it alone. So on a show that
is booked without a pause, staff who call it off or change it would wait until their statement is
given up (measured: 16 threads booking, 15 s). Advisory locks queue fairly (0.07 s): customers share
the gate, in `booking/locks.py`, and staff close it. It guards nothing, as the row does that.
"""

from django.db import connection

from marquee.catalog.models import Show


def close(show: Show) -> None:
    """Let those at the gate finish and nobody else in, until this transaction ends.

    On SQLite a transaction that writes is alone anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [show.pk])
