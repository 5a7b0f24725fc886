"""`bookings/`: book or hold seats, and read, confirm and cancel one's own bookings."""

import re
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import orjson
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.generics import ListAPIView
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from marquee.accounts.permissions import Audience, Right
from marquee.accounts.rate_limits import client_networks
from marquee.api import actors
from marquee.api.authentication import (
    ActiveAccountAuthentication,
    StatelessJWTAuthentication,
    TokenUser,
)
from marquee.api.caching import CachedResponse
from marquee.api.conditional import run_if_match
from marquee.api.docs import bookings as docs
from marquee.api.filters import ChoiceFilter, FilterSet
from marquee.api.permissions import IsStaff, require
from marquee.api.resources.shows import cinema_of_show
from marquee.api.serializers.bookings import (
    BookingSerializer,
    parse_cancellation,
    parse_confirmation,
    parse_counter_booking,
    parse_exchange,
    parse_fast,
    parse_with_serializer,
    serialize_booking,
    serialize_details,
    serialize_sale,
)
from marquee.api.serializers.strict import KEY_PATTERN, require_empty_body
from marquee.api.views import APIViewMixin, BaseAPIView
from marquee.booking import queries
from marquee.booking.models import Booking, CounterSale
from marquee.booking.operations import (
    book,
    cancel,
    confirm,
    exchange,
    extend,
    if_unchanged,
)
from marquee.booking.records import Client
from marquee.booking.states import Channel
from marquee.catalog.models import Show
from marquee.core.actor import act_as_staff
from marquee.core.errors import BadInput

# The visible characters of a header (RFC 9110), up to the width of the column.
IDEMPOTENCY_KEY = re.compile(KEY_PATTERN)


class CreateBookingView(BaseAPIView):
    """`shows/{id}/bookings/`."""

    # The booking checks the account under its own lock, so authentication needs no query.
    authentication_classes = [StatelessJWTAuthentication]
    permission_classes = [IsAuthenticated]
    etag_actions = frozenset({"post"})

    @docs.create
    def post(self, request: Request, show_id: int) -> HttpResponse:
        """Book or hold seats, and return the booking."""
        user = cast("TokenUser", request.user)
        asked = parse_fast(request.data) or parse_with_serializer(request.data)
        try:
            result = book(
                user_id=user.pk,
                token_epoch=user.epoch,
                show_id=show_id,
                tickets=asked.tickets,
                hold=asked.hold,
                choice=asked.choice,
                expected_total=asked.expected_total,
                key=_idempotency_key(request),
                client=_client(request),
                actor=actors.customer(request),
            )
        except Show.DoesNotExist:
            raise NotFound from None
        headers = {"Location": _booking_url(request, result.booking)}
        if result.show is None:
            headers["Idempotent-Replayed"] = "true"
            return _read(result.booking).written(status.HTTP_201_CREATED, headers)
        now = result.booking.created_at
        body = serialize_booking(result.booking, result.show, result.tickets, now)
        return _with_etag(body).written(status.HTTP_201_CREATED, headers)


class CounterBookingView(BaseAPIView):
    """`shows/{id}/counter-bookings/`."""

    permission_classes = [IsStaff]
    right = Right.SELL

    @docs.create_at_counter
    def post(self, request: Request, show_id: int) -> Response:
        """Book seats for a customer, and return the booking with what was recorded of it."""
        require(request, self.right, cinema_of_show(show_id))
        user: Any = request.user
        asked, terms = parse_counter_booking(request.data)
        try:
            result = book(
                user_id=user.pk,
                token_epoch=user.token_epoch,
                show_id=show_id,
                tickets=asked.tickets,
                choice=asked.choice,
                expected_total=asked.expected_total,
                key=_idempotency_key(request),
                client=Client(language=actors.language(request)),
                actor=actors.staff(request),
                counter=terms,
            )
        except Show.DoesNotExist:
            raise NotFound from None
        headers = {"Location": _booking_url(request, result.booking)}
        if result.is_replay:
            headers["Idempotent-Replayed"] = "true"
        sale = CounterSale.objects.get(booking=result.booking.pk)
        body = _serialize(result.booking) | {"sale": serialize_sale(sale)}
        return Response(body, status.HTTP_201_CREATED, headers=headers)


def _client(request: Request) -> Client:
    return Client(client_networks(request.META)[-1], actors.language(request))


def _idempotency_key(request: Request) -> str | None:
    key = request.META.get("HTTP_IDEMPOTENCY_KEY")
    if key is not None and not IDEMPOTENCY_KEY.fullmatch(key):
        raise BadInput(
            "A key is 1 to 255 visible ASCII characters; a UUID is a good one.",
            field="Idempotency-Key",
        )
    return key


def _booking_url(request: Request, booking: Booking) -> str:
    return f"{request.scheme}://{request.get_host()}{_bookings_path()}{booking.reference}/"


@cache
def _bookings_path() -> str:
    return reverse("bookings")


def _read(booking: Booking) -> CachedResponse:
    """Read a booking again, and return it as its owner sees it, with its ETag."""
    return _with_etag(_serialize(booking))


def _serialize(booking: Booking) -> dict[str, Any]:
    details = cast("queries.BookingDetails", queries.get_booking_details(booking.pk))
    return serialize_details(details)


def _with_etag(body: dict[str, Any]) -> CachedResponse:
    return CachedResponse.private(orjson.dumps(body))


class BookingFilter(FilterSet):
    """The filters of one's own bookings."""

    status = ChoiceFilter(
        choices=Booking.Status.choices,
        method="filter_status",
        help_text="The status now: a hold past its time is `expired`.",
    )
    upcoming = ChoiceFilter(
        choices=[("true", "yes"), ("false", "no")],
        method="filter_upcoming",
        help_text="`true`: shows that have not ended; `false`: those that have.",
    )

    def filter_status(self, rows: QuerySet[Booking], name: str, value: str) -> QuerySet[Booking]:
        """Keep the bookings with this status."""
        return rows.filter(queries.effective_status_q(value))

    def filter_upcoming(self, rows: QuerySet[Booking], name: str, value: str) -> QuerySet[Booking]:
        """Keep the bookings of shows that have not ended, or of those that have."""
        return queries.filter_upcoming(rows) if value == "true" else queries.filter_past(rows)


class BookingListView(APIViewMixin, ListAPIView[Booking]):
    """`bookings/`."""

    authentication_classes = [ActiveAccountAuthentication]
    permission_classes = [IsAuthenticated]
    filterset_class = BookingFilter
    serializer_class = BookingSerializer

    def get_queryset(self) -> QuerySet[Booking]:
        """Return the caller's bookings, the newest first."""
        return Booking.objects.only("pk").filter(user=self.request.user.pk)

    @docs.list_own
    def get(self, request: Request) -> Response:
        """Return a page of the caller's bookings."""
        chosen = None  # nearly every request: one query reads ids and details
        if self.filterset_class.base_filters.keys() & request.query_params.keys():
            chosen = self.filter_queryset(self.get_queryset())
        rows: Any = queries.UserBookings(cast("TokenUser", request.user).pk, chosen)
        bookings = self.paginate_queryset(rows) or []
        return self.get_paginated_response([serialize_details(details) for details in bookings])


class OwnBookingView(BaseAPIView):
    """The base of views of one of the caller's own bookings. Those of others are a 404.

    What staff sold at the counter is theirs while they may sell there, and what they do to it staff do.
    """

    audience = Audience.OWNER
    authentication_classes = [ActiveAccountAuthentication]
    permission_classes = [IsAuthenticated]

    def get_own_booking(self, request: Request, reference: str) -> Booking:
        """Return the booking if it is the caller's. Raises 404."""
        booking = queries.find_own_booking(
            user_id=cast("TokenUser", request.user).pk, reference=reference
        )
        if booking is None:
            raise NotFound
        if booking.channel == Channel.COUNTER:
            act_as_staff(booking.user_id)
        return booking

    def changed(
        self, request: Request, booking: Booking, change: Callable[[], object]
    ) -> HttpResponse:
        """Change the booking, and return it. Refuses with PreconditionFailed, and as the change does."""
        run_if_match(
            request,
            etag=lambda: _read(booking).etag,
            change=change,
            guard=partial(if_unchanged, booking=booking),
        )
        return _read(booking).written(status.HTTP_200_OK, {})


class BookingDetailView(OwnBookingView):
    """`bookings/{reference}/`."""

    etag_actions = frozenset({"get"})

    @docs.retrieve
    def get(self, request: Request, reference: str) -> HttpResponseBase:
        """Return the booking."""
        return _read(self.get_own_booking(request, reference)).respond(request)


class ConfirmBookingView(OwnBookingView):
    """`bookings/{reference}/confirm/`."""

    etag_actions = if_match_actions = frozenset({"post"})

    @docs.confirm
    def post(self, request: Request, reference: str) -> HttpResponse:
        """Confirm a hold, and return the booking."""
        expected_total = parse_confirmation(request.data)
        booking = self.get_own_booking(request, reference)
        actor = actors.owner(booking)
        return self.changed(
            request,
            booking,
            lambda: confirm(booking=booking, expected_total=expected_total, actor=actor),
        )


class ExtendBookingView(OwnBookingView):
    """`bookings/{reference}/extend/`."""

    etag_actions = if_match_actions = frozenset({"post"})

    @docs.extend
    def post(self, request: Request, reference: str) -> HttpResponse:
        """Keep a hold for longer, and return the booking."""
        require_empty_body(request.data)
        booking = self.get_own_booking(request, reference)
        change = partial(extend, booking=booking, actor=actors.owner(booking))
        return self.changed(request, booking, change)


class ExchangeSeatsView(OwnBookingView):
    """`bookings/{reference}/exchange/`."""

    etag_actions = if_match_actions = frozenset({"post"})

    @docs.exchange
    def post(self, request: Request, reference: str) -> HttpResponse:
        """Change the seats of a booking, and return it."""
        tickets = parse_exchange(request.data)
        booking = self.get_own_booking(request, reference)
        actor = actors.owner(booking)
        change = partial(exchange, booking=booking, tickets=tickets, actor=actor)
        return self.changed(request, booking, change)


class CancelBookingView(OwnBookingView):
    """`bookings/{reference}/cancel/`."""

    etag_actions = if_match_actions = frozenset({"post"})

    @docs.cancel
    def post(self, request: Request, reference: str) -> HttpResponse:
        """Cancel a booking or some of its tickets, and return it."""
        tickets = parse_cancellation(request.data)
        booking = self.get_own_booking(request, reference)
        actor = actors.owner(booking)
        change = partial(cancel, booking=booking, tickets=tickets, actor=actor)
        return self.changed(request, booking, change)
