"""Add and change auditoriums, each with its seat plans."""

from collections.abc import Sequence
from typing import Any

from marquee.catalog import rules, seat_plan_text
from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import Auditorium, Cinema, Seat, SeatPlan
from marquee.catalog.operations.audited import record_added, record_changed, values_of
from marquee.catalog.queries import newest_plan
from marquee.catalog.validation import save_validated, update_validated
from marquee.core.transactions import transactional


@transactional
def add_auditorium(*, cinema: Cinema, rows: Sequence[str], **fields: Any) -> Auditorium:
    """Return a new auditorium with its first seat plan. Refuses with BadSeatPlan, too."""
    lock_catalog()
    auditorium = Auditorium(cinema=lock_row(cinema), **fields)
    save_validated(auditorium)
    _add_plan(auditorium, seat_plan_text.parse(rows), version=1)
    record_added(auditorium)
    return auditorium


@transactional
def change_auditorium(
    *, auditorium: Auditorium, rows: Sequence[str] | None = None, **changes: Any
) -> Auditorium:
    """Change some fields. Other rows become a new seat plan; existing shows keep theirs.

    Another turnaround applies to shows that are scheduled or moved from then on. Refuses with
    BadSeatPlan, and with BadInput for another cinema.
    """
    lock_catalog()
    auditorium = lock_row(auditorium)
    values = values_of(auditorium)
    cinema: Cinema | None = changes.pop("cinema", None)
    rules.check_cinema_stays(
        before=auditorium.cinema_id,
        after=cinema.pk if cinema else auditorium.cinema_id,
        what_stays="An auditorium stays in its cinema",
    )
    update_validated(auditorium, changes)
    if rows is not None:
        parsed, newest = seat_plan_text.parse(rows), newest_plan(auditorium)
        if [row.text for row in parsed] != newest.rows:
            _add_plan(auditorium, parsed, version=newest.version + 1)
    record_changed(auditorium, values)
    return auditorium


def _add_plan(
    auditorium: Auditorium, rows: list[seat_plan_text.ParsedRow], *, version: int
) -> None:
    """Store a plan. The ids of its seats ascend with (y, x), the order in which claims lock them."""
    seats = seat_plan_text.seats(rows)
    plan = SeatPlan.objects.create(
        auditorium=auditorium,
        version=version,
        rows=[row.text for row in rows],
        seats_total=len(seats),
        categories=sorted({seat.category for seat in seats}),
    )
    Seat.objects.bulk_create(
        Seat(
            plan=plan, label=seat.label, row=seat.row, y=seat.y, x=seat.x,
            category=seat.category, kind=seat.kind,
        )
        for seat in seats
    )  # fmt: skip
