"""Delete rows that nothing refers to."""

from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import Auditorium, Cinema, Genre, Movie, TicketType
from marquee.catalog.operations.audited import record_deleted
from marquee.core.dependents import check_deletable
from marquee.core.transactions import transactional


@transactional
def delete(*, row: Movie | Cinema | Auditorium | Genre | TicketType) -> None:
    """Delete a row that nothing depends on. An auditorium goes with its seat plans.

    Raises ProtectedError when shows, auditoriums or prices depend on it.
    """
    lock_catalog()
    row = lock_row(row, exclusive=True)
    check_deletable(row)
    record_deleted(row)
    row.delete()
