"""The seats of a show as a table of native checkboxes (DESIGN 15), joined from cached pieces.

The HTML of each seat, free and taken, is built once for a seat plan, its prices and a language. A page
joins the pieces: 300 seats take some hundredths of a millisecond.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel import Locale
from django.utils import translation
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marquee.catalog.queries import PlanData, PlanSeat, PriceTable, get_plan
from marquee.catalog.states import SeatCategory, SeatKind
from marquee.core import locales
from marquee.core.cache import on_clear_caches
from marquee.core.money import Money

# A plan of 1,000 seats takes half a megabyte for each price card and language.
MAX_CACHED = 64

NAMES = {
    SeatCategory.STANDARD.value: gettext_lazy("standard"),
    SeatCategory.PREMIUM.value: gettext_lazy("premium"),
    SeatCategory.RECLINER.value: gettext_lazy("recliner"),
    SeatKind.WHEELCHAIR.value: gettext_lazy("wheelchair space"),
    SeatKind.COMPANION.value: gettext_lazy("companion seat"),
}
# Each kind of seat has a shape of its own, beside what its words say.
SYMBOLS: Mapping[str, str] = {
    "standard": '<path d="M5 3h14a2 2 0 0 1 2 2v12H3V5a2 2 0 0 1 2-2zM2 18.5h20V21H2z"/>',
    "premium": '<path d="M7 2h10a2 2 0 0 1 2 2v13H5V4a2 2 0 0 1 2-2zM1 9h3v9h16V9h3v12H1z"/>',
    "recliner": '<path d="M12 1.5c5 0 8 2 8 5V15H4V6.5c0-3 3-5 8-5zM1 11h2v5h18v-5h2v8H1zM5 20h14v3H5z"/>',
    "wheelchair": (
        '<circle cx="10" cy="3.5" r="2.5"/><path d="M9 7h3v4h5v2h-5v2h6l2.5 5.5-2 1L16.7 17H9z'
        'M7.5 11v2.3a4.5 4.5 0 1 0 6 5.7h2.100A6.5 6.5 0 1 1 7.5 11z"/>'
    ),
    "companion": (
        '<path d="M5 3h14a2 2 0 0 1 2 2v12H3V5a2 2 0 0 1 2-2zM2 18.5h20V21H2z" opacity=".35"/>'
        '<circle cx="12" cy="7.5" r="3"/><path d="M6 17c0-4 2.5-6 6-6s6 2 6 6z"/>'
    ),
    "taken": '<path d="m5 7 2-2 5 5 5-5 2 2-5 5 5 5-2 2-5-5-5 5-2-2 5-5z"/>',
    "own": '<path d="M12 2.5 15 9l7 .7-5.3 4.7 1.6 7L12 17.7l-6.300 3.7 1.6-7L2 9.7 9 9z"/>',
}


@dataclass(frozen=True, slots=True)
class SeatGroup:
    """Seats that look and cost alike: their shape, name and price, the price blank if nobody books them here."""

    shape: str
    name: str
    price: str


def seat_table(
    plan: PlanData,
    prices: PriceTable,
    taken: Collection[int],
    chosen: Collection[int],
    own: Collection[int],
    locale: Locale,
) -> SafeString:
    """Return the table of a plan's seats, with a checkbox named `seat` for each that can be booked.

    `taken`, `chosen` and `own` are ids of seats. The `chosen` are checked. The customer's `own` seats are
    named as such; of these, the ones in `taken` have no checkbox.
    """
    template = _template(plan.id, _amounts(plan, prices), prices.currency, str(locale))
    pieces = template.pieces.copy()
    for seat_id in taken:
        if (at := template.position.get(seat_id)) is not None:
            pieces[at] = template.taken[seat_id]
    with translation.override(locale.language):
        for seat_id in own:
            if (at := template.position.get(seat_id)) is not None:
                pieces[at] = _own(plan.by_id[seat_id], pieces[at], is_taken=seat_id in taken)
    for seat_id in chosen:
        if (at := template.position.get(seat_id)) is not None:
            pieces[at] = pieces[at].replace("<input ", "<input checked ", 1)
    return SafeString("".join(pieces))


def seat_list(
    plan: PlanData,
    prices: PriceTable,
    taken: Collection[int],
    chosen: Collection[int],
    locale: Locale,
) -> SafeString:
    """Return the free seats row by row, with checkboxes like those of the table.

    Taken seats are there, too, hidden and disabled: the script shows those that become free.
    """
    template = _list_template(plan.id, _amounts(plan, prices), prices.currency, str(locale))
    parts = []
    for opening, seats in template:
        parts.append(opening)
        for seat_id, free, hidden in seats:
            html = hidden if seat_id in taken else free
            parts.append(
                html.replace("<input ", "<input checked ", 1) if seat_id in chosen else html
            )
        parts.append("</fieldset>")
    return SafeString("".join(parts))


def seat_groups(plan: PlanData, prices: PriceTable, locale: Locale) -> list[SeatGroup]:
    """Return the legend of a plan: its seats by shape, the usual ones first."""
    return list(_groups(plan.id, _amounts(plan, prices), prices.currency, str(locale)))


def symbols() -> SafeString:
    """Return the shapes that a page with seats refers to: once, before the first seat."""
    shapes = "".join(
        f'<symbol id="shape-{shape}" viewBox="0 0 24 24">{drawing}</symbol>'
        for shape, drawing in SYMBOLS.items()
    )
    return SafeString(f'<svg class="shapes" width="0" height="0" aria-hidden="true">{shapes}</svg>')


def shape_of(seat: PlanSeat) -> str:
    """Return the name of a seat's shape: that of its kind, or of its category."""
    return seat.category if seat.kind == SeatKind.STANDARD else seat.kind


Amounts = tuple[tuple[str, str, int | None], ...]  # seat kind, seat category, lowest price


def _amounts(plan: PlanData, prices: PriceTable) -> Amounts:
    """Return the lowest price of each group of seats; None where customers cannot book here."""
    return tuple(
        (
            kind,
            category,
            prices.lowest([category]) if prices.offers(category=category, kind=kind) else None,
        )
        for category, kind in plan.groups
    )


@dataclass(frozen=True, slots=True)
class TableTemplate:
    """The table with all seats free, in pieces, and each seat's piece once it is taken."""

    pieces: list[str]  # alternately: the HTML up to a seat, and the seat
    position: dict[int, int]  # the index of a seat's piece, by its id
    taken: dict[int, str]


@lru_cache(maxsize=MAX_CACHED)
def _template(plan_id: int, amounts: Amounts, currency: str, locale: str) -> TableTemplate:
    plan = get_plan(plan_id)
    texts = {
        (group.kind, group.category): group for group in _priced(amounts, currency, locale)
    }  # by seat
    first, last = min(seat.x for seat in plan.seats), max(seat.x for seat in plan.seats)
    pieces, position, taken = [], {}, {}
    with translation.override(Locale.parse(locale).language):
        before = _opening()
        for row in plan.rows:
            before += f'<tr><th scope="row">{escape(row[0].row)}</th>'
            x = first
            for seat in row:
                pieces.append(before + "<td></td>" * (seat.x - x))
                position[seat.id] = len(pieces)
                pieces.append(_free(seat, texts[seat.kind, seat.category]))
                taken[seat.id] = _text_cell(
                    seat, "taken", _("%(seat)s taken") % {"seat": seat.label}
                )
                before, x = "", seat.x + 1
            before = "<td></td>" * (last + 1 - x) + "</tr>"
    pieces.append(f"{before}</tbody></table>")
    return TableTemplate(pieces, position, taken)


on_clear_caches(_template.cache_clear)


@dataclass(frozen=True, slots=True)
class PricedGroup:
    """What is said of the seats of one kind and category."""

    kind: str
    category: str
    name: str
    price: str


ListTemplate = tuple[tuple[str, tuple[tuple[int, str, str], ...]], ...]  # id, free, taken


@lru_cache(maxsize=MAX_CACHED)
def _list_template(plan_id: int, amounts: Amounts, currency: str, locale: str) -> ListTemplate:
    """Return the HTML of each row: what stands before its seats, and each seat that can be booked."""
    texts = {(group.kind, group.category): group for group in _priced(amounts, currency, locale)}
    with translation.override(Locale.parse(locale).language):
        return tuple(
            (
                _row_opening(row[0].row),
                tuple(
                    (seat.id, _listed(seat, group), _listed(seat, group, is_taken=True))
                    for seat in row
                    for group in [texts[seat.kind, seat.category]]
                    if group.price
                ),
            )
            for row in get_plan(plan_id).rows
        )


on_clear_caches(_list_template.cache_clear)


def _row_opening(row: str) -> str:
    legend = _("Row %(label)s") % {"label": row}
    return f'<fieldset class="row"><legend>{escape(legend)}</legend>'


def _listed(seat: PlanSeat, group: PricedGroup, *, is_taken: bool = False) -> str:
    shape, hidden, disabled = shape_of(seat), " hidden" * is_taken, " disabled" * is_taken
    return (
        f'<label class="seat {shape}"{hidden}><input type="checkbox" name="seat"'
        f' value="{escape(seat.label)}"{disabled}>{_shape(shape)}<span>'
        + escape(f"{seat.label}, {group.name}, {group.price}")
        + "</span></label>"
    )


@lru_cache(maxsize=MAX_CACHED)
def _groups(plan_id: int, amounts: Amounts, currency: str, locale: str) -> tuple[SeatGroup, ...]:
    found = {}
    for one in _priced(amounts, currency, locale):
        shape = one.category if one.kind == SeatKind.STANDARD else one.kind
        found[shape, one.price] = SeatGroup(shape, one.name, one.price)
    order = list(SYMBOLS)
    return tuple(sorted(found.values(), key=lambda group: order.index(group.shape)))


on_clear_caches(_groups.cache_clear)


def _priced(amounts: Amounts, currency: str, locale: str) -> Iterable[PricedGroup]:
    parsed = Locale.parse(locale)
    with translation.override(parsed.language):
        return [
            PricedGroup(
                kind,
                category,
                str(NAMES[category if kind == SeatKind.STANDARD else kind]),
                "" if minor is None else locales.format_money(Money(minor, currency), parsed),
            )
            for kind, category, minor in amounts
        ]


def _opening() -> str:
    caption, screen = _("Seats, row by row from the screen back"), _("Screen")
    return (
        f'<table id="seats" class="seat-map"><caption><span class="visually-hidden">{escape(caption)}'
        f'</span><span class="screen" aria-hidden="true">{escape(screen)}</span></caption><tbody>'
    )


def _free(seat: PlanSeat, group: PricedGroup) -> str:
    """Return a seat with its checkbox; without one, if only the box office sells it."""
    text = f"{seat.label}, {group.name}"
    if not group.price:
        where = _("at the box office only")
        return _text_cell(seat, "taken", f"{text}, {where}")
    number = seat.label.removeprefix(seat.row).removeprefix("-")
    return (
        f'<td class="seat {shape_of(seat)}"><label><input type="checkbox" name="seat" value="{escape(seat.label)}">'
        f'{_shape(shape_of(seat), number)}<span class="visually-hidden">{escape(text)}, {escape(group.price)}'
        "</span></label></td>"
    )


def _own(seat: PlanSeat, html: str, *, is_taken: bool) -> str:
    if is_taken:
        return _text_cell(seat, "own", _("%(seat)s, yours already") % {"seat": seat.label})
    whose = _("yours so far")
    return html.replace("</span></label>", f", {escape(whose)}</span></label>")


def _text_cell(seat: PlanSeat, shape: str, text: str) -> str:
    return (
        f'<td class="seat {shape_of(seat)} {shape}" data-seat="{escape(seat.label)}">{_shape(shape)}'
        f'<span class="visually-hidden">{escape(text)}</span></td>'
    )


def _shape(shape: str, number: str = "") -> str:
    written = f'<text x="12" y="14">{escape(number)}</text>' if number else ""
    return (
        f'<svg aria-hidden="true" viewBox="0 0 24 24"><use href="#shape-{shape}"/>{written}</svg>'
    )
