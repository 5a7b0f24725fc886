"""`/shows/<id>/`: choose seats, and hold them."""

from decimal import Decimal, InvalidOperation
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect

from marquee.booking.errors import EmailNotVerified
from marquee.booking.queries import gap_advice
from marquee.booking.records import SeatChoice as Narrowed
from marquee.catalog.models import Show
from marquee.core.errors import BadInput, Refused
from marquee.core.money import Money
from marquee.web import errors
from marquee.web.pages import Page
from marquee.web.storefront import seat_messages, seat_refusals
from marquee.web.storefront.best_form import read_best
from marquee.web.storefront.holds import hold_seats, to_checkout
from marquee.web.storefront.seat_choice import SeatChoice, read_choice
from marquee.web.storefront.seat_messages import Message
from marquee.web.storefront.seat_offer import SeatOffer, load_offer
from marquee.web.storefront.seat_page import SeatPage

KEEP = "keep"  # the choice that leaves a seat alone, as its customer wants it


class SeatsView(Page):
    """`/shows/<id>/`."""

    def get(self, request: HttpRequest, show_id: int) -> HttpResponseBase:
        """Show the seats, with those of the URL chosen; or choose the best ones, and show these."""
        offer = load_offer(request, show_id)
        if offer is None:
            return errors.error_page(request, HTTPStatus.NOT_FOUND)
        best = read_best(request.GET, offer)
        if best.is_asked and offer.is_open:
            return self._choose_best(offer)
        choice = read_choice(request.GET, offer)
        return self._page(offer, choice, seat_messages.about_choice(choice, offer))

    def post(self, request: HttpRequest, show_id: int) -> HttpResponseBase:
        """Hold the seats, and lead to the checkout. What is refused is explained beside the seats."""
        offer = load_offer(request, show_id)
        if offer is None:
            return errors.error_page(request, HTTPStatus.NOT_FOUND)
        choice = read_choice(request.POST, offer, keep_taken=True)
        if choice.unknown or not choice.seats:
            message = seat_messages.about_choice(choice, offer) or seat_messages.nothing_chosen()
            return self._page(offer, choice, message, status=HTTPStatus.BAD_REQUEST)
        if self._lacks_types(offer, choice):
            return HttpResponseRedirect(f"{request.path}?{choice.query()}#tickets")
        if advice := self._advice(offer, choice):
            return self._page(offer, choice, advice, status=HTTPStatus.CONFLICT)
        try:
            return self._hold(offer, choice)
        except Refused as refusal:
            return self._refused(show_id, choice, refusal)

    def _choose_best(self, offer: SeatOffer) -> HttpResponseBase:
        """Redirect to the URL of the best seats; or say why there are none."""
        best = read_best(self.request.GET, offer)
        try:
            seats = best.propose(self.request)
        except Refused as refusal:
            message = seat_refusals.about_refusal(refusal, SeatChoice(), offer)
            return self._page(offer, SeatChoice(), message, status=errors.status_of(refusal))
        view = "view=list" if self.request.GET.get("view") == "list" else ""
        parts = filter(None, [view, best.query, SeatChoice(seats).query()])
        return HttpResponseRedirect(f"{self.request.path}?{'&'.join(parts)}#choose")

    def _lacks_types(self, offer: SeatOffer, choice: SeatChoice) -> bool:
        """Return whether the form does not say a type where there are several: it was sent without a script."""
        return any(
            seat.label not in choice.types and len(offer.types(seat)) > 1 for seat in choice.seats
        )

    def _advice(self, offer: SeatOffer, choice: SeatChoice) -> Message | None:
        """Return the advice to leave no seat alone, once: who keeps the choice is not asked again."""
        if self.request.POST.get("gap") == KEEP or any(map(offer.is_taken, choice.seats)):
            return None
        advice = gap_advice(offer.show, choice.labels)
        if advice is None:
            return None
        return seat_messages.about_gaps(advice.left_alone, advice.alternatives, choice, offer)

    def _hold(self, offer: SeatOffer, choice: SeatChoice) -> HttpResponseBase:
        data = self.request.POST
        try:
            booking, visitor = hold_seats(
                self.request,
                show_id=offer.show.id,
                tickets=choice.tickets,
                choice=Narrowed(),
                key=data.get("key", ""),
                expected_total=_expected_total(
                    data.get("expected_total", ""), offer.prices.currency
                ),
            )
        except Show.DoesNotExist:
            return errors.error_page(self.request, HTTPStatus.NOT_FOUND)
        return to_checkout(booking, visitor)

    def _refused(self, show_id: int, choice: SeatChoice, refusal: Refused) -> HttpResponseBase:
        """Show the seats as they are now, with the choice that is left, and why it was refused."""
        offer = load_offer(self.request, show_id)
        if offer is None:
            return errors.error_page(self.request, HTTPStatus.NOT_FOUND)
        left = read_choice(self.request.POST, offer)
        message = seat_refusals.about_refusal(refusal, choice, offer)
        if isinstance(refusal, EmailNotVerified):
            path = f"{self.request.path}?{left.query()}"
            message = seat_refusals.about_unverified(path, is_logged_in=self.account is not None)
        response = self._page(offer, left, message, status=errors.status_of(refusal))
        if "retry_after" in refusal.facts:
            response["Retry-After"] = str(refusal.facts["retry_after"])
        return response

    def _page(
        self,
        offer: SeatOffer,
        choice: SeatChoice,
        message: Message | None,
        status: int = HTTPStatus.OK,
    ) -> HttpResponse:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        page = SeatPage(
            offer,
            choice,
            best=read_best(data, offer),
            view=data.get("view", ""),
            message=message,
            is_refused=status != HTTPStatus.OK,
        )
        return self.render("storefront/seats.html", status=status, page=page, offer=offer)


def _expected_total(typed: str, currency: str) -> Money | None:
    """Return the total that the page showed; None from a form without a script. Refuses with BadInput."""
    if not typed:
        return None
    try:
        return Money.parse(Decimal(typed[:20]), currency)
    except (InvalidOperation, ValueError):
        raise BadInput("The total is not an amount.", field="expected_total") from None
