"""Explain why a booking cannot have the seats that it is to be given, and offer others.

Like `lost_seats`: everything is read after the rollback.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from django.utils import timezone

from marquee.accounts.permissions import may_sell_at_counter
from marquee.booking import best_seats, exchange_rules, gap_rules, queries, seat_needs, seat_rules
from marquee.booking.errors import SeatsTaken
from marquee.booking.exchange_rules import HeldTicket
from marquee.booking.models import Booking
from marquee.booking.operations import ticket_terms
from marquee.booking.operations.ticket_terms import ShowTerms
from marquee.booking.operations.transitions import holders_by_label
from marquee.booking.queries import RefusalContext, UsageQuery, cooling_seats
from marquee.booking.records import TicketRequest
from marquee.catalog.records import PlanSeat
from marquee.catalog.states import SingleGaps
from marquee.core.errors import Refused


def explain(booking: Booking, requests: Sequence[TicketRequest], lost: SeatsTaken) -> SeatsTaken:
    """Return the refusal that says who has the seats, and what else the booking could have instead."""
    show = ticket_terms.read_show(booking.show_id)
    labels: Sequence[str] = lost.facts["seats"]
    if any(request.seat not in show.plan.by_label for request in requests):
        return lost  # the show has other seats by now
    seats = [show.plan.by_label[label].id for label in labels]
    context = queries.refusal_context(user_id=booking.user_id, show_id=booking.show_id)
    is_staff = context.is_staff and may_sell_at_counter(booking.user_id, booking.show_id)
    others = _OtherSeats.of(booking, show, context, is_staff=is_staff)
    if len(others.held) != len(requests):
        return lost  # the booking was cancelled, or some of it, since the rollback
    return seat_rules.seats_taken(
        labels,
        holders_by_label(booking.show_id, show.plan.id, seats),
        others.like(requests),
        user_id=booking.user_id,
        is_staff=is_staff,
        zone=context.timezone,
    )


@dataclass(frozen=True, slots=True)
class _OtherSeats:
    """What a booking has, and what of its show others have, at one moment."""

    held: Sequence[HeldTicket]
    show: ShowTerms
    query: UsageQuery
    taken: set[int]  # by others
    cooling: set[int]
    is_staff: bool
    zone: str

    @classmethod
    def of(
        cls, booking: Booking, show: ShowTerms, context: RefusalContext, *, is_staff: bool
    ) -> Self:
        """Read it."""
        query = UsageQuery(booking.user_id, booking.show_id, None, timezone.now(), hold=False)
        held = ticket_terms.held_tickets(booking, show.plan)
        own = {ticket.seat.id for ticket in held}
        return cls(
            held,
            show,
            query,
            taken=queries.taken_seat_ids(booking.show_id) - own,
            cooling=set() if is_staff else cooling_seats(query).keys() - own,
            is_staff=is_staff,
            zone=context.timezone,
        )

    def like(self, requests: Sequence[TicketRequest]) -> list[list[str]]:
        """Return groups of seats, free or the booking's own, that it could have for these requests."""
        by_label = self.show.plan.by_label
        wanted = [by_label[str(request.seat)] for request in requests]
        needs = seat_needs.needs_for_other_seats(
            exchange_rules.settle_types(self.held, requests),
            wanted,
            self.show.prices,
            categories=self.show.plan.categories,
            is_staff=self.is_staff,
        )
        groups = best_seats.alternatives(
            self.show.plan,
            self.taken | self.cooling,
            wanted,
            needs,
            accepts=lambda group: self._could_have(requests, group),
        )
        return [[seat.label for seat in group] for group in groups]

    def _could_have(self, requests: Sequence[TicketRequest], group: Sequence[PlanSeat]) -> bool:
        """Return whether the same request for these seats would be accepted, and change something."""
        show = self.show
        asked = [
            TicketRequest(seat.label, request.type)
            for seat, request in zip(group, requests, strict=True)
        ]
        try:
            planned = exchange_rules.plan_exchange(
                self.held, asked, show.plan, show.prices, zone=self.zone
            )
            if not self.is_staff:
                ticket_terms.check_exchanged(planned, show.prices, self.query)
        except Refused:
            return False
        leaves_no_gap = show.single_gaps == SingleGaps.REFUSE and not self.is_staff
        if leaves_no_gap and gap_rules.left_alone(show.plan, self.taken, group):
            return False
        return bool(planned.new)
