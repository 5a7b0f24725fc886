"""What staff record of a booking that they make at the counter. It is no ledger."""

from collections.abc import Collection

from marquee.booking import seat_rules
from marquee.booking.models import Booking, CounterSale
from marquee.booking.records import CounterTerms
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
