"""Add and change cinemas."""

from typing import Any

from marquee.catalog import rules
from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import Cinema, Show
from marquee.catalog.operations.audited import record_added, record_changed, values_of
from marquee.catalog.validation import save_validated, update_validated
from marquee.core.transactions import transactional
from marquee.core.zones import is_same_zone


@transactional
def add_cinema(**fields: Any) -> Cinema:
    """Return a new cinema: `fields` as in Cinema. Refuses with BadInput a zone that is no place, and a
    currency of the past.
    """
    cinema = Cinema(**fields)
    save_validated(cinema)
    rules.check_currency_is_current(cinema.currency)
    rules.check_zone_is_place(cinema.timezone)
    record_added(cinema)
    return cinema


@transactional
def change_cinema(*, cinema: Cinema, **changes: Any) -> Cinema:
    """Change some fields.

    Refuses with CinemaInUse for another time zone or currency once the cinema has price cards, and
    with BadInput for a zone that is no place and a currency of the past. A cinema that has such a
    zone or currency from before may keep it.
    """
    lock_catalog()
    cinema = lock_row(cinema)
    values = values_of(cinema)
    zone, currency = cinema.timezone, cinema.currency
    is_in_use = bool(changes.keys() & {"timezone", "currency"}) and cinema.price_cards.exists()
    cinema = update_validated(cinema, changes)
    changes_meaning = currency != cinema.currency or not is_same_zone(zone, cinema.timezone)
    rules.check_may_change_cinema(
        changes_meaning=changes_meaning,
        has_price_cards=is_in_use,
    )
    if currency != cinema.currency:
        rules.check_currency_is_current(cinema.currency)
    if zone != cinema.timezone:
        rules.check_zone_is_place(cinema.timezone)
        Show.objects.filter(auditorium__cinema=cinema).update(timezone=cinema.timezone)
    record_changed(cinema, values)
    return cinema


@transactional
def change_zone(*, cinema: Cinema, timezone: str) -> Cinema:
    """Give a cinema another time zone, even one in use: its region got a zone of its own, or it was wrong.

    Its shows to come keep their local times: `keep_local_times` then moves their instants. For those
    who run Marquee, not for staff. Refuses with BadInput a zone that is no place.
    """
    lock_catalog()
    row = lock_row(cinema)
    values = values_of(row)
    row = update_validated(row, {"timezone": timezone})
    rules.check_zone_is_place(timezone)
    record_changed(row, values)
    return row
