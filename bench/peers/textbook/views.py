"""Booking as a textbook has it: one transaction, the show locked, rows read, checked and made."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from bench.peers.textbook.serializers import BookingRequestSerializer, BookingSerializer
from marquee.accounts.models import User
from marquee.booking.models import Booking, BookingEvent, SeatClaim, Ticket
from marquee.catalog.models import Price, Seat, Show
from marquee.core.clock import DatabaseNow
from marquee.core.codes import new_reference, new_ticket_code


class Conflict(APIException):
    """A rule, or another customer, said no."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__()
        self.detail = {"code": code, **facts}  # as it is, where DRF would turn all into text


class BookingView(APIView):
    """Books or holds seats."""

    permission_classes = [IsAuthenticated]

    def post(self, request: Request, show_id: int) -> Response:
        """Book, and answer with the booking."""
        asked = BookingRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        booking, tickets = book(request.user, show_id, **asked.validated_data)
        context = {"show": booking.show, "tickets": tickets, "currency": booking.currency}
        body = BookingSerializer(booking, context=context).data
        return Response(body, status.HTTP_201_CREATED)


@transaction.atomic
def book(
    user: User, show_id: int, *, tickets: list[dict[str, Any]], hold: bool
) -> tuple[Booking, list[Ticket]]:
    """Book or hold seats: all of them, or none. One customer at a time, for each show."""
    shows = Show.objects.select_related("movie", "auditorium__cinema", "price_card")
    shows = shows.annotate(now=DatabaseNow()).select_for_update(of=("self",))
    show = get_object_or_404(shows, pk=show_id)
    check_on_sale(show)
    check_seat_limit(user, show, wants=len(tickets))
    seats = find_seats(show, [ticket["seat"].upper() for ticket in tickets])
    claims = check_free(show, seats)
    prices = find_prices(show, seats, tickets)
    booking = make_booking(user, show, total=sum(price.amount for price in prices), hold=hold)
    made = make_tickets(booking, seats, prices)
    make_claims(booking, seats, known={claim.seat_id for claim in claims})
    BookingEvent.objects.create(
        booking=booking, kind=booking.status, at=booking.created_at, by="customer", actor_id=user.pk
    )
    return booking, made


def check_on_sale(show: Any) -> None:
    """Refuse a show called off, and one whose sales are closed."""
    if show.state == Show.State.CALLED_OFF:
        raise Conflict("show_called_off")
    if show.now >= show.sales_until:
        raise Conflict("sales_closed")


def check_seat_limit(user: User, show: Show, *, wants: int) -> None:
    """Refuse more seats than one customer may have at a show."""
    live = Q(booking__status=Booking.Status.CONFIRMED) | Q(
        booking__status=Booking.Status.HELD, booking__held_until__gt=DatabaseNow()
    )
    has = Ticket.objects.filter(live, booking__show=show, booking__user=user).count()
    left = max(0, settings.SEAT_LIMIT - has)
    if wants > left:
        raise Conflict("seat_limit", limit=settings.SEAT_LIMIT, left=left)


def find_seats(show: Show, labels: list[str]) -> list[Seat]:
    """Return the seats with these labels, in this order. Refuses unknown ones."""
    found = {
        seat.label: seat
        for seat in Seat.objects.filter(plan_id=show.seat_plan_id, label__in=labels)
    }
    if unknown := [label for label in labels if label not in found]:
        raise ValidationError({"code": "unknown_seat", "seats": unknown})
    return [found[label] for label in labels]


def check_free(show: Any, seats: Iterable[Seat]) -> list[SeatClaim]:
    """Return what rows the seats have at this show. Refuses seats that somebody has."""
    claims = list(SeatClaim.objects.filter(show=show, seat__in=seats).annotate(now=DatabaseNow()))
    taken = {claim.seat_id for claim in claims if not is_open(claim)}
    if taken:
        labels = [seat.label for seat in seats if seat.pk in taken]
        raise Conflict("seats_taken", seats=labels, alternatives=[])
    return claims


def is_open(claim: Any) -> bool:
    """Say whether anybody may have the seat: it is free, or its hold has ended."""
    is_expired = claim.state == SeatClaim.State.HELD and claim.expires_at <= claim.now
    return claim.state == SeatClaim.State.FREE or is_expired


def find_prices(show: Show, seats: list[Seat], tickets: list[dict[str, Any]]) -> list[Price]:
    """Return the price of each ticket. Refuses types that are not sold for their seats."""
    card = {(price.category, price.type_id): price for price in show.price_card.prices.all()}
    usual = show.price_card.default_type_id
    wanted = [
        (seat.category, ticket.get("type") or usual)
        for seat, ticket in zip(seats, tickets, strict=True)
    ]
    if unknown := [type_ for category, type_ in wanted if (category, type_) not in card]:
        raise ValidationError({"code": "unknown_ticket_type", "types": unknown})
    return [card[one] for one in wanted]


def make_booking(user: User, show: Any, *, total: int, hold: bool) -> Booking:
    """Make the booking itself."""
    minutes = show.auditorium.cinema.cancel_until_minutes
    minutes = settings.CANCEL_UNTIL_MINUTES if minutes is None else minutes
    return Booking.objects.create(
        reference=new_reference(),
        user=user,
        show=show,
        status=Booking.Status.HELD if hold else Booking.Status.CONFIRMED,
        held_until=show.now + timedelta(minutes=settings.HOLD_MINUTES) if hold else None,
        total=total,
        currency=show.auditorium.cinema.currency,
        created_at=show.now,
        sold_starts_at=show.starts_at,
        cancel_until=show.starts_at - timedelta(minutes=minutes),
    )


def make_tickets(booking: Booking, seats: list[Seat], prices: list[Price]) -> list[Ticket]:
    """Make the tickets, by ascending seat."""
    return Ticket.objects.bulk_create(
        Ticket(
            booking=booking,
            seat=seat,
            type_id=price.type_id,
            price=price.amount,
            code=new_ticket_code(),
        )
        for seat, price in sorted(zip(seats, prices, strict=True), key=lambda one: one[0].pk)
    )


def make_claims(booking: Booking, seats: Iterable[Seat], *, known: set[int]) -> None:
    """Give the seats to the booking: new rows, and those that were there before."""
    state = SeatClaim.State.HELD if booking.held_until else SeatClaim.State.SOLD
    fields = {"state": state, "booking": booking, "expires_at": booking.held_until}
    if known:
        rows = SeatClaim.objects.filter(show=booking.show, seat__in=known)
        rows.update(gen=F("gen") + 1, **fields)
    SeatClaim.objects.bulk_create(
        SeatClaim(show=booking.show, seat=seat, gen=1, **fields)
        for seat in seats
        if seat.pk not in known
    )


class AvailabilityView(APIView):
    """Which seats of a show are not free."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    def get(self, request: Request, show_id: int) -> Response:
        """Answer with their labels."""
        show = get_object_or_404(Show.objects.select_related("seat_plan"), pk=show_id)
        claims = SeatClaim.objects.filter(show=show).annotate(now=DatabaseNow())
        claims = list(claims.select_related("seat").order_by("seat__y", "seat__x"))
        is_expired = {claim.pk for claim in claims if claim.expires_at and is_open(claim)}
        taken = [claim.seat.label for claim in claims if not is_open(claim)]
        return Response(
            {
                "version": sum(2 * claim.gen + (claim.pk in is_expired) for claim in claims),
                "left": show.seat_plan.seats_total - len(taken),
                "taken": taken,
            }
        )
