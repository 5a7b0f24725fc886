"""Bookings, tickets, seat claims and the history of bookings."""

from django.db import models
from django.db.models import F, Q

from marquee.accounts.models import User
from marquee.booking.states import (
    MAILED_KINDS,
    ActorKind,
    BookingStatus,
    Channel,
    EventKind,
    SeatState,
    Tender,
    TicketStatus,
)
from marquee.catalog.models import Seat, Show, TicketType
from marquee.core.codes import REFERENCE_LENGTH, TICKET_CODE_LENGTH


class Booking(models.Model):
    """A customer's tickets for one show, with a reference. Never deleted."""

    Status = BookingStatus

    # Unique by a constraint, here and below: `unique=True` would add a LIKE index on PostgreSQL.
    reference = models.CharField(max_length=REFERENCE_LENGTH)
    # The indexes below begin with these two columns, so the columns need no other index.
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    show = models.ForeignKey(
        Show, on_delete=models.PROTECT, related_name="bookings", db_index=False
    )
    status = models.CharField(max_length=10, choices=Status.choices)
    held_until = models.DateTimeField(null=True)
    # The cap on the whole life of a hold, whatever extends it; NULL without a hold.
    held_at_most_until = models.DateTimeField(null=True)
    extended_at = models.DateTimeField(null=True)
    total = models.PositiveBigIntegerField("total in minor units")
    currency = models.CharField(max_length=3)
    created_at = models.DateTimeField()
    # The terms of the sale, copied when the seats were held: when the show was to start, and until
    # when the booking may be cancelled. Only a show that moves changes the deadline.
    sold_starts_at = models.DateTimeField()
    cancel_until = models.DateTimeField()
    # When a cancelled booking or an expired hold released its seats; NULL in old rows.
    released_at = models.DateTimeField(null=True)
    # A keyed hash of the client's network, for limits; NULL for bookings by staff and imports.
    client_key = models.BigIntegerField(null=True)
    channel = models.CharField(
        max_length=7, choices=Channel.choices, default=Channel.API, db_default=Channel.API
    )
    # The language in which it was booked, for its mails; blank for the customer's.
    language = models.CharField(max_length=10, blank=True, default="", db_default="")
    # Incremented to revoke the links in its mails.
    link_epoch = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The key is a column of the booking that it made, so neither is stored without the other.
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
                condition=Q(held_until__isnull=True)
                | Q(held_at_most_until__isnull=False, held_until__lte=F("held_at_most_until")),
                name="booking_held_no_longer_than_its_cap",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(status__in=["cancelled", "expired"]),
                name="booking_released_only_when_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values), name="booking_channel_known"
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
    """Which booking has a seat at a show now. A seat that was never claimed has no row.

    The primary key (show, seat) makes a double sale impossible. `gen` counts the transitions of this
    seat at this show, and is never reset: it orders the versions. Only `claims.py` writes this table.

    On PostgreSQL the key's index includes state, `expires_at` and `gen` (migration 0002). A migration
    that removes one of these columns must recreate the key, as PostgreSQL drops it with the column.
    """

    State = SeatState

    pk = models.CompositePrimaryKey("show_id", "seat_id")
    # Bookings protect their show from deletion. A show without bookings is deleted with its blocks.
    show = models.ForeignKey(Show, on_delete=models.CASCADE, related_name="claims", db_index=False)
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=7, choices=State.choices)
    # Needs no index: we find claims through a booking's tickets, by the primary key.
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
    """One admission: a seat, a type, the price fixed when the seat was held, a code."""

    Status = TicketStatus

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="tickets")
    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="+", db_index=False)
    type = models.ForeignKey(TicketType, on_delete=models.PROTECT, related_name="+", db_index=False)
    price = models.PositiveIntegerField("price in minor units")
    status = models.CharField(max_length=5, choices=Status.choices, default=Status.VALID)
    used_at = models.DateTimeField(null=True)
    # When it was cancelled by itself; NULL for a ticket that is void with its whole booking.
    released_at = models.DateTimeField(null=True)
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
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(status="void"),
                name="ticket_released_only_when_void",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class CounterSale(models.Model):
    """What staff record of a booking that they make at the counter. It is no ledger."""

    Tender = Tender

    booking = models.OneToOneField(
        Booking, on_delete=models.PROTECT, primary_key=True, related_name="counter_sale"
    )
    tender = models.CharField(max_length=9, choices=Tender.choices, blank=True)
    amount = models.PositiveBigIntegerField("amount in minor units", null=True)
    currency = models.CharField(max_length=3, blank=True)
    customer_name = models.CharField(max_length=150, blank=True)
    customer_email = models.EmailField(max_length=254, blank=True)
    # The ids of the seats that were blocked. They are blocked again when their tickets are cancelled.
    blocked_seats = models.JSONField(default=list)

    class Meta:
        db_table = "counter_sale"
        indexes = [
            models.Index(
                fields=["booking"],
                condition=~Q(customer_name="", customer_email=""),
                name="counter_sale_with_customer",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(tender="", amount__isnull=True, currency="")
                | (Q(tender__in=Tender.values, amount__isnull=False) & ~Q(currency="")),
                name="counter_sale_paid_with_something_or_not_at_all",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking_id} {self.tender}"


class BookingEvent(models.Model):
    """An event in the history of a booking: append-only, in the transaction of the change."""

    Kind = EventKind

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    # Empty in events from before this was recorded, and of scripts. The defaults are the database's, too, so that
    # statements of our own may leave the columns out.
    by = models.CharField(
        max_length=8, blank=True, choices=ActorKind.choices, default="", db_default=""
    )
    # Nobody looks events up by their actor, and an index would slow each booking.
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.TextField(blank=True, default="", db_default="")

    class Meta:
        db_table = "booking_event"
        ordering = ["id"]
        indexes = [
            # For the mails of what happened lately. Holds, the most frequent kind, have none.
            models.Index(
                fields=["at"], condition=Q(kind__in=MAILED_KINDS), name="booking_event_to_mail"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(by__in=["customer", "staff"], actor__isnull=False)
                | Q(by__in=["", "worker"], actor__isnull=True),
                name="booking_event_has_a_known_actor",
            ),
            models.CheckConstraint(
                condition=~Q(kind="undone", reason=""), name="booking_event_undone_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return EventKind(self.kind).label
