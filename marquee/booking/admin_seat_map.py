"""A small map of a booking's seats, as an HTML table that a screen reader can read, too."""

from collections.abc import Collection, Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marquee.catalog.records import PlanData, PlanSeat

TABLE = """
<table class="seat-map"><caption>{caption}</caption><tbody>{rows}</tbody></table>
"""
ROW = '<tr><th scope="row">{}</th>{}</tr>'
OWN = '<td class="own"><strong>{}</strong></td>'
OTHER = '<td><span aria-hidden="true">{}</span></td>'
GAP = "<td>{}</td>"


def seat_map(plan: PlanData, booked: Collection[int]) -> SafeString:
    """Return the map of a seat plan with the seats of these ids marked. The screen is at the top."""
    own = [seat.label for seat in plan.seats if seat.id in booked]
    width = max(seat.x for seat in plan.seats)
    rows = format_html_join(
        "\n", ROW, ((row[0].row, _cells(row, width, booked)) for row in plan.rows)
    )
    caption = f"Seen from above, the screen at the top. Booked: {', '.join(own) or 'none'}."
    return format_html(TABLE, caption=caption, rows=rows)


def _cells(row: Iterable[PlanSeat], width: int, booked: Collection[int]) -> SafeString:
    by_place = {seat.x: seat for seat in row}
    cells = (_cell(by_place.get(x), booked) for x in range(1, width + 1))
    return format_html_join("", "{}", ((cell,) for cell in cells))


def _cell(seat: PlanSeat | None, booked: Collection[int]) -> SafeString:
    if seat is None:
        return format_html(GAP, "")
    return format_html(OWN, seat.label) if seat.id in booked else format_html(OTHER, "·")
