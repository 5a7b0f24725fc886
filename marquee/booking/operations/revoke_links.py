"""Revoke the links in the mails of a booking."""

from django.db.models import F

from marquee.audit.states import Action
from marquee.booking.models import Booking
from marquee.booking.operations.audited import record_of_booking
from marquee.core.transactions import transactional


@transactional
def revoke_links(*, booking: Booking) -> None:
    """End all links to this booking that were mailed so far. Mails sent later have new ones."""
    Booking.objects.filter(pk=booking.pk).update(link_epoch=F("link_epoch") + 1)
    record_of_booking(Action.LINKS_REVOKED, booking)
