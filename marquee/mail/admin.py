"""Mails that were not delivered, in the back office: read-only, and staff can send them again."""

from datetime import datetime

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from marquee.booking.admin import ReadOnlyAdmin
from marquee.core.admin import confirm_first, run_for_each
from marquee.core.clock import database_now
from marquee.core.zones import write_time
from marquee.mail import outbox, queries
from marquee.mail.models import Message
from marquee.mail.states import MailKind, MessageState


def _write(moment: datetime | None) -> str:
    """Return a time by the office's clock, which pages of no cinema show."""
    return "-" if moment is None else write_time(moment, timezone.get_current_timezone_name())


def _about(message: Message) -> str:
    if message.booking_event is not None:
        return f"Booking {message.booking_event.booking}"
    return str(message.account_event)


def _describe(message: Message) -> str:
    address = queries.address_of(message) or "nobody"
    return f"“{MailKind(message.kind).label}” to {address}: {_about(message)}"


@admin.register(Message)
class UndeliveredMailAdmin(ReadOnlyAdmin):
    """Mails that were given up, and those that are late. The others are nobody's concern."""

    list_display = ["what", "about", "address", "where_it_is", "attempts", "last_answer", "since"]
    fields = [
        "what", "about", "address", "where_it_is", "attempts", "last_answer", "since", "next_try",
        "tried_from",
    ]  # fmt: skip
    list_filter = ["state", "kind"]
    list_display_links = ["what"]
    list_select_related = list(outbox.WITH_ITS_EVENT)
    ordering = ["-created_at", "-id"]
    actions = ["send_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        """Return the mails that staff should look at, with what they are about."""
        return queries.undelivered(database_now()).select_related(*outbox.WITH_ITS_EVENT)

    @admin.display(description="mail", ordering="kind")
    def what(self, message: Message) -> str:
        """Return what the mail says."""
        return MailKind(message.kind).label

    @admin.display(description="about")
    def about(self, message: Message) -> str:
        """Return the booking, or what happened to the account."""
        return _about(message)

    @admin.display(description="address now")
    def address(self, message: Message) -> str:
        """Return where the mail would go now. It is not stored: it may have been corrected since."""
        return queries.address_of(message) or "(none any more)"

    @admin.display(description="state", ordering="state")
    def where_it_is(self, message: Message) -> str:
        """Return whether it is given up or late."""
        late = ", late" if message.state != MessageState.DEAD else ""
        return f"{MessageState(message.state).label}{late}"

    @admin.display(description="last answer of the mail server")
    def last_answer(self, message: Message) -> str:
        """Return why it was not sent."""
        return message.error or "(not tried yet)"

    @admin.display(description="since", ordering="created_at")
    def since(self, message: Message) -> str:
        """Return when the mail was due first."""
        return _write(message.created_at)

    @admin.display(description="next try")
    def next_try(self, message: Message) -> str:
        """Return when it is tried next, if it is."""
        return _write(None if message.state == MessageState.DEAD else message.next_at)

    @admin.display(description="tried for another day from")
    def tried_from(self, message: Message) -> str:
        """Return when staff last sent it again, or when its turn was."""
        return _write(message.again_at)

    @admin.action(description="Send again")
    @confirm_first(
        "Send again",
        lambda messages: (
            "The worker tries them for another day, with what is so by then. Where there is nothing to "
            "say any more, it sends nothing."
        ),
        _describe,
        is_final=False,
    )
    def send_again(self, request: HttpRequest, messages: QuerySet[Message]) -> None:
        """Let the worker try the chosen mails again."""
        run_for_each(
            self,
            request,
            messages,
            lambda one: outbox.send_again(message=one),
            record="Sent again.",
        )
