"""Each operation of the API for staff leaves one entry in the audit log, and none when it is refused."""

import pytest

from marquee.accounts.states import Role
from marquee.audit.models import AuditEntry
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import block
from marquee.catalog.models import Seat, Show
from marquee.catalog.operations import change_auditorium
from marquee.core.actor import acting_staff
from tests.api.acts import ACTS, API, make_requests, send
from tests.factories import client_of, make_cinema, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db

READS = {"list price cards", "read a price card"}
# What an act is called in the log, where its first word does not say it.
ACTIONS = {
    "add a genre": ("changed", "movie"),
    "add a movie with a new genre": ("added", "movie"),
    "sell at the counter": ("sold", "booking"),
    "change prices": ("changed", "price_card"),
    "replace a show": ("moved", "show"),
    "move a show": ("moved", "show"),
    "call a show off": ("called_off", "show"),
    "take the newest plan": ("new_plan", "show"),
    "block seats": ("blocked", "show"),
    "unblock seats": ("unblocked", "show"),
}
VERBS = {"add": "added", "replace": "changed", "change": "changed", "delete": "deleted"}
VERBS["rename"] = "changed"
OF_NO_CINEMA = {"movie", "format"}


def expected(act):
    if act in ACTIONS:
        return ACTIONS[act]
    verb, _, *noun = act.split()
    return VERBS[verb], "_".join(noun)


def prepare(act, request):
    """Give an act something to do: seats to unblock, or a plan that is newer."""
    if act not in {"unblock seats", "take the newest plan"}:
        return
    show = Show.objects.get(pk=request[1].split("/")[-3])
    if act == "unblock seats":
        block(show=show, seats={Seat.objects.get(plan=show.seat_plan, label="A1").pk})
    else:
        change_auditorium(auditorium=show.auditorium, rows=["A: ssssss"])


def sent_id(request, response):
    """Return the id of the row that a request is about."""
    ids = [part for part in request[1].split("/") if part.isdigit()]
    if "counter" in request[1]:
        return str(Booking.objects.get(reference=response.json()["reference"]).pk)
    return ids[0] if ids else str(response.json()["id"])


@pytest.mark.parametrize("act", [act for act in ACTS if act not in READS])
def test_an_act_of_staff_is_recorded_once_with_who_where_and_what(act):
    cinema = make_cinema()
    request = make_requests(cinema)[act]
    prepare(act, request)
    for person in (make_user(), make_staff(Role.GATE)):
        assert send(person, request).status_code == 403
    assert not AuditEntry.objects.exists()
    staff = make_staff()
    response = send(staff, request)
    assert response.status_code < 300, response.content
    entry = AuditEntry.objects.get()
    action, subject = expected(act)
    assert (entry.action, entry.subject_kind, entry.actor_id) == (action, subject, staff.pk)
    assert entry.subject_id == sent_id(request, response)
    if subject == "cinema":
        assert entry.cinema_id == int(entry.subject_id)
    else:
        assert entry.cinema_id == (None if subject in OF_NO_CINEMA else cinema.pk)
    assert entry.changes
    assert entry.request_id == response["X-Request-ID"]
    assert acting_staff() is None


def test_reading_is_not_recorded_and_a_refused_act_neither():
    requests, staff = make_requests(make_cinema()), make_staff()
    for act in READS:
        assert send(staff, requests[act]).status_code == 200
    method, address, body = requests["add an auditorium"]
    refused = getattr(client_of(staff), method)(address, body | {"rows": ["no plan"]})
    assert refused.status_code == 400
    assert not AuditEntry.objects.exists()


def test_what_staff_book_as_customers_is_not_recorded():
    show = make_show()
    staff = client_of(make_staff())
    booked = staff.post(f"{API}/shows/{show.pk}/bookings/", {"tickets": [{"seat": "A1"}]})
    assert booked.status_code == 201
    address = f"{API}/bookings/{booked.json()['reference']}/cancel/"
    assert staff.post(address, {}).status_code == 200
    assert not AuditEntry.objects.exists()


def test_what_a_seller_changes_of_a_sale_is_recorded_and_what_customers_do_is_not():
    show, staff, customer = make_show(), make_staff(), make_user()
    path = f"{API}/shows/{show.pk}/{{}}/"
    for person, kind in ((customer, "bookings"), (staff, "counter-bookings")):
        body = {"tickets": [{"seat": "A1" if person is staff else "A5"}]}
        sold = send(person, ("post", path.format(kind), body)).json()
        booking = f"{API}/bookings/{sold['reference']}"
        other = {"tickets": [{"seat": "A2" if person is staff else "A6"}]}
        assert send(person, ("post", f"{booking}/exchange/", other)).status_code == 200
        assert send(person, ("post", f"{booking}/cancel/", None)).status_code == 200
    entries = AuditEntry.objects.order_by("pk").values_list("action", "actor_id", "subject_kind")
    assert list(entries) == [
        (action, staff.pk, "booking") for action in ("sold", "changed", "cancelled")
    ]
    changed = AuditEntry.objects.get(action="changed")
    assert changed.changes == {"tickets": [["A1 adult"], ["A2 adult"]]}
    for person, by in ((customer, "customer"), (staff, "staff")):
        events = BookingEvent.objects.filter(booking__user=person)
        assert set(events.values_list("by", "actor_id")) == {(by, person.pk)}
