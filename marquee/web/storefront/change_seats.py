"""`/bookings/<reference>/seats/`: other seats for a booking, chosen on the page where seats are chosen."""

from dataclasses import replace
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _

from marquee.booking.exchange_rules import settle_types
from marquee.booking.models import Booking
from marquee.booking.operations import exchange
from marquee.booking.queries import OwnBooking
from marquee.booking.records import Actor
from marquee.core.errors import Refused
from marquee.web import errors
from marquee.web.storefront import change_words, seat_messages, seat_refusals
from marquee.web.storefront.bookings import BookingPage, url_of
from marquee.web.storefront.change_page import BestInstead, ChangePage, read_best_instead
from marquee.web.storefront.seat_choice import SeatChoice, read_choice
from marquee.web.storefront.seat_messages import Message
from marquee.web.storefront.seat_offer import SeatOffer, load_offer
from marquee.web.storefront.shown_booking import ShownBooking


class ChangeSeatsView(BookingPage):
    """`/bookings/<reference>/seats/`."""

    def get(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Show the seats, with those that `seat` names chosen, or else those that the booking has."""
        shown = self.opened(reference)
        if shown is None:
            return self.not_opened()
        booking = shown.booking
        if not shown.may_exchange:
            return HttpResponseRedirect(url_of(booking))
        offer = self._offer(shown)
        best = read_best_instead(request.GET, offer)
        if best.is_asked and best.categories:
            return self._choose_best(booking, best)
        choice = read_choice(request.GET, offer)
        return self._page(booking, offer, choice, seat_messages.about_choice(choice, offer))

    def post(self, request: HttpRequest, reference: str) -> HttpResponseBase:
        """Change the seats, and show the booking; or the seats again, with what is in the way."""
        shown = self.opened(reference)
        if shown is None:
            return self.not_opened()
        booking = shown.booking
        offer = self._offer(shown)
        choice = read_choice(request.POST, offer, keep_taken=True)
        if choice.unknown:
            message, left = (
                seat_messages.about_choice(choice, offer),
                read_choice(request.POST, offer),
            )
            return self._page(booking, offer, left, message, status=HTTPStatus.BAD_REQUEST)
        actor = Actor.customer(booking.user_id)
        try:
            changed = exchange(booking=booking, tickets=choice.tickets, actor=actor)
        except Refused as refusal:
            return self._refused(self.opened(reference) or shown, choice, refusal)
        if changed:
            messages.success(request, _("Your seats have changed."))
        return HttpResponseRedirect(url_of(booking))

    def _refused(
        self, shown: ShownBooking, choice: SeatChoice, refusal: Refused
    ) -> HttpResponseBase:
        """Return the seats as they are now, with what is left of the choice, and why it was refused."""
        offer = self._offer(shown)
        message = change_words.about_refusal(refusal, choice, offer)
        if message is None:
            raise refusal
        left = read_choice(self.request.POST, offer)
        return self._page(shown.booking, offer, left, message, status=errors.status_of(refusal))

    def _choose_best(self, booking: Booking, best: BestInstead) -> HttpResponseBase:
        """Redirect to the URL of the best seats; or say why there are none."""
        try:
            seats = best.propose(self.request)
        except Refused as refusal:
            message = seat_refusals.about_refusal(refusal, SeatChoice(), best.offer)
            status = errors.status_of(refusal)
            return self._page(booking, best.offer, SeatChoice(), message, status=status)
        view = "view=list" if self.request.GET.get("view") == "list" else ""
        parts = filter(None, [view, best.query, SeatChoice(seats).query()])
        return HttpResponseRedirect(f"{self.request.path}?{'&'.join(parts)}#choose")

    def _page(
        self,
        booking: Booking,
        offer: SeatOffer,
        choice: SeatChoice,
        message: Message | None,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        page = ChangePage(
            offer,
            _with_types(choice, offer),
            url=self.request.path,
            best=read_best_instead(data, offer),
            view=data.get("view", ""),
            message=message,
            is_refused=status != HTTPStatus.OK,
        )
        return self.render(
            "storefront/change_seats.html", status=status, page=page, offer=offer, booking=booking
        )

    def _offer(self, shown: ShownBooking) -> SeatOffer:
        """Return the seats of the show for who has this booking: its own ones are free."""
        booking = shown.booking
        offer = load_offer(self.request, booking.show_id)
        if offer is None:
            raise Http404
        exchanged = {one.seat_id: one for one in shown.live_tickets}
        taken = offer.availability.states.items()
        states = {seat: state for seat, state in taken if seat not in exchanged}
        return replace(
            offer,
            availability=replace(offer.availability, states=states),
            own_bookings=[OwnBooking(booking.reference, booking.held_until, tuple(exchanged))],
            exchanged=exchanged,
        )


def _with_types(choice: SeatChoice, offer: SeatOffer) -> SeatChoice:
    """Return the choice, or else the booking's own seats, with the types that an exchange would give them."""
    seats = choice.seats or [offer.plan.by_id[seat] for seat in offer.exchanged]
    tickets = settle_types(offer.held_tickets, replace(choice, seats=seats).tickets)
    types = {str(one.seat): one.type for one in tickets if one.type}
    return replace(choice, seats=seats, types=types)
