"""A small map of a booking's seats, as an HTML table that a screen reader can read, too."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marquee.booking import rules
from marquee.booking.admin_counter import kept_tickets
from marquee.booking.models import Booking
from marquee.booking.states import BookingStatus
from marquee.catalog.queries import get_plan
from marquee.catalog.records import PlanSeat

TABLE = """
<table class="seat-map"><caption>{caption}</caption><tbody>{rows}</tbody></table>
"""
ROW = '<tr><th scope="row">{}</th>{}</tr>'
OWN = '<td class="own"><strong>{}</strong></td>'
OTHER = '<td><span aria-hidden="true">{}</span></td>'
GAP = "<td>{}</td>"


def seat_map(booking: Booking, *, now: datetime) -> SafeString:
    """Return the plan of a booking's show, with the seats that it has, or had, marked.

    The screen is at the top.
    """
    plan = get_plan(booking.show.seat_plan_id)
    marked = {ticket.seat_id for ticket in kept_tickets(booking)}
    labels = ", ".join(seat.label for seat in plan.seats if seat.id in marked)
    status = rules.effective_status(booking.status, booking.held_until, now)
    has = "Booked" if status in {BookingStatus.HELD, BookingStatus.CONFIRMED} else "Given back"
    width = max(seat.x for seat in plan.seats)
    rows = format_html_join(
        "\n", ROW, ((row[0].row, _cells(row, width, marked)) for row in plan.rows)
    )
    caption = f"Seen from above, the screen at the top. {has}: {labels or 'none'}."
    return format_html(TABLE, caption=caption, rows=rows)


def _cells(row: Iterable[PlanSeat], width: int, booked: Collection[int]) -> SafeString:
    by_place = {seat.x: seat for seat in row}
    cells = (_cell(by_place.get(x), booked) for x in range(1, width + 1))
    return format_html_join("", "{}", ((cell,) for cell in cells))


def _cell(seat: PlanSeat | None, booked: Collection[int]) -> SafeString:
    if seat is None:
        return format_html(GAP, "")
    return format_html(OWN, seat.label) if seat.id in booked else format_html(OTHER, "·")
