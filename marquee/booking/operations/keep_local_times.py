"""Keep the wall-clock times at which shows were sold, with the deadlines of their bookings."""

from datetime import timedelta

from django.db.models import F

from marquee.booking.models import Booking
from marquee.catalog import operations as catalog
from marquee.catalog.models import Show
from marquee.catalog.operations import KeptTimes
from marquee.core.transactions import transactional


def keep_local_times() -> KeptTimes:
    """Move every show that no longer starts when its cinema's clock shows the time sold.

    The terms of its bookings move along: by the clock, they stay as they were.
    """
    return catalog.keep_local_times(keep=lambda show: _keep(show=show))


@transactional
def _keep(*, show: Show) -> timedelta:
    """Move one show, and the terms of all its bookings. Refuses as `catalog.keep_local_time` does."""
    by = catalog.keep_local_time(show=show)
    if by:
        Booking.objects.filter(show=show).update(
            sold_starts_at=F("sold_starts_at") + by, cancel_until=F("cancel_until") + by
        )
    return by
