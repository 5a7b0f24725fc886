"""The page of a show in the back office, where it has bookings."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from marquee.catalog.models import Show
from tests.catalog.test_admin import admin_url, assert_saved, errors, submit
from tests.factories import (
    book_seats,
    make_auditorium,
    make_cinema,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

EIGHT = datetime(2049, 3, 1, 20, tzinfo=UTC)


@pytest.fixture
def admin_client(client):
    client.force_login(make_staff(is_superuser=True))
    return client


def test_a_show_with_bookings_is_moved_by_naming_their_number(admin_client):
    show = make_show(starts_at=EIGHT, sales_until=EIGHT + timedelta(minutes=30))
    booking = book_seats(make_user(), show, "A1")
    later = {"starts_at_1": "23:00"}
    refused = submit(admin_client, admin_url(show), later)
    assert "1 live booking" in errors(refused)
    show.refresh_from_db()
    assert show.starts_at == EIGHT
    assert_saved(submit(admin_client, admin_url(show), later | {"confirm_bookings": "1"}))
    show.refresh_from_db()
    assert show.starts_at == EIGHT + timedelta(hours=2)
    assert show.sales_until == show.starts_at + timedelta(minutes=30)
    moved = booking.events.last()
    assert (moved.kind, moved.by, moved.actor.is_superuser) == ("moved", "staff", True)


def test_a_show_is_moved_to_very_soon_only_if_that_is_ticked(admin_client):
    # Where no hour comes twice: a form cannot say which it means.
    show = make_show(make_auditorium(make_cinema(timezone="Asia/Tokyo")))
    soon = timezone.now() + timedelta(hours=1)
    local = soon.astimezone(show.auditorium.cinema.tzinfo)
    sent = {"starts_at_0": f"{local:%Y-%m-%d}", "starts_at_1": f"{local:%H:%M:%S}"}
    assert "two hours" in errors(submit(admin_client, admin_url(show), sent))
    assert_saved(submit(admin_client, admin_url(show), sent | {"short_notice": "on"}))


def test_a_new_show_is_asked_for_no_consent_and_may_open_its_sales_later(admin_client):
    show = make_show()
    page = admin_client.get(admin_url(Show, "add")).content.decode()
    assert "confirm_bookings" not in page
    opens = {"sales_from_0": f"{show.starts_at:%Y-%m-%d}", "sales_from_1": "00:00"}
    assert_saved(submit(admin_client, admin_url(show), opens))
    show.refresh_from_db()
    assert show.sales_from is not None
