"""`/bookings/<reference>/seats/`: other seats for a booking, chosen in the same table as the first ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from babel import Locale
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from marquee.booking import queries
from marquee.booking.errors import (
    CompanionWithoutSpace,
    CoolingDown,
    CounterOnly,
    ExchangeCostsMore,
    HoldLimit,
    NeedsAnother,
    SeatsTaken,
    SingleGap,
    UnknownSeat,
    UnknownTicketType,
    WheelchairLimit,
)
from marquee.booking.models import Booking
from marquee.booking.operations import exchange
from marquee.booking.records import Actor, TicketRequest
from marquee.booking.states import TicketStatus
from marquee.catalog.models import Show
from marquee.catalog.queries import get_plan, get_prices
from marquee.core import locales
from marquee.core.errors import BadInput, Refused
from marquee.core.money import Money
from marquee.web.storefront.bookings import BookingPage, url_of
from marquee.web.storefront.seat_table import SeatGroup, seat_groups, seat_table, symbols
from marquee.web.storefront.shown_booking import ShownBooking

TERMS = (CounterOnly, NeedsAnother, CompanionWithoutSpace, WheelchairLimit, UnknownTicketType)

TOTALS = ("total", "current_total")


class ChangeSeatsView(BookingPage):
    """`/bookings/<reference>/seats/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Show the seats, with those that `seat` names chosen, or else those that the booking has."""
        booking = self.opened(reference)
        if booking is None:
            return self.not_opened()
        shown = self.shown(booking)
        if not shown.may_exchange:
            return HttpResponseRedirect(url_of(booking))
        return self._seats(booking, shown, request.GET.getlist("seat"))

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Change the seats, and show the booking; or the seats again, with what is in the way."""
        booking = self.opened(reference)
        if booking is None:
            return self.not_opened()
        seats = request.POST.getlist("seat")
        tickets = [TicketRequest(seat) for seat in seats]
        actor = Actor.customer(booking.user_id)
        try:
            changed = exchange(booking=booking, tickets=tickets, actor=actor)
        except (
            SeatsTaken,
            ExchangeCostsMore,
            SingleGap,
            CoolingDown,
            HoldLimit,
            BadInput,
            *TERMS,
        ) as refusal:
            shown = self.shown(booking)
            message = message_of(refusal, shown)
            status = 400 if isinstance(refusal, BadInput) else 409
            return self._seats(booking, shown, seats, message=message, status=status)
        if changed:
            messages.success(request, _("Your seats have changed."))
        return HttpResponseRedirect(url_of(booking))

    def _seats(
        self,
        booking: Booking,
        shown: ShownBooking,
        chosen: Sequence[str],
        *,
        message: "Message | None" = None,
        status: int = 200,
    ) -> HttpResponse:
        seats = shown_seats(booking, shown.locale, chosen)
        return self.render(
            "storefront/change_seats.html",
            booking=booking,
            shown=shown,
            seats=seats,
            message=message,
            status=status,
        )


@dataclass(frozen=True, slots=True)
class ShownSeats:
    """The seats of a show for one of its bookings: the table, and what its shapes mean."""

    table: SafeString
    legend: Sequence[SeatGroup]
    symbols: SafeString


@dataclass(frozen=True, slots=True)
class Message:
    """Why the seats did not change, and what could be chosen instead: a query by its seats."""

    title: str
    detail: str = ""
    alternatives: Mapping[str, str] | None = None


def shown_seats(booking: Booking, locale: Locale, chosen: Collection[str]) -> ShownSeats:
    """Return the seats as they are now. Without any of `chosen` the booking's own are chosen."""
    show = Show.objects.select_related("price_card").get(pk=booking.show_id)
    plan = get_plan(show.seat_plan_id)
    prices = get_prices(show.price_card_id, show.price_card.version)
    live = booking.tickets.exclude(status=TicketStatus.VOID)
    own = set(live.values_list("seat_id", flat=True))
    taken = queries.taken_seat_ids(show.pk) - own
    wanted = {plan.by_label[label].id for label in chosen if label in plan.by_label} - taken
    table = seat_table(plan, prices, taken, wanted or own, own, locale)
    return ShownSeats(table, seat_groups(plan, prices, locale), symbols())


def message_of(refusal: Refused, shown: ShownBooking) -> Message:
    """Return what the page says of a refusal, in the reader's language."""
    if isinstance(refusal, SeatsTaken | SingleGap):
        return _other_seats(refusal)
    if isinstance(refusal, ExchangeCostsMore):
        totals = {name: _money(refusal.facts[name], shown) for name in TOTALS}
        detail = _(
            "They would cost %(total)s, and your booking costs %(current_total)s. Choose seats that "
            "cost no more."
        )
        return Message(_("These seats cost more"), detail % totals)
    if isinstance(refusal, TERMS):
        return Message(
            _("Not all tickets can have these seats"),
            _(
                "Some ticket types are not sold for every seat, and a carer or a companion seat needs a "
                "wheelchair space."
            ),
        )
    if isinstance(refusal, CoolingDown | HoldLimit):
        return Message(
            _("Please wait a little"),
            _(
                "These seats were chosen and given back often. Choose others, or try again in an hour."
            ),
        )
    return _bad_choice(refusal, shown)


def _other_seats(refusal: SeatsTaken | SingleGap) -> Message:
    others = {
        ", ".join(seats): urlencode([("seat", seat) for seat in seats])
        for seats in refusal.facts["alternatives"]
    }
    if isinstance(refusal, SeatsTaken):
        title = _("%(seats)s: taken a moment ago") % {"seats": ", ".join(refusal.facts["seats"])}
        return Message(title, _("Your booking keeps its seats."), others)
    detail = _("Hardly anybody books a single seat: %(seats)s.")
    detail %= {"seats": ", ".join(refusal.facts["left_alone"])}
    return Message(_("One seat would be left alone"), detail, others)


def _bad_choice(refusal: Refused, shown: ShownBooking) -> Message:
    if isinstance(refusal, UnknownSeat):
        return Message(_("There are no such seats"), _("Choose among those that are shown."))
    count = len(shown.kept)
    return Message(
        _("Choose as many seats as you have tickets: %(count)s") % {"count": count},
    )


def _money(amount: Mapping[str, str], shown: ShownBooking) -> str:
    money = Money.parse(Decimal(amount["amount"]), amount["currency"])
    return locales.format_money(money, shown.locale)
