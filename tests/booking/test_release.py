"""A hold is given back, by a form that was made while it was held."""

import pytest

from marquee.booking.errors import NotHeld
from marquee.booking.models import BookingEvent
from marquee.booking.operations import confirm, release
from tests.booking.visitors import GERDA, hold_as_visitor
from tests.factories import assert_refused, expire_hold

pytestmark = pytest.mark.django_db


def test_a_hold_is_given_back_once(show):
    hold = hold_as_visitor(show, "A1")
    assert release(booking=hold)
    assert not release(booking=hold)
    hold.refresh_from_db()
    assert hold.status == "cancelled"
    assert list(BookingEvent.objects.values_list("kind", flat=True)) == ["held", "cancelled"]


def test_what_was_confirmed_meanwhile_stays(show):
    hold = hold_as_visitor(show, "A1")
    confirm(booking=hold, contact=GERDA)
    with assert_refused(NotHeld):
        release(booking=hold)


def test_an_expired_hold_has_nothing_to_give_back(show):
    hold = hold_as_visitor(show, "A1")
    expire_hold(hold)
    with assert_refused(NotHeld):
        release(booking=hold)
