"""The rules about seats: what narrows a choice of them, who has those that are lost, what they cost.

Pure functions without queries, like `rules.py`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from marquee.booking.best_seats import SeatNeed, find_scarce
from marquee.booking.errors import (
    HoldExpired,
    PriceChanged,
    SalesClosed,
    SeatsTaken,
    ShowCalledOff,
    SoldOut,
)
from marquee.booking.records import CounterTerms, SeatChoice, SeatHolder, TicketRequest
from marquee.booking.states import SeatState
from marquee.catalog.records import PlanData, PlanSeat, PriceTable, ShowRecord
from marquee.catalog.states import SeatKind, ShowState
from marquee.core.errors import BadInput
from marquee.core.money import Money
from marquee.core.zones import isoformat_in, write_time

NAMES_OF_KINDS: dict[str, str] = {
    SeatKind.STANDARD: "Seats",
    SeatKind.WHEELCHAIR: "Wheelchair spaces",
    SeatKind.COMPANION: "Companion seats",
}


def check_seat_choice(requests: Sequence[TicketRequest], choice: SeatChoice) -> None:
    """Refuse with BadInput to narrow a choice of seats that are named, or beyond the tickets."""
    accessible = choice.wheelchairs + choice.companions
    if (choice.category or accessible) and requests[0].seat is not None:
        raise BadInput(
            "Name the seats, or say what seats to choose; not both.",
            field="category" if choice.category else "accessible",
        )
    if accessible > len(requests):
        raise BadInput(
            "Wheelchair spaces and companion seats are among the tickets: these are "
            f"{len(requests)}, those {accessible}.",
            field="accessible",
        )


def check_has_category(plan: PlanData, category: str | None) -> None:
    """Refuse with BadInput a seat category that the auditorium does not have."""
    ordinary = {seat.category for seat in plan.seats if seat.kind == SeatKind.STANDARD}
    if category is not None and category not in ordinary:
        raise BadInput(
            f"This auditorium has no {category} seats. It has: {', '.join(sorted(ordinary)) or 'none'}.",
            field="category",
        )


def sold_out(plan: PlanData, taken: Collection[int], needs: Sequence[SeatNeed]) -> SoldOut:
    """Return the refusal of a request for any seats when too few fit the needs. It names the scarce ones."""
    need, left, wants = find_scarce(plan, taken, needs)
    of_kind = {seat.category for seat in plan.seats if seat.kind == need.kind}
    where = "" if of_kind <= need.prices.keys() else f" in {' and '.join(sorted(need.prices))}"
    return SoldOut(
        f"{NAMES_OF_KINDS[need.kind]} left to choose from{where}: {left}. Asked for: {wants}.",
        left=left,
    )


# --- The counter ------------------------------------------------------------------------------------


def check_counter_sells(show: ShowRecord, *, now: datetime) -> None:
    """Refuse with ShowCalledOff, or with SalesClosed once the show is over: the counter sells until then."""
    if show.state == ShowState.CALLED_OFF:
        raise ShowCalledOff("This show is called off. Choose another one.")
    if now >= show.ends_at:
        raise SalesClosed(
            f"This show ended at {write_time(show.ends_at, show.timezone)}. Choose another one.",
            sales_until=isoformat_in(show.ends_at, show.timezone),
        )


def paid_at_counter(terms: CounterTerms, *, total: Money) -> Money | None:
    """Return what was paid: the total, unless an amount is given; None for a booking not paid yet.

    Refuses with BadInput an amount without a tender, or one that is not of the cinema's currency.
    """
    if not terms.tender:
        if terms.amount is not None or terms.currency:
            raise BadInput("Say what it was paid with.", field="tender")
        return None
    if terms.currency and terms.currency != total.currency:
        raise BadInput(f"This cinema's currency is {total.currency}.", field="currency")
    if terms.amount is None:
        return total
    try:
        return Money.parse(terms.amount, total.currency)
    except ValueError as error:
        raise BadInput(str(error), field="amount") from None


# --- Seats that somebody has -----------------------------------------------------------------------


def check_seats_won(lost: Sequence[PlanSeat]) -> None:
    """Refuse with SeatsTaken a booking whose claims lost these seats."""
    if lost:
        labels = [seat.label for seat in lost]
        detail = f"Taken a moment ago: {', '.join(labels)}. Try again."
        raise SeatsTaken(detail, seats=labels, alternatives=[], own_bookings=[])


def seats_taken(
    labels: Sequence[str],
    holders: Mapping[str, SeatHolder],
    alternatives: Sequence[Sequence[str]],
    *,
    user_id: int,
    is_staff: bool,
    zone: str,
) -> SeatsTaken:
    """Return the refusal of these seats, which says who has each, by its label, and what is free."""
    own = {
        holders[label].reference
        for label in labels
        if label in holders and holders[label].user_id == user_id
    }
    sentences = _who_has(labels, holders, user_id=user_id, is_staff=is_staff, zone=zone)
    if alternatives:
        sentences.append("Choose other seats.")
    return SeatsTaken(
        " ".join(sentences),
        seats=labels,
        alternatives=alternatives,
        own_bookings=sorted(reference for reference in own if reference),
    )


def _who_has(
    labels: Iterable[str],
    holders: Mapping[str, SeatHolder],
    *,
    user_id: int,
    is_staff: bool,
    zone: str,
) -> list[str]:
    """Return a sentence for each holder of these seats."""
    seats: dict[str, list[str]] = {}
    for label in labels:
        sentence = _whose(holders.get(label), user_id=user_id, is_staff=is_staff, zone=zone)
        seats.setdefault(sentence, []).append(label)
    return [sentence.format(", ".join(labels)) for sentence, labels in seats.items()]


def _whose(holder: SeatHolder | None, *, user_id: int, is_staff: bool, zone: str) -> str:
    """Return the sentence about seats with this holder, with `{}` for the seats."""
    if holder is None:
        return "Free again by now: {}. Try once more."
    if holder.state == SeatState.BLOCKED:
        by_staff = "Blocked by staff: {}. Unblock them, or sell them at the counter."
        return by_staff if is_staff else "Not for sale: {}."
    if holder.user_id != user_id:
        return "Somebody else has {}."
    if holder.held_until is None:
        return f"You have {{}} already, in booking {holder.reference}."
    until = holder.held_until.astimezone(ZoneInfo(zone))
    return f"You hold {{}} already, until {until:%H:%M} in booking {holder.reference}: confirm or cancel that."


def hold_seats_lost(
    lost: Sequence[str], holders: Mapping[str, SeatHolder], *, user_id: int
) -> HoldExpired:
    """Return the refusal of an expired hold whose seats are taken; `holders` are by label."""
    seats: dict[str, list[str]] = {}
    for label in lost:
        holder = holders.get(label)
        if holder is not None and holder.state == SeatState.BLOCKED:
            sentence = "{} no longer for sale"
        elif holder is not None and holder.user_id == user_id:
            sentence = f"{{}} in booking {holder.reference} of the same account"
        else:
            sentence = "{} taken by somebody else"
        seats.setdefault(sentence, []).append(label)
    what = "; ".join(sentence.format(", ".join(labels)) for sentence, labels in seats.items())
    return HoldExpired(f"The hold ran out, and its seats are gone: {what}.", seats=lost)


def not_free_to_block(labels: Sequence[str], holders: Mapping[str, SeatHolder]) -> SeatsTaken:
    """Return the refusal to block seats that are not free. For staff: it names the bookings."""
    seats = ", ".join(f"{label} ({_state(holders.get(label))})" for label in labels)
    return SeatsTaken(
        f"Not free to block: {seats}.", seats=labels, alternatives=[], own_bookings=[]
    )


def _state(holder: SeatHolder | None) -> str:
    if holder is None:
        return "free again by now"
    if holder.state == SeatState.BLOCKED:
        return "blocked already"
    return f"{holder.state}, booking {holder.reference}"


# --- Prices -----------------------------------------------------------------------------------------


def check_expected_total(*, total: Money, expected: Money | None) -> None:
    """Refuse with PriceChanged a total that is not the expected one, if one was expected."""
    if expected is not None and total != expected:
        raise price_changed(f"These tickets cost {total}, not {expected}.", total)


def check_price_not_risen(*, held: Money, total: Money, expected: Money | None) -> None:
    """Refuse with PriceChanged an expired hold that costs more now, unless that is the expected total.

    It no longer has its price. If it costs less now, it gets the lower price.
    """
    check_expected_total(total=total, expected=expected)
    if expected is None and total.minor > held.minor:
        raise price_changed(
            f"The hold ran out, and its tickets cost {total} now, not {held}.", total
        )


def check_still_sold(tickets: Iterable[tuple[PlanSeat, str]], prices: PriceTable) -> None:
    """Refuse with HoldExpired an expired hold of tickets that the show no longer sells for their seats."""
    gone = [
        (seat, type_) for seat, type_ in tickets if (seat.category, type_) not in prices.amounts
    ]
    if gone:
        what = ", ".join(f"{seat.label} as {type_}" for seat, type_ in gone)
        raise HoldExpired(
            f"The hold ran out, and the show no longer sells {what}. Book again, with other types.",
            seats=[seat.label for seat, _ in gone],
        )


def price_changed(what: str, total: Money) -> PriceChanged:
    """Return the refusal of a price that the customer does not expect."""
    return PriceChanged(
        f"{what} Send this price as `expected_total` to accept it, or choose other tickets.",
        total={"amount": total.amount, "currency": total.currency},
    )
