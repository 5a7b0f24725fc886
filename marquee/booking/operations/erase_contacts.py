"""Erase names and addresses of customers without an account, some time after their last show."""

from datetime import timedelta

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from marquee.accounts import operations as accounts
from marquee.accounts.models import User
from marquee.booking import locks
from marquee.booking.models import Booking, CounterSale
from marquee.core.clock import DatabaseNow
from marquee.core.transactions import transactional

KEPT_AFTER_SHOW = timedelta(days=30)
# The guest that keeps the bookings of a closed account: its customer asked us to forget.
KEPT_AFTER_CLOSING = timedelta(days=1)
BATCH_SIZE = 500
# Each has a partial index of its own.
NAMED, PROVISIONAL = ~Q(contact_email=""), Q(contact_email="", visitor__isnull=False)


def erase_old_guests() -> int:
    """Erase guests whose last show is long over, and those that never booked; return how many.

    Provisional ones, too. Their tokens end, and their bookings stay. A guest is locked and looked at
    again, so that one who books meanwhile stays.
    """
    named, provisional = (_due_guests(kind).values_list("pk") for kind in (NAMED, PROVISIONAL))
    due = list(named.union(provisional, all=True)[:BATCH_SIZE])
    return sum(_erase(pk) for (pk,) in due)


def erase_old_counter_customers() -> int:
    """Erase names and addresses that staff noted at the counter; return of how many sales."""
    noted = CounterSale.objects.exclude(customer_name="", customer_email="")
    rows = noted.filter(booking__show__ends_at__lte=DatabaseNow() - KEPT_AFTER_SHOW)
    return rows.update(customer_name="", customer_email="")


@transactional
def _erase(guest: int) -> bool:
    locks.lock_account(guest)
    if not _due_guests(NAMED | PROVISIONAL).filter(pk=guest).exists():
        return False
    accounts.erase_guests([guest])
    return True


def _due_guests(condition: Q) -> QuerySet[User]:
    shows = Booking.objects.filter(user=OuterRef("pk")).order_by().values("user")
    last = Subquery(shows.annotate(end=Max("show__ends_at")).values("end"))
    guests = User.objects.filter(condition, email=None).annotate(since=Coalesce(last, "created_at"))
    return guests.filter(
        Q(was_account=True, since__lte=DatabaseNow() - KEPT_AFTER_CLOSING)
        | Q(was_account=False, since__lte=DatabaseNow() - KEPT_AFTER_SHOW)
    )
