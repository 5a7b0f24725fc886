"""Bookings in the back office: read-only, with actions that call operations."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from marquee.accounts import queries as account_queries
from marquee.accounts import rules as account_rules
from marquee.accounts.admin import UserAdmin as BaseUserAdmin
from marquee.accounts.models import User
from marquee.booking import operations, queries, rules
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.records import Actor
from marquee.booking.states import BookingStatus
from marquee.catalog.admin import ReadOnlyInline, ShowAdmin
from marquee.catalog.models import Show
from marquee.core.admin import confirm_first, count_with_noun, posted_reason, run_for_each
from marquee.core.clock import DatabaseNow
from marquee.core.money import Money
from marquee.core.zones import write_time


def _name(show: Show) -> str:
    return f"{show.movie}, {show.auditorium}, {show.written_start}"


def _staff(request: HttpRequest) -> Actor:
    user: Any = request.user
    return Actor.staff(user.pk)


def _name_ticket(ticket: Ticket) -> str:
    """Return what a ticket admits to, and when it did if it was used."""
    show = ticket.booking.show
    used = f", used {write_time(ticket.used_at, show.timezone)}" if ticket.used_at else ""
    return f"{ticket}, {ticket.seat.label}, {ticket.type}, booking {ticket.booking}, {_name(show)}{used}"


class TicketInline(ReadOnlyInline):
    """The tickets of a booking."""

    model = Ticket
    fields = ("seat", "type", "price", "status", "used_at", "code")


class EventInline(ReadOnlyInline):
    """The history of a booking."""

    model = BookingEvent
    fields = ("kind", "at", "by", "actor", "reason")


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """A read-only admin. Only actions change rows, by calling operations."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: customers book."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: bookings and tickets are never deleted."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False for a single row, which makes its page read-only; the list keeps its actions."""
        return obj is None and super().has_change_permission(request)


@admin.register(Booking)
class BookingAdmin(ReadOnlyAdmin):
    """The list and the pages of bookings."""

    list_display = ["reference", "user", "movie", "starts", "current_status", "price"]
    fields = [
        "reference",
        "user",
        "show",
        "starts",
        "current_status",
        "held_until",
        "price",
        "created_at",
    ]
    list_filter = ["status", "show__auditorium__cinema", "created_at"]
    list_select_related = ["user", "show__movie", "show__auditorium__cinema"]
    search_fields = ["reference", "user__email"]
    search_help_text = "A reference, or an e-mail address."
    show_full_result_count = False  # counting a million rows for a list of a hundred
    inlines = [TicketInline, EventInline]
    actions = ["cancel_bookings", "confirm_bookings"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        """Return the bookings, each with the database's time."""
        bookings: QuerySet[Booking] = super().get_queryset(request)
        return bookings.annotate(now=DatabaseNow())

    @admin.display(description="movie", ordering="show__movie__title")
    def movie(self, booking: Booking) -> str:
        """Return the title of the movie."""
        return booking.show.movie.title

    @admin.display(description="starts (local time)", ordering="show__starts_at")
    def starts(self, booking: Booking) -> str:
        """Return the start in the cinema's time zone, and the auditorium."""
        return f"{booking.show.local_start:%Y-%m-%d %H:%M}, {booking.show.auditorium}"

    @admin.display(description="status")
    def current_status(self, booking: Any) -> str:
        """Return the status by the database's clock."""
        status = rules.effective_status(booking.status, booking.held_until, booking.now)
        return BookingStatus(status).label

    @admin.display(description="total", ordering="total")
    def price(self, booking: Booking) -> str:
        """Return the total with its currency."""
        return str(Money(booking.total, booking.currency))

    @admin.action(description="Cancel: give the seats back", permissions=["change"])
    @confirm_first(
        "Cancel",
        lambda bookings: (
            "The seats are free again, and nobody is admitted any more by "
            f"{count_with_noun(queries.count_valid_tickets(bookings), 'valid ticket')}."
        ),
        lambda booking: f"{booking}, {booking.user}, {_name(booking.show)}",
    )
    def cancel_bookings(self, request: HttpRequest, bookings: QuerySet[Booking]) -> None:
        """Cancel, by the same rules as customers do."""
        actor = _staff(request)
        run_for_each(
            self, request, bookings, lambda one: operations.cancel(booking=one, actor=actor)
        )

    @admin.action(description="Confirm: the hold is paid at the counter", permissions=["change"])
    def confirm_bookings(self, request: HttpRequest, bookings: QuerySet[Booking]) -> None:
        """Confirm holds, by the same rules as customers do."""
        actor = _staff(request)
        run_for_each(
            self, request, bookings, lambda one: operations.confirm(booking=one, actor=actor)
        )


@admin.register(Ticket)
class TicketAdmin(ReadOnlyAdmin):
    """Tickets, which staff find by code and admit."""

    list_display = ["code", "booking", "seat", "type", "status", "used_at"]
    list_select_related = [
        "booking__show__movie",
        "booking__show__auditorium__cinema",
        "seat",
        "type",
    ]
    search_fields = ["=code", "=booking__reference"]
    search_help_text = "The code of a ticket, or the reference of its booking."
    show_full_result_count = False
    actions = ["admit_tickets", "undo_admissions"]

    @admin.action(description="Admit: let the bearers in", permissions=["change"])
    @confirm_first(
        "Admit",
        lambda tickets: "These tickets are then used: they admit nobody again.",
        _name_ticket,
        reason="Needed only before or after the evening of the show.",
        is_final=False,
    )
    def admit_tickets(self, request: HttpRequest, tickets: QuerySet[Ticket]) -> None:
        """Admit the bearers, each ticket once, on the evening of its show or with a reason."""
        actor, reason = _staff(request), posted_reason(request)
        run_for_each(
            self,
            request,
            tickets,
            lambda ticket: operations.admit(ticket=ticket, actor=actor, reason=reason),
        )

    @admin.action(description="Undo the admission", permissions=["change"])
    @confirm_first(
        "Undo the admission",
        lambda tickets: "These tickets then admit again.",
        _name_ticket,
        reason="Needed. It is recorded with your name.",
        is_final=False,
    )
    def undo_admissions(self, request: HttpRequest, tickets: QuerySet[Ticket]) -> None:
        """Let used tickets admit again."""
        actor, reason = _staff(request), posted_reason(request)
        run_for_each(
            self,
            request,
            tickets,
            lambda ticket: operations.undo_admission(ticket=ticket, actor=actor, reason=reason),
        )


admin.site.unregister(Show)


@admin.register(Show)
class ShowWithBookingsAdmin(ShowAdmin):
    """Shows that can be called off: the catalog knows no bookings, so its admin cannot do that."""

    actions = ["call_off_shows"]

    @admin.action(description="Call off", permissions=["change"])
    @confirm_first(
        "Call off",
        lambda shows: (
            "They will not take place. Cancelled with them: "
            f"{count_with_noun(queries.count_live_bookings(shows), 'booking')}."
        ),
        _name,
    )
    def call_off_shows(self, request: HttpRequest, shows: QuerySet[Show]) -> None:
        """Call the chosen shows off."""
        actor = _staff(request)
        run_for_each(self, request, shows, lambda one: operations.call_off(show=one, actor=actor))


@admin.register(User)
class AccountWithBookingsAdmin(BaseUserAdmin):
    """Accounts that can be closed for good, which cancels bookings."""

    actions = ["delete_accounts"]

    @admin.action(description="Delete for good: forget address and name", permissions=["change"])
    @confirm_first(
        "Delete for good",
        lambda accounts: (
            "Names and addresses are forgotten, and nobody can log in to these accounts. "
            f"Of {count_with_noun(queries.count_bookings(accounts), 'booking')}, those that may still be "
            "cancelled are cancelled; the others stay."
        ),
        lambda account: f"{account.email}, {account.name}",
    )
    def delete_accounts(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Delete the chosen accounts as their owners can."""
        run_for_each(self, request, chosen, lambda account: _close(account, actor=request.user))


def _close(account: User, *, actor: Any) -> None:
    account_rules.check_may_change(
        actor=account_queries.rights_of(actor),
        account=account_queries.rights_of(account),
        fields=(),
    )
    operations.close_account(user=account, actor=Actor.staff(actor.pk))
