"""Bookings, their tickets, who has which seat, and the history of it all."""

from django.db import models
from django.db.models import Q

from marquee.accounts.models import User
from marquee.booking.states import BookingStatus, EventKind, SeatState, TicketStatus
from marquee.catalog.models import Seat, Show, TicketType
from marquee.core.codes import REFERENCE_LENGTH, TICKET_CODE_LENGTH


class Booking(models.Model):
    """What a customer makes: one show, some tickets, a reference. Never deleted."""

    Status = BookingStatus

    # Here and below unique by a constraint: `unique=True` would add an index for LIKE, on PostgreSQL.
    reference = models.CharField(max_length=REFERENCE_LENGTH)
    # The indexes below begin with these two columns, so they need none of their own.
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    show = models.ForeignKey(
        Show, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices)
    held_until = models.DateTimeField(null=True)
    total = models.PositiveBigIntegerField("total in minor units")
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    # When a cancelled booking or a hold that ran out gave its seats back; empty for older ones.
    released_at = models.DateTimeField(null=True)
    # A keyed hash of the network that it was made from, for limits; none for staff's and imported ones.
    client_key = models.BigIntegerField(null=True)
    # The key is a column of what it made, so that neither can be stored without the other.
    idempotency_key = models.CharField(max_length=255, null=True)  # noqa: DJ001 (unique, or none)
    request_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "booking"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["reference"], name="booking_reference_unique"),
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=Q(idempotency_key__isnull=False),
                name="booking_key_unique_for_user",
            ),
            models.CheckConstraint(
                condition=Q(status="held", held_until__isnull=False)
                | Q(status__in=["confirmed", "cancelled", "expired"], held_until__isnull=True),
                name="booking_status_known_and_held_until_a_time",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(status__in=["cancelled", "expired"]),
                name="booking_released_only_when_it_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["show", "user"], name="booking_by_show"),
            models.Index(fields=["user", "-created_at", "-id"], name="booking_by_user"),
            models.Index(
                fields=["held_until"], condition=Q(status="held"), name="booking_by_expiry"
            ),
            models.Index(
                fields=["show", "client_key"],
                condition=Q(client_key__isnull=False, status__in=["held", "confirmed"]),
                name="booking_by_client",
            ),
            models.Index(
                fields=["client_key"],
                condition=Q(client_key__isnull=False, status="held"),
                name="booking_holds_by_client",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class SeatClaim(models.Model):
    """Who has a seat at a show now. A seat nobody ever asked for has no row.

    The key of (show, seat) is what makes a double sale impossible. `gen` counts the transitions
    of this seat at this show, never reset: its version order. Only `claims.py` writes here.

    On PostgreSQL the key's index includes state, end and `gen` (migration 0002). Whoever removes one
    of these columns must make the key anew, as PostgreSQL drops it with them.
    """

    State = SeatState

    pk = models.CompositePrimaryKey("show_id", "seat_id")
    # A show that was booked is protected by its bookings; one that never was takes its blocks along.
    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="claims", db_index=False)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=State.choices)
    # Reached through the tickets of a booking, whose seats are half of the key: needs no index.
    booking = models.ForeignKey(
        Booking, on_delete=models.PROTECT, null=True, related_name="claims", db_index=False
    )
    expires_at = models.DateTimeField(null=True)
    gen = models.PositiveBigIntegerField()

    class Meta:
        db_table = "seat_claim"
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", booking__isnull=False, expires_at__isnull=False)
                | Q(state="sold", booking__isnull=False, expires_at__isnull=True)
                | Q(state__in=["free", "blocked"], booking__isnull=True, expires_at__isnull=True),
                name="seat_claim_state_has_its_owner",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} at {self.show_id}: {self.state}"


class Ticket(models.Model):
    """One admission: a seat, a type, the price settled when the seat was held, a code."""

    Status = TicketStatus

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="tickets")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", db_index=False)
    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="+", db_index=False)
    price = models.PositiveIntegerField("price in minor units")
    status = models.CharField(max_length=5, choices=Status.choices, default=Status.VALID)
    used_at = models.DateTimeField(null=True)
    code = models.CharField(max_length=TICKET_CODE_LENGTH)

    class Meta:
        db_table = "ticket"
        ordering = ["booking", "id"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="ticket_code_unique"),
            models.CheckConstraint(
                condition=Q(status="used", used_at__isnull=False)
                | Q(status__in=["valid", "void"], used_at__isnull=True),
                name="ticket_status_known_and_used_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class BookingEvent(models.Model):
    """What happened to a booking, and when: append-only, written with the change itself."""

    Kind = EventKind

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()

    class Meta:
        db_table = "booking_event"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.kind}"
