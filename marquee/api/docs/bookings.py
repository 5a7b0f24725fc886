"""OpenAPI texts and examples of `bookings/`."""

from drf_spectacular.utils import OpenApiExample, OpenApiParameter

from marquee.api.docs.operations import operation
from marquee.api.docs.shows import BRIEF
from marquee.api.serializers.bookings import (
    BookingSerializer,
    BookingWriteSerializer,
    CancellationWriteSerializer,
    ConfirmationWriteSerializer,
    CounterBookingSerializer,
    CounterBookingWriteSerializer,
    ExchangeWriteSerializer,
)
from marquee.api.serializers.strict import KEY_PATTERN
from marquee.booking import errors

TAGS = ["bookings"]


EXAMPLE_TICKETS = [{"seat": "C7", "type": "adult"}, {"seat": "C8", "type": "child"}]
TOTAL_EXAMPLE = {"amount": "21.50", "currency": "EUR"}
# Terms that customers must observe: see booking/operations/ticket_terms.py.
TERMS = (
    errors.CounterOnly,
    errors.NeedsAnother,
    errors.CompanionWithoutSpace,
    errors.WheelchairLimit,
)
BOOKING_EXAMPLE = OpenApiExample(
    "A confirmed booking",
    response_only=True,
    value={
        "reference": "K7Q2MXW4",
        "status": "confirmed",
        "held_until": None,
        "cancel_until": "2031-11-24T19:45:00+01:00",
        "show": BRIEF,
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
        "channel": "api",
        "created_at": "2031-11-23T14:02:11+01:00",
    },
)  # fmt: skip


KEY_PARAMETERS = [
    OpenApiParameter(
        "Idempotency-Key",
        {"type": "string", "pattern": KEY_PATTERN},
        OpenApiParameter.HEADER,
        # No example: Swagger would send it with every booking.
        description="1 to 255 visible ASCII characters, new for each booking, such as a UUID.",
    ),
    OpenApiParameter(
        "Idempotent-Replayed",
        str,
        OpenApiParameter.HEADER,
        response=[201],
        enum=["true"],
        description="The key was used before: this booking already existed.",
    ),
]
COUNTER_EXAMPLE = OpenApiExample(
    "A booking at the counter",
    response_only=True,
    value=BOOKING_EXAMPLE.value
    | {
        "channel": "counter",
        "sale": {
            "tender": "cash",
            "paid": TOTAL_EXAMPLE,
            "customer": {"name": "Ada Lovelace", "email": "ada@example.com"},
        },
    },
)


create = operation(
    operation_id="booking_create",
    tags=TAGS,
    summary="Book or hold seats",
    description=(
        "Books all requested seats, or none. Name every `seat`, or leave out every `seat` to get the "
        "best available seats together: ordinary seats of the cheapest category that has enough, or of "
        "the `category` named, or with as many wheelchair spaces and companion seats as `accessible` "
        "says. `type` defaults to the price card's default type. With "
        "`hold` the seats are held for some minutes, to be confirmed or cancelled; without it the "
        "booking is confirmed at once. Prices are fixed now; send an `expected_total` to be refused "
        "with `price_changed` if they add up to anything else.\n\n"
        "Each companion seat, and each ticket whose price says what it `needs`, requires such a "
        "ticket of its own in the same booking: a carer requires a wheelchair space. Staff may "
        "book without these terms.\n\n"
        "Where the cinema's `single_gaps` is `refuse`, a choice of seats that would leave one seat alone is "
        "refused with `single_gap` while a better one exists, which it names. Staff may leave seats alone.\n\n"
        "Send an `Idempotency-Key` to be safe against a lost response: the same key with the same "
        "request returns the booking that it made, with `Idempotent-Replayed: true`.\n\n"
        "Mails about the booking are in the first language of `Accept-Language` that there is, else "
        "in that of the account."
    ),
    parameters=KEY_PARAMETERS,
    request=BookingWriteSerializer,
    responses={201: BookingSerializer},
    examples=[
        OpenApiExample("Two seats", {"tickets": EXAMPLE_TICKETS}, request_only=True),
        OpenApiExample("Best available", {"tickets": [{}, {}]}, request_only=True),
        OpenApiExample(
            "Best premium seats, at a price known",
            {"tickets": [{}, {}], "category": "premium", "expected_total": TOTAL_EXAMPLE},
            request_only=True,
        ),
        OpenApiExample(
            "A wheelchair space and a companion seat",
            {
                "tickets": [{"type": "adult"}, {"type": "carer"}],
                "accessible": {"wheelchairs": 1, "companions": 1},
            },
            request_only=True,
        ),
        OpenApiExample(
            "Hold one seat", {"tickets": [{"seat": "C7"}], "hold": True}, request_only=True
        ),
        BOOKING_EXAMPLE,
    ],
    refusals=(
        errors.SeatsTaken,
        errors.SoldOut,
        errors.SalesNotOpen,
        errors.SalesClosed,
        errors.ShowCalledOff,
        errors.SeatLimit,
        errors.UnpaidLimit,
        errors.HoldLimit,
        errors.TooManyHolds,
        errors.CoolingDown,
        errors.SingleGap,
        errors.EmailNotVerified,
        *TERMS,
        errors.UnknownSeat,
        errors.UnknownTicketType,
        errors.PriceChanged,
        errors.KeyReused,
    ),
)


list_own = operation(
    operation_id="booking_list",
    tags=TAGS,
    summary="List my bookings",
    description="Lists your bookings, the newest first.",
    examples=[BOOKING_EXAMPLE],
)


retrieve = operation(
    operation_id="booking_read",
    tags=TAGS,
    summary="Read my booking",
    description="Returns one of your bookings by its reference. Another customer's booking is a 404.",
    responses=BookingSerializer,
    examples=[BOOKING_EXAMPLE],
)


confirm = operation(
    operation_id="booking_confirm",
    tags=TAGS,
    summary="Confirm my hold",
    description=(
        "Turns a hold into a confirmed booking at the prices of the hold. Confirming twice changes "
        "nothing. An expired hold can still be confirmed while all its seats are free, at the prices "
        "of now: if they fell, you pay the lower ones; if they rose, the request is refused with "
        "`price_changed` until you send the new total as `expected_total`."
    ),
    request=ConfirmationWriteSerializer,
    responses=BookingSerializer,
    examples=[
        OpenApiExample("At the price of the hold", {}, request_only=True),
        OpenApiExample(
            "At a price that rose", {"expected_total": TOTAL_EXAMPLE}, request_only=True
        ),
        BOOKING_EXAMPLE,
    ],
    refusals=(
        errors.HoldExpired,
        errors.NotHeld,
        errors.ShowCalledOff,
        errors.SalesNotOpen,
        errors.SalesClosed,
        errors.SeatLimit,
        errors.UnpaidLimit,
        errors.PriceChanged,
        errors.EmailNotVerified,
        *TERMS,
    ),
)


extend = operation(
    operation_id="booking_extend",
    tags=TAGS,
    summary="Keep my hold for longer",
    description=(
        "Holds the seats for the usual time from now on. A hold is extended once, and ends 30 minutes "
        "after it was made at the latest (the setting HOLD_MAX_MINUTES): `held_until` says when. A hold "
        "that has run out is not extended; confirm it while its seats are free."
    ),
    request=None,
    responses=BookingSerializer,
    examples=[
        OpenApiExample(
            "A hold",
            BOOKING_EXAMPLE.value | {"status": "held", "held_until": "2031-11-23T14:18:11+01:00"},
            response_only=True,
        )
    ],
    refusals=(errors.CannotExtend, errors.NotHeld, errors.HoldExpired),
)


exchange = operation(
    operation_id="booking_exchange",
    tags=TAGS,
    summary="Change my seats",
    description=(
        "Gives the booking other seats of its show: all of them, or none. Send every ticket that it is "
        "to have, as many as now, also those that stay. A ticket whose seat and `type` stay keeps its "
        "price and its code. The others become void, and new ones are made at the prices of now, with new "
        "codes: at the gate a void one is refused, with the seats that the booking has instead. "
        "Without a `type` a new seat gets that of a ticket given up.\n\n"
        "Possible for a hold, and for a confirmed booking until `cancel_until`; both while the show is on "
        "sale. The seats together must meet the terms of a new booking, and must not cost more than now "
        "(`exchange_costs_more`); if they cost less, the total falls. Seats that others took meanwhile are "
        "refused with `seats_taken`, and the booking keeps what it has. Sending the same again changes "
        "nothing. A hold ends when it was to end."
    ),
    request=ExchangeWriteSerializer,
    responses=BookingSerializer,
    examples=[
        OpenApiExample(
            "One seat stays",
            {"tickets": [{"seat": "C7"}, {"seat": "C9", "type": "child"}]},
            request_only=True,
        ),
        OpenApiExample(
            "Other seats", {"tickets": [{"seat": "D5"}, {"seat": "D6"}]}, request_only=True
        ),
        BOOKING_EXAMPLE,
    ],
    refusals=(
        errors.SeatsTaken,
        errors.ExchangeCostsMore,
        errors.TooLateToExchange,
        errors.AlreadyUsed,
        errors.NotHeld,
        errors.HoldExpired,
        errors.ShowCalledOff,
        errors.SalesNotOpen,
        errors.SalesClosed,
        errors.HoldLimit,
        errors.CoolingDown,
        errors.SingleGap,
        *TERMS,
        errors.UnknownSeat,
        errors.UnknownTicketType,
    ),
)


cancel = operation(
    operation_id="booking_cancel",
    tags=TAGS,
    summary="Cancel my booking",
    description=(
        "Releases the seats: of a hold at any time, of a confirmed booking until `cancel_until`. "
        "Name some `tickets`, by their codes or seats, to cancel only these: the booking stays with the "
        "others, which its `total` then is of, and ends when none is left. Cancelling twice changes "
        "nothing. A carer or a companion seat does not stay without its wheelchair space."
    ),
    request=CancellationWriteSerializer,
    responses=BookingSerializer,
    examples=[
        OpenApiExample("All tickets", {}, request_only=True),
        OpenApiExample("One ticket", {"tickets": ["C8"]}, request_only=True),
        BOOKING_EXAMPLE,
    ],
    refusals=(
        errors.TooLateToCancel,
        errors.AlreadyUsed,
        errors.NotHeld,
        errors.NeedsAnother,
        errors.CompanionWithoutSpace,
    ),
)


create_at_counter = operation(
    operation_id="booking_create_at_counter",
    tags=TAGS,
    summary="Book for a customer at the counter",
    description=(
        "Books seats for a customer, without the limits and terms of customers: also seats "
        "that are blocked, if they are named, and until the show ends. `tender`, `amount` and "
        "`currency` record what was paid; nothing is checked against the total. The booking is the member "
        "of staff's, who can read and cancel it while they may sell there. Cancelled seats that were blocked are blocked again."
    ),
    parameters=KEY_PARAMETERS,
    request=CounterBookingWriteSerializer,
    responses={201: CounterBookingSerializer},
    examples=[
        OpenApiExample(
            "Two seats for cash",
            {
                "tickets": EXAMPLE_TICKETS,
                "tender": "cash",
                "amount": "21.50",
                "currency": "EUR",
                "customer": {"name": "Ada Lovelace", "email": "ada@example.com"},
            },
            request_only=True,
        ),
        COUNTER_EXAMPLE,
    ],
    refusals=(
        errors.SeatsTaken,
        errors.SoldOut,
        errors.SalesClosed,
        errors.ShowCalledOff,
        errors.UnknownSeat,
        errors.UnknownTicketType,
        errors.PriceChanged,
        errors.KeyReused,
    ),
)
