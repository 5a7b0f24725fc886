"""What staff record of a booking that they make at the counter. It is no ledger."""

from collections.abc import Collection

from marquee.booking import claims, seat_rules
from marquee.booking.models import Booking, CounterSale
from marquee.booking.records import CounterTerms
from marquee.booking.states import Channel
from marquee.core.money import Money


def insert_sale(
    booking: Booking, terms: CounterTerms, *, total: Money, blocked: Collection[int]
) -> None:
    """Insert what was recorded of a new booking, with those of its seats that were blocked.

    Refuses with BadInput an amount in another currency.
    """
    paid = seat_rules.paid_at_counter(terms, total=total)
    CounterSale.objects.create(
        booking=booking,
        tender=terms.tender,
        amount=None if paid is None else paid.minor,
        currency="" if paid is None else paid.currency,
        customer_name=terms.customer_name,
        customer_email=terms.customer_email,
        blocked_seats=sorted(blocked),
    )


def block_again(booking: Booking, seats: Collection[int], *, channel: str) -> None:
    """Block those of a booking's freed seats that the counter sold although they were blocked."""
    if channel == Channel.COUNTER:
        sale = CounterSale.objects.get(booking=booking.pk)
        claims.block(booking.show_id, set(seats) & set(sale.blocked_seats))
