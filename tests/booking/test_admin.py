"""The back office: it looks at everything, and changes only by the operations."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marquee.booking.models import Booking, Ticket
from marquee.catalog.models import Show
from tests.factories import book_seats, make_show, make_staff, make_user, run_out

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_staff(is_superuser=True))
    return client


@pytest.fixture
def show():
    return make_show()


def act(office, model, action, *rows, **more):
    """Choose rows in a list and do something with them; return what the page said."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    chosen = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    answer = office.post(address, chosen, follow=True)
    assert answer.status_code == 200
    return answer


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def test_lists_and_single_pages_open(office, show):
    booking = book_seats(make_user(), show, "A1")

    for row in (booking, booking.tickets.get(), show):
        name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
        assert office.get(reverse(f"{name}_changelist")).status_code == 200
        assert office.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


def test_the_list_of_bookings_takes_as_many_queries_for_one_as_for_three(
    office, show, django_assert_max_num_queries
):
    address = reverse("admin:booking_booking_changelist")
    counts = []
    for label in ("A1", "A3", "A5"):
        book_seats(make_user(), show, label)
        with django_assert_max_num_queries(20) as queries:
            office.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_a_hold_that_ran_out_is_shown_as_expired(office, show):
    booking = book_seats(make_user(), show, "A1", hold=True)
    run_out(booking)

    page = office.get(reverse("admin:booking_booking_changelist")).content.decode()

    assert '<td class="field-current_status">Expired</td>' in page


def test_a_booking_is_found_by_its_reference_and_by_address(office, show):
    booking = book_seats(make_user(), show, "A1")
    other = book_seats(make_user("Bob"), show, "A3")
    address = reverse("admin:booking_booking_changelist")

    for term in (booking.reference, booking.user.email):
        page = office.get(address, {"q": term}).content.decode()
        assert booking.reference in page
        assert other.reference not in page


def test_bookings_are_neither_added_nor_changed_nor_deleted_by_hand(office, show):
    booking = book_seats(make_user(), show, "A1")

    assert office.get(reverse("admin:booking_booking_add")).status_code == 403
    for page in ("change", "delete"):
        answer = office.post(reverse(f"admin:booking_booking_{page}", args=[booking.pk]), {})
        assert answer.status_code == 403
    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_staff_cancel_by_the_rules_of_customers(office, show):
    booking = book_seats(make_user(), show, "A1")
    late = make_show(starts_at=timezone.now() + timedelta(minutes=10))
    too_late = book_seats(make_user(), late, "A1")

    answer = act(office, Booking, "cancel_bookings", booking, too_late, confirmed="yes")

    statuses = set(Booking.objects.values_list("reference", "status"))
    assert statuses == {(booking.reference, "cancelled"), (too_late.reference, "confirmed")}
    [refused] = [line for line in said(answer) if too_late.reference in line]
    assert "too late" in refused
    assert "Done: 1." in said(answer)


def test_staff_confirm_a_hold_that_was_paid_at_the_counter(office, show):
    booking = book_seats(make_user(), show, "A1", hold=True)

    act(office, Booking, "confirm_bookings", booking)

    booking.refresh_from_db()
    assert booking.status == "confirmed"


def test_a_ticket_is_admitted_once(office, show):
    ticket = book_seats(make_user(), show, "A1").tickets.get()

    assert said(act(office, Ticket, "admit_tickets", ticket, confirmed="yes")) == ["Done: 1."]
    [refused] = said(act(office, Ticket, "admit_tickets", ticket, confirmed="yes"))

    assert "already" in refused
    ticket.refresh_from_db()
    assert ticket.status == "used"


def test_a_show_is_called_off_only_after_a_page_that_says_what_that_means(office, show):
    booking = book_seats(make_user(), show, "A1")

    asked = act(office, Show, "call_off_shows", show)

    assert "1 booking" in asked.content.decode()
    show.refresh_from_db()
    assert show.state == "scheduled"

    act(office, Show, "call_off_shows", show, confirmed="yes")

    show.refresh_from_db()
    booking.refresh_from_db()
    assert (show.state, booking.status) == ("called_off", "cancelled")


def test_customers_do_not_get_in(client, show):
    client.force_login(make_user())

    assert client.get(reverse("admin:booking_booking_changelist")).status_code == 302
