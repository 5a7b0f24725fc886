"""The outbox: one row for each mail, made from what happened, sent by the worker."""

from django.db import models
from django.db.models import Q

from marquee.accounts.models import AccountEvent
from marquee.booking.models import BookingEvent
from marquee.mail.states import MailKind, MessageState, Recipient


class OutboxStart(models.Model):
    """The one row that says since when events are mailed: never those before, such as a demo's."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    since = models.DateTimeField()

    class Meta:
        db_table = "outbox_start"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="outbox_start_once")]

    def __str__(self) -> str:
        return f"Since {self.since:%Y-%m-%d %H:%M}"


class Message(models.Model):
    """A mail that tells somebody of an event: of each kind one for an event and a recipient.

    It holds neither the address nor the text: both are made of what is so when it is sent.
    """

    State = MessageState

    booking_event = models.ForeignKey(
        BookingEvent, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    account_event = models.ForeignKey(
        AccountEvent, on_delete=models.PROTECT, null=True, related_name="messages", db_index=False
    )
    kind = models.CharField(max_length=10, choices=MailKind.choices)
    recipient = models.CharField(max_length=8, choices=Recipient.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    # When to try next; while it is being sent, when another worker may take it.
    next_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    # What the mail server said the last time, without addresses.
    error = models.TextField(blank=True)
    # From when it is tried for another day: staff asked to send it again, or its turn is then.
    again_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "message"
        ordering = ["id"]
        verbose_name = "undelivered mail"
        constraints = [
            models.UniqueConstraint(
                fields=["booking_event", "kind", "recipient"],
                condition=Q(booking_event__isnull=False),
                name="message_once_for_a_booking_event",
            ),
            models.UniqueConstraint(
                fields=["account_event", "kind", "recipient"],
                condition=Q(account_event__isnull=False),
                name="message_once_for_an_account_event",
            ),
            models.CheckConstraint(
                condition=Q(booking_event__isnull=True, account_event__isnull=False)
                | Q(booking_event__isnull=False, account_event__isnull=True),
                name="message_of_one_event",
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["due", "sending", "dead", "dropped"], sent_at__isnull=True),
                name="message_sent_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(state__in=["due", "sending"]), name="message_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{MailKind(self.kind).label}: {MessageState(self.state).label}"
