"""Bookings in the back office: read-only, with actions that call operations."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from marquee.accounts.admin import UserAdmin as BaseUserAdmin
from marquee.accounts.models import User
from marquee.booking import admin_search, admin_times, operations, queries, rules
from marquee.booking.admin_counter import CounterSaleInline, kept_tickets
from marquee.booking.admin_filters import BookingStatusFilter, TicketStatusFilter
from marquee.booking.admin_links import revoke_links
from marquee.booking.admin_seat_map import seat_map
from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.records import Actor
from marquee.booking.states import ActorKind, AdmissionStatus, BookingStatus, UpcomingBookings
from marquee.catalog.admin import ShowAdmin, ShowForm
from marquee.catalog.models import Show
from marquee.catalog.operation_admin import ReadOnlyInline
from marquee.catalog.states import ShowState
from marquee.core.admin import (
    Choice,
    confirm_first,
    count_with_noun,
    posted_reason,
    run_for_each,
)
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


def describe_customer(user: User) -> str:
    """Return a customer's name and address, but not the invented one of a closed account."""
    guest = " (guest)" if user.is_guest else ""
    return "(account closed)" if user.is_closed else f"{user.name} <{user.address}>{guest}"


class TicketInline(admin_times.TicketTimes, ReadOnlyInline):
    """The tickets of a booking."""

    model = Ticket
    fields = readonly_fields = ("seat", "type", "amount", "status", "used", "code")

    @admin.display(description="price")
    def amount(self, ticket: Ticket) -> str:
        """Return the price with its currency."""
        return str(Money(ticket.price, ticket.booking.currency))


class EventInline(admin_times.EventTimes, ReadOnlyInline):
    """The history of a booking: what happened, when, by whom and why."""

    model = BookingEvent
    fields = readonly_fields = ("kind", "happened", "who", "reason")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BookingEvent]:
        """Return the events with their actors."""
        events: QuerySet[BookingEvent] = super().get_queryset(request)
        return events.select_related("actor")

    @admin.display(description="by")
    def who(self, event: BookingEvent) -> str:
        """Return who did it. Old events do not say."""
        kind = ActorKind(event.by).label if event.by else "Not recorded"
        return f"{kind}: {describe_customer(event.actor)}" if event.actor else kind


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
        return obj is None


@admin.register(Booking)
class BookingAdmin(admin_times.BookingTimes, ReadOnlyAdmin):
    """The list and the pages of bookings."""

    list_display = [
        "reference", "customer", "movie", "starts", "seats", "current_status", "price",
    ]  # fmt: skip
    fields = [
        "reference",
        "customer",
        "show",
        "starts",
        "current_status",
        "hold_ends",
        "price",
        "channel",
        "made",
        "seats_on_plan",
    ]
    list_filter = [
        BookingStatusFilter,
        admin_times.ShowDayFilter,
        "show__auditorium__cinema",
        admin_times.MadeFilter,
    ]
    list_select_related = ["user", "show__movie", "show__auditorium__cinema"]
    search_fields = ["reference"]  # shows the field; `get_search_results` searches
    search_help_text = "A customer's name or e-mail address, a reference, or a ticket's code."
    show_full_result_count = False  # counting a million rows for a list of a hundred
    inlines = [TicketInline, CounterSaleInline, EventInline]
    actions = ["cancel_bookings", "confirm_bookings", revoke_links]

    class Media:
        css = {"all": ["booking/seat_map.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Booking]:
        """Return the bookings, each with the database's time and its seats."""
        bookings: QuerySet[Booking] = super().get_queryset(request)
        return bookings.annotate(now=DatabaseNow()).prefetch_related("tickets__seat")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the bookings that the search means, none of them twice."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(admin_search.bookings_q(search_term)), False

    @admin.display(description="customer", ordering="user__sort_name")
    def customer(self, booking: Booking) -> str:
        """Return the customer's name and address."""
        return describe_customer(booking.user)

    @admin.display(description="seats")
    def seats(self, booking: Booking) -> str:
        """Return the labels of the seats, as they stand in the auditorium."""
        booked = sorted((ticket.seat for ticket in kept_tickets(booking)), key=lambda seat: seat.pk)
        return ", ".join(seat.label for seat in booked)

    @admin.display(description="seats on the plan")
    def seats_on_plan(self, booking: Any) -> str:
        """Return a small map of the seats."""
        return seat_map(booking, now=booking.now)

    @admin.display(description="movie", ordering="show__movie__sort_title")
    def movie(self, booking: Booking) -> str:
        """Return the title of the movie."""
        return booking.show.movie.title

    @admin.display(description="starts (local time)", ordering="show__starts_at")
    def starts(self, booking: Booking) -> str:
        """Return the start in the cinema's time zone, and the auditorium."""
        return f"{booking.show.written_start}, {booking.show.auditorium}"

    @admin.display(description="status")
    def current_status(self, booking: Any) -> str:
        """Return the status by the database's clock."""
        status = rules.effective_status(booking.status, booking.held_until, booking.now)
        return BookingStatus(status).label

    @admin.display(description="total", ordering="total")
    def price(self, booking: Booking) -> str:
        """Return the total with its currency."""
        return str(Money(booking.total, booking.currency))

    @admin.action(description="Cancel: give the seats back")
    @confirm_first(
        "Cancel",
        lambda bookings: (
            "The seats are free again, and nobody is admitted any more by "
            f"{count_with_noun(queries.count_valid_tickets(bookings), 'valid ticket')}."
        ),
        lambda booking: f"{booking}, {describe_customer(booking.user)}, {_name(booking.show)}",
    )
    def cancel_bookings(self, request: HttpRequest, bookings: QuerySet[Booking]) -> None:
        """Cancel, by the same rules as customers do."""
        actor = _staff(request)
        run_for_each(
            self,
            request,
            bookings,
            lambda one: operations.cancel(booking=one, actor=actor),
            record="Cancelled.",
        )

    @admin.action(description="Confirm: the hold is paid at the counter")
    @confirm_first(
        "Confirm",
        lambda bookings: "They are paid, and no longer run out by themselves.",
        lambda booking: (
            f"{booking}, {describe_customer(booking.user)}, {_name(booking.show)}: "
            f"{Money(booking.total, booking.currency)} to be paid"
        ),
    )
    def confirm_bookings(self, request: HttpRequest, bookings: QuerySet[Booking]) -> None:
        """Confirm holds, by the same rules as customers do."""
        actor = _staff(request)
        run_for_each(
            self,
            request,
            bookings,
            lambda one: operations.confirm(booking=one, actor=actor),
            record="Confirmed: paid at the counter.",
        )


@admin.register(Ticket)
class TicketAdmin(admin_times.TicketTimes, ReadOnlyAdmin):
    """Tickets, which staff find by code and admit."""

    list_display = [
        "code", "booking", "customer", "show", "seat", "type", "current_status", "used",
    ]  # fmt: skip
    fields = [
        "code",
        "booking",
        "customer",
        "show",
        "seat",
        "type",
        "amount",
        "current_status",
        "used",
    ]
    list_filter = [
        TicketStatusFilter, admin_times.TicketDayFilter, "booking__show__auditorium__cinema",
    ]  # fmt: skip
    list_select_related = [
        "booking__user", "booking__show__movie", "booking__show__auditorium__cinema", "seat", "type",
    ]  # fmt: skip
    search_fields = ["code"]  # shows the field; `get_search_results` searches
    search_help_text = "The code of a ticket, the reference of its booking, or a customer's name or e-mail address."
    show_full_result_count = False
    actions = ["admit_tickets", "undo_admissions"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        """Return the tickets, each with the database's time."""
        tickets: QuerySet[Ticket] = super().get_queryset(request)
        return tickets.annotate(now=DatabaseNow())

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the tickets that the search means, none of them twice."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(admin_search.tickets_q(search_term)), False

    @admin.display(description="customer", ordering="booking__user__sort_name")
    def customer(self, ticket: Ticket) -> str:
        """Return the customer's name and address."""
        return describe_customer(ticket.booking.user)

    @admin.display(description="show (local time)", ordering="booking__show__starts_at")
    def show(self, ticket: Ticket) -> str:
        """Return which show the ticket is for, and when."""
        return _name(ticket.booking.show)

    @admin.display(description="price")
    def amount(self, ticket: Ticket) -> str:
        """Return the price with its currency."""
        return str(Money(ticket.price, ticket.booking.currency))

    @admin.display(description="status")
    def current_status(self, ticket: Any) -> str:
        """Return whether the ticket admits, by its booking and the database's clock."""
        booking = ticket.booking
        of_booking = rules.effective_status(booking.status, booking.held_until, ticket.now)
        return AdmissionStatus(rules.admission_status(ticket.status, of_booking)).label

    @admin.action(description="Admit: let the bearers in")
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
            record="Admitted.",
        )

    @admin.action(description="Undo the admission")
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
            record="Admission undone.",
        )


admin.site.unregister(Show)


class ShowWithBookingsForm(ShowForm):
    """A show, with the consent that its bookings need when it moves."""

    confirm_bookings = forms.IntegerField(
        required=False,
        min_value=0,
        help_text=(
            "To move a show that has bookings, or to change its format or its languages: how many live "
            "bookings it has. Customers may then cancel in full until the new start."
        ),
    )
    short_notice = forms.BooleanField(
        required=False, help_text="To move a show to less than two hours from now."
    )


CONSENT = ("confirm_bookings", "short_notice")


@admin.register(Show)
class ShowWithBookingsAdmin(ShowAdmin):
    """Shows with what concerns their bookings: the catalog knows none, so its admin cannot do that."""

    form = ShowWithBookingsForm
    actions = ["call_off_shows", "take_newest_plans"]
    advice_when_protected = (
        "Seats were held or sold, and bookings are never deleted. Call the show off instead: choose "
        "it in the list of shows, and then the action “Call off”. That cancels its bookings."
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return what is only shown: of a show called off, also the reason."""
        is_off = obj is not None and obj.state == ShowState.CALLED_OFF
        return super().get_readonly_fields(request, obj) + (["call_off_reason"] if is_off else [])

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields, without the consent where nothing is changed: a new show has no bookings."""
        fields = super().get_fields(request, obj)
        if obj is not None and self.has_change_permission(request, obj):
            return fields
        return [name for name in fields if name not in CONSENT]

    def change_by_operation(self, show: Show, form: Any, fields: dict[str, Any]) -> Show:
        """Change a show, together with its bookings."""
        changes = {name: value for name, value in fields.items() if name not in CONSENT}
        consent = {name: form.cleaned_data[name] for name in CONSENT}
        actor = Actor.staff(form.user.pk)
        return operations.move_show(show=show, actor=actor, **consent, **changes)

    @admin.action(description="Take the newest seat plan")
    @confirm_first(
        "Take the newest seat plan",
        lambda shows: (
            "Shows with bookings keep their seats. Blocks go to the seats of the same labels."
        ),
        _name,
    )
    def take_newest_plans(self, request: HttpRequest, shows: QuerySet[Show]) -> None:
        """Give the chosen shows the newest seat plans of their auditoriums."""
        run_for_each(
            self,
            request,
            shows,
            lambda one: operations.take_newest_plan(show=one),
            record="Took the newest seat plan.",
        )

    @admin.action(description="Call off")
    @confirm_first(
        "Call off",
        lambda shows: (
            "They will not take place. Cancelled with them: "
            f"{count_with_noun(queries.count_live_bookings(shows), 'booking')}."
        ),
        _name,
        reason="Shown to customers. It may be left out.",
    )
    def call_off_shows(self, request: HttpRequest, shows: QuerySet[Show]) -> None:
        """Call the chosen shows off."""
        actor, reason = _staff(request), posted_reason(request)
        run_for_each(
            self,
            request,
            shows,
            lambda one: operations.call_off(show=one, actor=actor, reason=reason),
            record="Called off.",
        )


def _ask_what_becomes_of_bookings(accounts: QuerySet[User]) -> Choice | None:
    """Return the question, if there are confirmed bookings for shows that have not ended."""
    bookings = queries.upcoming_bookings(accounts)
    if not (count := bookings.count()):
        return None
    seats = count_with_noun(queries.count_valid_tickets(bookings), "seat")
    question = f"For shows to come there are {count_with_noun(count, 'booking')} with {seats}:"
    return Choice("bookings", question, UpcomingBookings.choices)


@admin.register(User)
class AccountWithBookingsAdmin(BaseUserAdmin):
    """Accounts that can be closed for good, which cancels bookings."""

    actions = ["delete_accounts"]
    search_help_text = "A name or an e-mail address, or the reference of a booking."

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the accounts that the search means, none of them twice."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(admin_search.accounts_q(search_term)), False

    @admin.action(description="Delete for good: forget address and name")
    @confirm_first(
        "Delete for good",
        lambda accounts: (
            "Names and addresses are forgotten, and nobody can log in to these accounts. They have "
            f"{count_with_noun(queries.count_bookings(accounts), 'booking')}. Holds are cancelled."
        ),
        lambda account: f"{account.address}, {account.name}",
        ask=_ask_what_becomes_of_bookings,
    )
    def delete_accounts(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Delete the chosen accounts as their owners can."""
        answer = request.POST.get("bookings")
        upcoming = UpcomingBookings(answer) if answer in UpcomingBookings.values else None
        run_for_each(
            self,
            request,
            chosen,
            lambda account: _close(account, upcoming, actor=request.user),
            record="Deleted for good.",
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Save an account. After a deactivation, say which bookings it still has."""
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not form.cleaned_data["is_active"]:
            bookings = queries.upcoming_bookings(User.objects.filter(pk=obj.pk))
            if count := bookings.count():
                self.message_user(
                    request,
                    f"This account still has {count_with_noun(count, 'booking')} for shows to come, whose "
                    "tickets stay valid. Cancel them on the page of bookings, if they should not.",
                    messages.WARNING,
                )


def _close(account: User, upcoming: UpcomingBookings | None, *, actor: Any) -> bool:
    """Close an account. Return False if it was closed before."""
    if account.is_closed:
        return False
    operations.close_account(user=account, upcoming=upcoming, actor=Actor.staff(actor.pk))
    account.refresh_from_db()  # the address is not to be recorded once more
    return True
