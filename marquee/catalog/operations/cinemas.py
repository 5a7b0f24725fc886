"""Add and change cinemas."""

from typing import Any

from marquee.catalog import rules
from marquee.catalog.locks import lock_catalog, lock_row
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
    """Change some fields.

    Refuses with CinemaInUse for another time zone or currency once the cinema has price cards.
    """
    lock_catalog()
    cinema = lock_row(cinema)
    changes_meaning = any(
        getattr(cinema, name) != changes.get(name, getattr(cinema, name))
        for name in ("timezone", "currency")
    )
    rules.check_may_change_cinema(
        changes_meaning=changes_meaning,
        has_price_cards=changes_meaning and cinema.price_cards.exists(),
    )
    return update_validated(cinema, changes)
