"""Bookings: make them, read one's own, confirm and cancel them."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, cast

from django.db.models import QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts.rate_limits import client_networks
from marquee.api.auth import (
    ActiveAccountAuthentication,
    LoggedIn,
    StatelessJWTAuthentication,
    TokenUser,
)
from marquee.api.filters import FilterSet
from marquee.api.json import answer
from marquee.api.schema import refuses
from marquee.api.serializers import ListField, MoneyShape, Shape, money
from marquee.api.shows import ShowBriefShape, show_summary_json
from marquee.api.views import CachedResponseMixin, View
from marquee.booking import errors, queries, rules
from marquee.booking.models import Booking, Ticket
from marquee.booking.operations import book, cancel, confirm
from marquee.booking.queries import BookingDetails, TicketRecord
from marquee.booking.rules import TicketRequest
from marquee.catalog.models import Show
from marquee.catalog.queries import ShowRecord, get_plan
from marquee.core.clock import isoformat_in
from marquee.core.errors import BadInput

# What RFC 9110 lets stand in a header, without spaces, as long as the column is wide.
KEY = re.compile(r"[\x21-\x7e]{1,255}")

EXAMPLE_TICKETS = [{"seat": "C7", "type": "adult"}, {"seat": "C8", "type": "child"}]
MAX_TICKETS = 100  # Far above any seat limit; a rule, not the shape, says how many are allowed.


class TicketWishShape(Shape):
    """One ticket asked for."""

    seat = serializers.CharField(
        max_length=12, required=False, allow_null=True, help_text="Its label. Left out: any seat."
    )
    type = serializers.CharField(
        max_length=20, required=False, allow_null=True, help_text="Left out: the usual type."
    )


class BookingRequestShape(Shape):
    """What a customer asks for."""

    tickets = ListField(child=TicketWishShape(), allow_empty=False, max_length=MAX_TICKETS)
    hold = serializers.BooleanField(
        default=False, help_text="Keep the seats for some minutes instead of confirming at once."
    )


# What customers cannot book by themselves: see booking/operations/ticket_terms.py.
TERMS = (
    errors.CounterOnly,
    errors.NeedsAnother,
    errors.CompanionWithoutSpace,
    errors.WheelchairLimit,
)
Asked = tuple[list[TicketRequest], bool]


def parse_with_serializer(data: Any) -> Asked:
    """Return what is asked for and whether to hold it. Raises ValidationError, which names it all."""
    asked = BookingRequestShape(data=data)
    asked.is_valid(raise_exception=True)
    wishes = [
        TicketRequest(seat=seat and seat.upper(), type=wish.get("type"))
        for wish in asked.validated_data["tickets"]
        for seat in [wish.get("seat")]
    ]
    return wishes, asked.validated_data["hold"]


SEAT = re.compile(r"[0-9A-Za-z]{1,12}")
TYPE = re.compile(r"[0-9a-z_-]{1,20}")


def parse_fast(data: Any) -> Asked | None:
    """Return the same for a plain body, at a twentieth of the cost; None for any other.

    Under load nearly every body is plain: known fields, of the right types, with ordinary labels.
    """
    if type(data) is not dict or not data.keys() <= {"tickets", "hold"}:
        return None
    tickets, hold = data.get("tickets"), data.get("hold", False)
    if type(tickets) is not list or not 0 < len(tickets) <= MAX_TICKETS or type(hold) is not bool:
        return None
    wishes = [_plain_wish(ticket) for ticket in tickets]
    return None if None in wishes else (cast("list[TicketRequest]", wishes), hold)


def _plain_wish(ticket: Any) -> TicketRequest | None:
    if type(ticket) is not dict or not ticket.keys() <= {"seat", "type"}:
        return None
    seat, type_ = ticket.get("seat"), ticket.get("type")
    if seat is not None and (type(seat) is not str or not SEAT.fullmatch(seat)):
        return None
    if type_ is not None and (type(type_) is not str or not TYPE.fullmatch(type_)):
        return None
    return TicketRequest(seat=seat and seat.upper(), type=type_)


def require_empty_body(data: Any) -> None:
    """Read the body of what needs none. Raises ValidationError when there is something in it."""
    if data != {}:
        Shape(data=data).is_valid(raise_exception=True)


class TicketShape(Shape):
    """One admission."""

    seat = serializers.CharField()
    type = serializers.CharField()
    price = MoneyShape()
    status = serializers.ChoiceField(Ticket.Status.choices)
    code = serializers.CharField(help_text="What the door scans, once the booking is confirmed.")


class BookingShape(Shape):
    """A booking as its owner sees it."""

    reference = serializers.CharField()
    status = serializers.ChoiceField(Booking.Status.choices)
    held_until = serializers.DateTimeField(allow_null=True)
    cancel_until = serializers.DateTimeField(help_text="A confirmed one can be cancelled before.")
    show = ShowBriefShape()
    tickets = TicketShape(many=True)
    total = MoneyShape()
    created_at = serializers.DateTimeField()


BOOKING_EXAMPLE = OpenApiExample(
    "A confirmed booking",
    response_only=True,
    value={
        "reference": "K7Q2MXW4",
        "status": "confirmed",
        "held_until": None,
        "cancel_until": "2026-11-24T19:45:00+01:00",
        "show": {
            "id": 7,
            "movie": {"id": 3, "title": "Metropolis", "runtime_minutes": 153, "certificate": "PG"},
            "cinema": {
                "id": 1, "name": "Gartenbau", "city": "Vienna", "timezone": "Europe/Vienna",
            },
            "auditorium": {"id": 2, "name": "Saal 1"},
            "starts_at": "2026-11-24T20:15:00+01:00",
            "ends_at": "2026-11-24T23:08:00+01:00",
            "format": "2D",
            "language": "de",
            "subtitles": "en",
            "status": "scheduled",
        },
        "tickets": [
            {
                "seat": "C7",
                "type": "adult",
                "price": {"amount": "12.50", "currency": "EUR"},
                "status": "valid",
                "code": "8D0QZK5T2M9XW4RB",
            },
            {
                "seat": "C8",
                "type": "child",
                "price": {"amount": "9.00", "currency": "EUR"},
                "status": "valid",
                "code": "V3N7H1CJ6P0SFAYG",
            },
        ],
        "total": {"amount": "21.50", "currency": "EUR"},
        "created_at": "2026-11-23T14:02:11+01:00",
    },
)  # fmt: skip


def serialize_booking(
    booking: Booking | BookingDetails,
    show: ShowRecord,
    tickets: Iterable[TicketRecord],
    now: datetime,
) -> dict[str, Any]:
    """Return a booking as its owner sees it, by the clock as it is now."""
    standing = queries.status_at(booking, now)
    held_until = booking.held_until if standing == Booking.Status.HELD else None
    cancel_until = rules.cancel_until(show.starts_at, show.cancel_until_minutes)
    places = get_plan(show.seat_plan_id).by_id
    return {
        "reference": booking.reference,
        "status": standing,
        "held_until": held_until and isoformat_in(held_until, show.timezone),
        "cancel_until": isoformat_in(cancel_until, show.timezone),
        "show": show_summary_json(show),
        "tickets": [
            {
                "seat": places[ticket.seat_id].label,
                "type": ticket.type_id,
                "price": money(ticket.price, booking.currency),
                "status": ticket.status,
                "code": ticket.code,
            }
            for ticket in tickets
        ],
        "total": money(booking.total, booking.currency),
        "created_at": isoformat_in(booking.created_at, show.timezone),
    }


class CreateBookingView(View):
    """Books or holds seats for a show."""

    # The account is checked under the booking's own lock, so that this takes no query of its own.
    authentication_classes = [StatelessJWTAuthentication]
    permission_classes = [LoggedIn]

    @extend_schema(
        operation_id="booking_create",
        tags=["bookings"],
        summary="Book or hold seats",
        description=(
            "All the seats, or none. Name every `seat`, or leave every `seat` out and the best "
            "available ones together are picked. `type` defaults to the price card's usual one. "
            "With `hold` the seats are kept for some minutes, to be confirmed or given back; "
            "otherwise the booking is confirmed at once. Prices are settled now.\n\n"
            "Each companion seat, and each ticket whose price says what it `needs`, goes with a "
            "ticket of its own in the same booking: a carer with a wheelchair space. Staff may book "
            "without these terms.\n\n"
            "Send an `Idempotency-Key` of your own to be safe against a lost answer: the same key "
            "with the same request returns the booking it made, with `Idempotent-Replayed: true`."
        ),
        parameters=[
            OpenApiParameter(
                "Idempotency-Key", str, OpenApiParameter.HEADER,
                # No example: Swagger would send it with every booking.
                description="1 to 255 visible ASCII characters, new for each booking: a UUID.",
            ),
            OpenApiParameter(
                "Idempotent-Replayed", str, OpenApiParameter.HEADER, response=[201],
                enum=["true"], description="The key was known: this booking was made before.",
            ),
        ],
        request=BookingRequestShape,
        responses={201: BookingShape},
        examples=[
            OpenApiExample("Two seats", {"tickets": EXAMPLE_TICKETS}, request_only=True),
            OpenApiExample("Best available", {"tickets": [{}, {}]}, request_only=True),
            OpenApiExample(
                "Hold one seat", {"tickets": [{"seat": "C7"}], "hold": True}, request_only=True
            ),
            BOOKING_EXAMPLE,
        ],
    )  # fmt: skip
    @refuses(
        errors.SeatsTaken,
        errors.SoldOut,
        errors.SalesClosed,
        errors.ShowCalledOff,
        errors.SeatLimit,
        errors.UnpaidLimit,
        errors.HoldLimit,
        errors.TooManyHolds,
        errors.CoolingDown,
        *TERMS,
        errors.UnknownSeat,
        errors.UnknownTicketType,
        errors.KeyReused,
    )
    def post(self, request: Request, show_id: int) -> HttpResponse:
        """Book, and answer with the booking."""
        caller = cast("TokenUser", request.user)
        wishes, hold = parse_fast(request.data) or parse_with_serializer(request.data)
        try:
            made = book(
                user_id=caller.pk,
                token_epoch=caller.epoch,
                show_id=show_id,
                wishes=wishes,
                hold=hold,
                key=_idempotency_key(request),
                client=client_networks(request.META)[-1],
            )
        except Show.DoesNotExist:
            raise NotFound from None
        headers = {"Location": _address(request, made.booking)}
        if made.show is None:
            headers["Idempotent-Replayed"] = "true"
            return answer(_read(made.booking), status.HTTP_201_CREATED, headers)
        now = made.booking.created_at
        body = serialize_booking(made.booking, made.show, made.tickets, now)
        return answer(body, status.HTTP_201_CREATED, headers)


def _idempotency_key(request: Request) -> str | None:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not KEY.fullmatch(key):
        raise BadInput(
            "A key is 1 to 255 visible ASCII characters; a UUID is a good one.",
            field="Idempotency-Key",
        )
    return key


def _address(request: Request, booking: Booking) -> str:
    return f"{request.scheme}://{request.get_host()}{_bookings()}{booking.reference}/"


@cache
def _bookings() -> str:
    return reverse("bookings")


def _read(booking: Booking) -> dict[str, Any]:
    """Read a booking, as it is now, and return it as its owner sees it."""
    return _told_answer(cast("BookingDetails", queries.told(booking.pk)))


def _told_answer(told: BookingDetails) -> dict[str, Any]:
    return serialize_booking(told, told.show, told.tickets, told.now)


class BookingFilter(FilterSet):
    """Which of one's bookings to list."""

    status = filters.ChoiceFilter(
        choices=Booking.Status.choices,
        method="by_status",
        help_text="As the clock has it: a hold that ran out is `expired`.",
    )
    upcoming = filters.ChoiceFilter(
        choices=[("true", "yes"), ("false", "no")],
        method="by_time",
        help_text="`true`: shows that have not ended; `false`: those that have.",
    )

    def by_status(self, rows: QuerySet[Booking], name: str, value: str) -> QuerySet[Booking]:
        """Keep the bookings that stand so."""
        return rows.filter(queries.has_status(value))

    def by_time(self, rows: QuerySet[Booking], name: str, value: str) -> QuerySet[Booking]:
        """Keep the bookings of shows to come, or of shows past."""
        return queries.upcoming(rows) if value == "true" else queries.past(rows)


class BookingListView(CachedResponseMixin, ListAPIView[Booking]):
    """Lists one's own bookings."""

    authentication_classes = [ActiveAccountAuthentication]
    permission_classes = [LoggedIn]
    filterset_class = BookingFilter
    serializer_class = BookingShape

    def get_queryset(self) -> QuerySet[Booking]:
        """Return the caller's bookings, the newest first."""
        return Booking.objects.only("pk").filter(user=self.request.user.pk)

    @extend_schema(
        operation_id="booking_list",
        tags=["bookings"],
        summary="List my bookings",
        description="Your bookings, the newest first.",
        examples=[BOOKING_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        """Answer with a page of bookings."""
        if self.filterset_class.base_filters.keys() & request.query_params.keys():
            page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
            bookings = queries.all_told(booking.pk for booking in page or [])
        else:  # as nearly all ask: by one query
            theirs: Any = queries.UserBookings(cast("TokenUser", request.user).pk)
            bookings = self.paginate_queryset(theirs) or []
        return self.get_paginated_response([_told_answer(one) for one in bookings])


class OneBooking(View):
    """What may be done with one booking of one's own. Somebody else's is as good as none."""

    authentication_classes = [ActiveAccountAuthentication]
    permission_classes = [LoggedIn]

    def mine(self, request: Request, reference: str) -> Booking:
        """Return the booking, if it is the caller's. Raises 404."""
        booking = queries.find(user_id=cast("TokenUser", request.user).pk, reference=reference)
        if booking is None:
            raise NotFound
        return booking


class BookingDetailView(OneBooking):
    """Reads a booking."""

    @extend_schema(
        operation_id="booking_read",
        tags=["bookings"],
        summary="Read my booking",
        description="One of your bookings, by its reference. Somebody else's answers 404.",
        responses=BookingShape,
        examples=[BOOKING_EXAMPLE],
    )
    def get(self, request: Request, reference: str) -> HttpResponse:
        """Answer with the booking."""
        return answer(_read(self.mine(request, reference)))


class ConfirmBookingView(OneBooking):
    """Confirms a hold."""

    @extend_schema(
        operation_id="booking_confirm",
        tags=["bookings"],
        summary="Confirm my hold",
        description=(
            "Turns a hold into a confirmed booking at the prices it was held at. Confirming twice "
            "changes nothing. A hold that ran out can still be confirmed while all its seats are "
            "free."
        ),
        request=None,
        responses=BookingShape,
        examples=[BOOKING_EXAMPLE],
    )
    @refuses(
        errors.HoldExpired,
        errors.NotHeld,
        errors.ShowCalledOff,
        errors.SalesClosed,
        errors.SeatLimit,
        errors.UnpaidLimit,
        *TERMS,
    )
    def post(self, request: Request, reference: str) -> HttpResponse:
        """Confirm, and answer with the booking."""
        require_empty_body(request.data)
        booking = self.mine(request, reference)
        confirm(booking=booking)
        return answer(_read(booking))


class CancelBookingView(OneBooking):
    """Cancels a booking."""

    @extend_schema(
        operation_id="booking_cancel",
        tags=["bookings"],
        summary="Cancel my booking",
        description=(
            "Gives the seats back: a hold at any time, a confirmed booking until `cancel_until`. "
            "Cancelling twice changes nothing."
        ),
        request=None,
        responses=BookingShape,
        examples=[BOOKING_EXAMPLE],
    )
    @refuses(errors.TooLateToCancel, errors.AlreadyUsed, errors.NotHeld)
    def post(self, request: Request, reference: str) -> HttpResponse:
        """Cancel, and answer with the booking."""
        require_empty_body(request.data)
        booking = self.mine(request, reference)
        cancel(booking=booking)
        return answer(_read(booking))
