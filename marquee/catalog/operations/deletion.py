"""Delete what nothing refers to."""

from marquee.catalog.locks import lock_row
from marquee.catalog.models import Auditorium, Cinema, Genre, Movie, TicketType
from marquee.core.transactions import transactional


@transactional
def delete(*, row: Movie | Cinema | Auditorium | Genre | TicketType) -> None:
    """Remove a row that nothing depends on; an auditorium goes with its plans.

    Raises ProtectedError when shows, auditoriums or prices depend on it.
    """
    lock_row(row, exclusive=True).delete()
