"""Bookings as JSON."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, cast

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from marquee.api.serializers.money import ExpectedMoneySerializer, MoneySerializer, serialize_money
from marquee.api.serializers.shows import ShowBriefSerializer, show_summary_json
from marquee.api.serializers.strict import AmountField, ListField, StrictSerializer
from marquee.booking import rules
from marquee.booking.models import Booking, CounterSale, Ticket
from marquee.booking.queries import BookingDetails
from marquee.booking.records import CounterTerms, SeatChoice, TicketRecord, TicketRequest
from marquee.booking.states import Channel, Tender
from marquee.catalog.queries import ShowRecord, get_plan, get_seat_label
from marquee.catalog.seat_plan_text import normalise_label
from marquee.catalog.states import SeatCategory
from marquee.core.money import Money
from marquee.core.validators import validate_one_address
from marquee.core.zones import isoformat_in

MAX_TICKETS = (
    100  # Far above any seat limit. A rule, not the serializer, decides how many are allowed.
)


@extend_schema_serializer(component_name="TicketWish")
class TicketRequestSerializer(StrictSerializer):
    """A requested ticket."""

    seat = serializers.CharField(
        max_length=12,
        required=False,
        allow_null=True,
        help_text="The seat's label. Left out: any seat.",
    )
    type = serializers.CharField(
        max_length=20,
        required=False,
        allow_null=True,
        help_text="Left out: the price card's default type.",
    )


class AccessibleSerializer(StrictSerializer):
    """How many of the tickets are for accessible seats."""

    wheelchairs = serializers.IntegerField(default=0, min_value=0, max_value=MAX_TICKETS)
    companions = serializers.IntegerField(
        default=0,
        min_value=0,
        max_value=MAX_TICKETS,
        help_text="Customers get one with each wheelchair space.",
    )


@extend_schema_serializer(component_name="BookingRequest")
class BookingWriteSerializer(StrictSerializer):
    """A request to book or hold seats."""

    tickets = ListField(child=TicketRequestSerializer(), allow_empty=False, max_length=MAX_TICKETS)
    hold = serializers.BooleanField(
        default=False, help_text="Hold the seats for some minutes instead of confirming at once."
    )
    category = serializers.ChoiceField(
        SeatCategory.choices,
        required=False,
        allow_null=True,
        help_text="Only for tickets without seats: choose ordinary seats of this category. Left out: the cheapest that has enough.",
    )
    accessible = AccessibleSerializer(
        required=False,
        allow_null=True,
        help_text="Only for tickets without seats: how many of them need a wheelchair space or a companion seat.",
    )
    expected_total = ExpectedMoneySerializer(
        required=False,
        allow_null=True,
        help_text="What the tickets should cost. Refused with `price_changed` if they cost anything else.",
    )


class BookingInput(NamedTuple):
    """What a booking request asks for, as keywords of the operation."""

    tickets: list[TicketRequest]
    hold: bool
    choice: SeatChoice = SeatChoice()
    expected_total: Money | None = None


def parse_with_serializer(data: Any) -> BookingInput:
    """Return what the request asks for. Raises ValidationError."""
    serializer = BookingWriteSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    return _booking_input(serializer.validated_data)


def _booking_input(given: Mapping[str, Any]) -> BookingInput:
    ticket_requests = [
        TicketRequest(seat=seat and normalise_label(seat), type=ticket.get("type"))
        for ticket in given["tickets"]
        for seat in [ticket.get("seat")]
    ]
    choice = SeatChoice(category=given.get("category"), **(given.get("accessible") or {}))
    return BookingInput(
        ticket_requests, given.get("hold", False), choice, given.get("expected_total")
    )


SEAT_LABEL = re.compile(r"[0-9A-Za-z-]{1,12}")
TICKET_TYPE = re.compile(r"[0-9a-z_-]{1,20}")


def parse_fast(data: Any) -> BookingInput | None:
    """Return the same for an ordinary body, at a twentieth of the cost; None for any other.

    Nearly every body is ordinary: known fields of the right types, and plain labels.
    """
    if type(data) is not dict or not data.keys() <= {"tickets", "hold"}:
        return None
    tickets, hold = data.get("tickets"), data.get("hold", False)
    if type(tickets) is not list or not 0 < len(tickets) <= MAX_TICKETS or type(hold) is not bool:
        return None
    ticket_requests = [_parse_ticket(ticket) for ticket in tickets]
    if None in ticket_requests:
        return None
    return BookingInput(cast("list[TicketRequest]", ticket_requests), hold)


def _parse_ticket(ticket: Any) -> TicketRequest | None:
    if type(ticket) is not dict or not ticket.keys() <= {"seat", "type"}:
        return None
    seat, type_ = ticket.get("seat"), ticket.get("type")
    if seat is not None and (type(seat) is not str or not SEAT_LABEL.fullmatch(seat)):
        return None
    if type_ is not None and (type(type_) is not str or not TICKET_TYPE.fullmatch(type_)):
        return None
    return TicketRequest(seat=seat and seat.upper(), type=type_)


@extend_schema_serializer(component_name="Confirmation")
class ConfirmationWriteSerializer(StrictSerializer):
    """A request to confirm a hold."""

    expected_total = ExpectedMoneySerializer(
        required=False,
        allow_null=True,
        help_text="What the booking should cost. Needed to confirm an expired hold that costs more now.",
    )


def parse_confirmation(data: Any) -> Money | None:
    """Return the expected total of a confirmation, if any. Raises ValidationError."""
    if data == {}:
        return None
    serializer = ConfirmationWriteSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    expected: Money | None = serializer.validated_data.get("expected_total")
    return expected


@extend_schema_serializer(component_name="Cancellation")
class CancellationWriteSerializer(StrictSerializer):
    """A request to cancel a booking, or some of its tickets."""

    tickets = ListField(
        child=serializers.CharField(max_length=20),
        allow_empty=False,
        allow_null=True,
        max_length=MAX_TICKETS,
        required=False,
        help_text="The codes or the seats of the tickets to cancel. Left out: all of them.",
    )


def parse_cancellation(data: Any) -> list[str] | None:
    """Return the codes or seats of the tickets to cancel; None for all. Raises ValidationError."""
    if data == {}:
        return None
    serializer = CancellationWriteSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    tickets: list[str] | None = serializer.validated_data.get("tickets")
    return tickets


@extend_schema_serializer(component_name="ExchangedTicket")
class ExchangedTicketSerializer(StrictSerializer):
    """A ticket that a booking is to have."""

    seat = serializers.CharField(
        max_length=12, help_text="The seat's label: one of the booking's, or a free one."
    )
    type = serializers.CharField(
        max_length=20,
        required=False,
        allow_null=True,
        help_text="Left out: as it is; for a new seat, that of a ticket given up.",
    )


@extend_schema_serializer(component_name="Exchange")
class ExchangeWriteSerializer(StrictSerializer):
    """A request to change seats."""

    tickets = ListField(
        child=ExchangedTicketSerializer(),
        allow_empty=False,
        max_length=MAX_TICKETS,
        help_text="All tickets that the booking is to have, as many as now: also those that stay.",
    )


def parse_exchange(data: Any) -> list[TicketRequest]:
    """Return the tickets that a booking is to have. Raises ValidationError."""
    serializer = ExchangeWriteSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    return _booking_input(serializer.validated_data).tickets


class CustomerWriteSerializer(StrictSerializer):
    """Who a booking at the counter is for, as far as staff know."""

    name = serializers.CharField(
        max_length=150, required=False, allow_blank=True, help_text="The name of the customer."
    )
    email = serializers.EmailField(
        max_length=254,
        required=False,
        allow_blank=True,
        validators=[validate_one_address],
        help_text="The address of the customer.",
    )


class CustomerSerializer(StrictSerializer):
    """Who a booking at the counter is for."""

    name = serializers.CharField(help_text="The name of the customer, or empty.")
    email = serializers.CharField(help_text="The address of the customer, or empty.")


@extend_schema_serializer(component_name="CounterBookingRequest")
class CounterBookingWriteSerializer(StrictSerializer):
    """A booking that staff make for a customer."""

    tickets = ListField(child=TicketRequestSerializer(), allow_empty=False, max_length=MAX_TICKETS)
    category = serializers.ChoiceField(
        SeatCategory.choices,
        required=False,
        allow_null=True,
        help_text="As in a booking by a customer.",
    )
    accessible = AccessibleSerializer(
        required=False, allow_null=True, help_text="As in a booking by a customer."
    )
    expected_total = ExpectedMoneySerializer(
        required=False, allow_null=True, help_text="As in a booking by a customer."
    )
    tender = serializers.ChoiceField(
        Tender.choices,
        required=False,
        help_text="What was paid with. Left out: nothing is paid yet.",
    )
    amount = AmountField(
        required=False, help_text="What was paid, as decimal text. Left out: the total."
    )
    currency = serializers.RegexField(
        "^[A-Z]{3}$",
        required=False,
        help_text="The currency of the amount. Left out: the cinema's, and no other is accepted.",
    )
    customer = CustomerWriteSerializer(required=False, help_text="Who the booking is for.")


class CounterSaleSerializer(StrictSerializer):
    """What staff recorded of a booking at the counter."""

    tender = serializers.ChoiceField(
        Tender.choices, allow_null=True, help_text="What was paid with; null if nothing was."
    )
    paid = MoneySerializer(allow_null=True, help_text="What was paid, or null.")
    customer = CustomerSerializer(help_text="Who the booking is for.")


class TicketSerializer(StrictSerializer):
    """One admission."""

    seat = serializers.CharField()
    type = serializers.CharField()
    price = MoneySerializer()
    status = serializers.ChoiceField(Ticket.Status.choices)
    code = serializers.CharField(
        help_text="What is scanned at the door once the booking is confirmed."
    )


class BookingSerializer(StrictSerializer):
    """A booking as its owner sees it."""

    reference = serializers.CharField()
    status = serializers.ChoiceField(Booking.Status.choices)
    held_until = serializers.DateTimeField(allow_null=True)
    cancel_until = serializers.DateTimeField(
        help_text="A confirmed booking can be cancelled until then."
    )
    show = ShowBriefSerializer()
    tickets = TicketSerializer(many=True)
    total = MoneySerializer(
        help_text="What its tickets cost, without those that were cancelled by themselves."
    )
    channel = serializers.ChoiceField(Channel.choices, help_text="Where it was made.")
    created_at = serializers.DateTimeField()


class CounterBookingSerializer(BookingSerializer):
    """A booking that staff made for a customer."""

    sale = CounterSaleSerializer(help_text="What was recorded of it.")


def serialize_sale(sale: CounterSale) -> dict[str, Any]:
    """Return what staff recorded of a booking."""
    paid = None if sale.amount is None else serialize_money(sale.amount, sale.currency)
    return {
        "tender": sale.tender or None,
        "paid": paid,
        "customer": {"name": sale.customer_name, "email": sale.customer_email},
    }


def parse_counter_booking(data: Any) -> tuple[BookingInput, CounterTerms]:
    """Return what staff ask for, and what they record of it. Raises ValidationError."""
    serializer = CounterBookingWriteSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    given = serializer.validated_data
    customer = given.get("customer") or {}
    terms = CounterTerms(
        tender=given.get("tender", ""),
        amount=given.get("amount"),
        currency=given.get("currency", ""),
        customer_name=customer.get("name", ""),
        customer_email=customer.get("email", ""),
    )
    return _booking_input(given), terms


def serialize_booking(
    booking: Booking | BookingDetails,
    show: ShowRecord,
    tickets: Iterable[TicketRecord],
    now: datetime,
) -> dict[str, Any]:
    """Return a booking as its owner sees it at a time: a hold past its time is expired."""
    effective_status = rules.effective_status(booking.status, booking.held_until, now)
    held_until = booking.held_until if effective_status == Booking.Status.HELD else None
    seats = get_plan(show.seat_plan_id).by_id
    return {
        "reference": booking.reference,
        "status": effective_status,
        "held_until": held_until and isoformat_in(held_until, show.timezone),
        "cancel_until": isoformat_in(booking.cancel_until, show.timezone),
        "show": show_summary_json(show),
        "tickets": [
            {
                "seat": seats[ticket.seat_id].label
                if ticket.seat_id in seats
                else get_seat_label(ticket.seat_id),
                "type": ticket.type_id,
                "price": serialize_money(ticket.price, booking.currency),
                "status": ticket.status,
                "code": ticket.code,
            }
            for ticket in tickets
        ],
        "total": serialize_money(booking.total, booking.currency),
        "channel": booking.channel,
        "created_at": isoformat_in(booking.created_at, show.timezone),
    }


def serialize_details(details: BookingDetails) -> dict[str, Any]:
    """Return a booking as its owner sees it, at the time it was read."""
    return serialize_booking(details, details.show, details.tickets, details.now)
