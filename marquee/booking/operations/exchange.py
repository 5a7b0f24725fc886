"""Change the seats of a booking: claim the new ones and free the old ones, or change nothing."""

from collections.abc import Iterable, Sequence

from marquee.audit.states import Action
from marquee.booking import (
    claims,
    customer_rules,
    exchange_rules,
    locks,
    rules,
    seat_rules,
)
from marquee.booking.errors import SeatsTaken
from marquee.booking.exchange_rules import Exchange, HeldTicket
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import (
    audited,
    counter_sale,
    lost_exchange,
    single_gaps,
    ticket_terms,
    transitions,
)
from marquee.booking.operations.ticket_terms import ShowTerms
from marquee.booking.operations.transitions import holders_by_label, seat_labels
from marquee.booking.queries import UsageQuery, cooling_seats
from marquee.booking.records import Actor, LockedBooking, PricedSeat, TicketRequest
from marquee.booking.states import Channel, EventKind
from marquee.catalog.records import PriceTable
from marquee.core import codes
from marquee.core.transactions import transactional


def exchange(
    *, booking: Booking, tickets: Sequence[TicketRequest], actor: Actor | None = None
) -> bool:
    """Give a booking other seats of its show. Return False if it has these already.

    `tickets` are all that it is to have: as many as now, each with its seat. Those whose seats and
    types stay keep their prices and codes. The others become void, and new ones are made at the prices
    of now. All together meet the terms of a new booking, and cost no more than before. A hold ends when
    it was to end. Without an `actor` the customer does.

    Refuses as `exchange_rules` does, and with HoldLimit, CounterOnly, NeedsAnother,
    CompanionWithoutSpace, WheelchairLimit, CoolingDown, SingleGap, SeatsTaken, or HoldExpired if the hold ran out
    at this very moment.
    """
    try:
        return _exchange_once(booking=booking, tickets=tickets, actor=actor)
    except SeatsTaken as lost:
        raise lost_exchange.explain(booking, tickets, lost) from None


@transactional
def _exchange_once(
    *, booking: Booking, tickets: Sequence[TicketRequest], actor: Actor | None
) -> bool:
    locked = locks.lock_for_change(booking, with_counters=True)
    customer_rules.check_still_owns(locked, owner=booking.user_id, actor=actor)
    exchange_rules.check_may_exchange(locked)
    show = ticket_terms.read_show(booking.show_id)
    held = ticket_terms.held_tickets(booking, show.plan)
    planned = exchange_rules.plan_exchange(held, tickets, show.plan, show.prices, zone=locked.zone)
    if not planned.new:
        return False
    _check_limits(booking, locked, planned, show.prices)
    _move_claims(booking, locked, planned)
    _check_seats(booking, locked, planned, show)
    _change_tickets(booking, locked, planned)
    transitions.record_events([booking.pk], EventKind.EXCHANGED, locked.now, actor)
    tickets_changed = _names(held), _names(planned.result)
    audited.record_of_booking(Action.CHANGED, booking, tickets=tickets_changed)
    return True


def _names(tickets: Iterable[HeldTicket | PricedSeat]) -> list[str]:
    """Return the seats with their ticket types, as the audit log names them."""
    return sorted(f"{one.seat.label} {one.type}" for one in tickets)


def _usage_query(booking: Booking, locked: LockedBooking) -> UsageQuery:
    hold = locked.held_until is not None
    return UsageQuery(locked.user_id, booking.show_id, locked.client_key, locked.now, hold)


def _is_unlimited(locked: LockedBooking) -> bool:
    return locked.is_staff or locked.channel == Channel.COUNTER


def _check_limits(
    booking: Booking, locked: LockedBooking, planned: Exchange, prices: PriceTable
) -> None:
    """Refuse what a new booking would be refused. As many tickets as before exceed no limit of seats."""
    if _is_unlimited(locked):
        return
    ticket_terms.check_exchanged(planned, prices, _usage_query(booking, locked))
    recent = BookingEvent.objects.filter(
        booking=booking, kind=EventKind.EXCHANGED, at__gt=locked.now - rules.RECENT_PERIOD
    )
    times = list(recent.order_by("-at").values_list("at", flat=True))
    exchange_rules.check_exchange_limit(times, zone=locked.zone)


def _check_seats(
    booking: Booking, locked: LockedBooking, planned: Exchange, show: ShowTerms
) -> None:
    """Refuse seats that cool down, and a choice that leaves a seat alone where the cinema does."""
    if _is_unlimited(locked):
        return
    cooling = cooling_seats(_usage_query(booking, locked))
    new = [one.seat for one in planned.new if one.seat.id in planned.wanted_seats]
    rules.check_not_cooling(seats=new, cooling=cooling, zone=locked.zone)
    single_gaps.check(
        policy=show.single_gaps,
        show_id=booking.show_id,
        plan=show.plan,
        seats=[one.seat for one in planned.result],
        avoid=cooling,
    )


def _move_claims(booking: Booking, locked: LockedBooking, planned: Exchange) -> None:
    """Claim the new seats and free the others, all or none. Refuses with SeatsTaken or HoldExpired."""
    wanted, released = planned.wanted_seats, planned.released_seats
    passed = claims.exchange(
        booking.show_id,
        wanted=wanted,
        given_up=released,
        booking_id=booking.pk,
        until=locked.held_until,
    )
    seat_rules.check_seats_won([one.seat for one in planned.new if one.seat.id in wanted - passed])
    if lost := released - passed:
        raise seat_rules.hold_seats_lost(
            seat_labels(locked.seat_plan_id, lost),
            holders_by_label(booking.show_id, locked.seat_plan_id, lost),
            user_id=locked.user_id,
        )
    counter_sale.block_again(booking, released, channel=locked.channel)


def _change_tickets(booking: Booking, locked: LockedBooking, planned: Exchange) -> None:
    given_up = [Ticket(pk=ticket.id) for ticket in planned.given_up]
    transitions.void_some_tickets(given_up, at=locked.now)
    Ticket.objects.bulk_create(
        Ticket(
            booking_id=booking.pk,
            seat_id=one.seat.id,
            type_id=one.type,
            price=one.price,
            code=codes.new_ticket_code(),
        )
        for one in planned.new
    )
    Booking.objects.filter(pk=booking.pk).update(total=planned.total)
