"""Add and change cinemas."""

from typing import Any

from marquee.catalog.errors import CinemaInUse
from marquee.catalog.locks import lock_row
from marquee.catalog.models import Cinema
from marquee.catalog.validation import save_validated, update_validated
from marquee.core.transactions import transactional


@transactional
def add_cinema(**fields: Any) -> Cinema:
    """Return a new cinema: `fields` as in Cinema."""
    cinema = Cinema(**fields)
    save_validated(cinema)
    return cinema


@transactional
def change_cinema(*, cinema: Cinema, **changes: Any) -> Cinema:
    """Change some fields. Refuses with CinemaInUse for the time zone or the currency once the
    cinema has price cards: without one it has no shows either.
    """
    cinema = lock_row(cinema)
    matters = any(
        getattr(cinema, name) != changes.get(name, getattr(cinema, name))
        for name in ("timezone", "currency")
    )
    if matters and cinema.price_cards.exists():
        raise CinemaInUse(
            "The cinema has price cards, so its time zone and currency stay. "
            "Remove its shows and price cards first, or add another cinema."
        )
    return update_validated(cinema, changes)
