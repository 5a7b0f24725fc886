"""Give a hold to another customer, whose limits count it from then on."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from marquee.accounts import operations as accounts
from marquee.accounts.permissions import may_sell_at_counter
from marquee.booking import customer_rules, rules
from marquee.booking.models import Booking
from marquee.booking.queries import UsageQuery, count_wheelchair_spaces, read_usage
from marquee.booking.records import Contact, LockedBooking
from marquee.catalog.models import Show
from marquee.catalog.queries import get_plan, get_prices
from marquee.catalog.states import SeatKind


def name_guest(booking: Booking, locked: LockedBooking, contact: Contact) -> int:
    """Say who the guest of a locked booking is; return the id of the guest that has it now.

    That is another guest if this one said before that it is somebody else. Refuses with
    EmailNotVerified or AccountClosed.
    """
    customer_rules.check_verified(locked)
    guest = accounts.name_guest(
        guest_id=booking.user_id,
        email=contact.email,
        name=contact.name,
        language=contact.language,
    )
    if guest.pk != booking.user_id:
        give([booking.pk], guest.pk)
    return guest.pk


def give(booking_ids: list[int], owner: int) -> None:
    """Give locked bookings to another customer. Their keys end: the customer may have used the same."""
    bookings = Booking.objects.filter(pk__in=booking_ids)
    bookings.update(user=owner, idempotency_key=None, request_digest="")


def check_limits(show_id: int, seats: AbstractSet[int], owner: int, *, now: datetime) -> None:
    """Refuse if a customer, who has these seats of a show now, has too many.

    Refuses with SeatLimit, UnpaidLimit or WheelchairLimit; staff who may sell only with SeatLimit.
    """
    show = Show.objects.select_related("price_card").get(pk=show_id)
    plan = get_plan(show.seat_plan_id)
    query = UsageQuery(owner, show_id, None, now, hold=False)
    is_staff = may_sell_at_counter(owner, show_id)
    customer_rules.check_new_owner(
        usage=read_usage(query), seats=len(seats), capacity=len(plan.seats), is_staff=is_staff
    )
    spaces = [plan.by_id[one].kind for one in seats if one in plan.by_id]
    if (wants := spaces.count(SeatKind.WHEELCHAIR)) and not is_staff:
        limit = get_prices(show.price_card_id, show.price_card.version).wheelchair_limit
        has = count_wheelchair_spaces(query) - wants
        rules.check_wheelchair_limit(has=has, wants=wants, limit=limit)
