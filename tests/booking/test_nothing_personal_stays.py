"""A closed account leaves no personal data in any table, but what its kept bookings need for a while."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from marquee.accounts.models import User
from marquee.accounts.operations import ask_for_reset, make_link
from marquee.accounts.states import LinkPurpose
from marquee.booking.models import Booking
from marquee.booking.operations import close_account, confirm, erase_old_guests
from marquee.booking.records import Contact
from marquee.booking.states import UpcomingBookings
from marquee.mail import planning
from tests.accounts.people import CLIENT, PASSWORD
from tests.api.test_accounts import bearer, post
from tests.booking.visitors import hold_as_visitor, visitor_of
from tests.factories import client_of, end_show, make_show, make_staff

pytestmark = pytest.mark.django_db

# Parts of the name, the address, the address asked for, the browser and the language of one person.
MARKS = ("zebra7", "quagga", "okapi9", "numbat")
EMAIL, NAME, PENDING = "Zebra7@Quagga.example", "Zebra7 Quagga", "okapi9@example.com"
AGENT = {"User-Agent": "Numbat/1.0 (X11; Linux)"}


def found() -> dict[str, set[str]]:
    """Return which tables have which marks, in any column and in any spelling."""
    marks: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall()).lower()
            if here := {mark for mark in MARKS if mark in text}:
                marks[table] = here
    sessions = [row.get_decoded() for row in Session.objects.all()]
    users = {int(one["_auth_user_id"]) for one in sessions if "_auth_user_id" in one}
    if User.objects.filter(pk__in=users).exclude(is_active=True).exists():
        marks["django_session"] = {"of a closed account"}
    return marks


def book(client, show, *seats, **fields) -> str:
    body = {"tickets": [{"seat": seat} for seat in seats]} | fields
    return str(post(client, f"shows/{show.pk}/bookings/", body).json()["reference"])


def leave_traces_of(user: User, client, show) -> None:
    """Leave a trace of a user wherever the code stores anything about one."""
    book(client, show, "A1")
    book(client, show, "A2", hold=True)
    over = make_show()
    book(client, over, "A1")
    end_show(over)
    client.patch("/api/v1/me/", {"name": f"{NAME} II"})
    for purpose in (LinkPurpose.VERIFY, LinkPurpose.RESET):
        make_link(user=user, purpose=purpose, email=user.address)
    ask_for_reset(email="ZEBRA7@quagga.EXAMPLE".lower(), networks=[CLIENT])
    LogEntry.objects.create(
        user=make_staff(),
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(user.pk),
        object_repr=str(user),
        action_flag=CHANGE,
        change_message=f"Changed the name to {NAME}.",
    )
    planning.plan_everything()


def test_a_closed_account_leaves_nothing():
    show = make_show()
    body = {"email": EMAIL, "name": NAME, "password": PASSWORD}
    token = post(client_of(), "auth/signup/", body, headers=AGENT).json()["access"]
    user, client = User.objects.get(), bearer(token)
    client.patch("/api/v1/me/", {"email": PENDING, "password": PASSWORD})
    Client().force_login(user)
    leave_traces_of(user, client, show)
    # The negative control: the search finds everything before.
    before = found()
    assert before["account"] == {"zebra7", "quagga", "okapi9"}
    assert before["account_event"] == {"zebra7", "quagga", "okapi9"}
    assert before["login_session"] == {"numbat"}
    assert {"account_link", "django_admin_log"} <= before.keys()
    assert Session.objects.exists()
    user.refresh_from_db()
    client = client_of(user)
    closed = post(client, "me/delete/", {"password": PASSWORD, "bookings": "cancel"})
    assert closed.status_code == 204
    assert found() == {}
    assert not Session.objects.exists()
    planning.plan_everything()
    assert found() == {}
    assert Booking.objects.filter(user=user).count() == 3


def begin(show) -> tuple[User, str]:
    """Return a guest with traces everywhere, and the token of a link that closes it."""
    body = {"email": EMAIL, "name": NAME}
    token = post(client_of(), "auth/guest/", body, headers=AGENT).json()["access"]
    guest = User.objects.get()
    leave_traces_of(guest, bearer(token), show)
    return guest, make_link(user=guest, purpose=LinkPurpose.CLOSE, email=guest.address)


def test_a_closed_guest_leaves_nothing():
    _, token = begin(make_show())
    assert {"account", "account_event", "account_link", "login_session"} <= found().keys()
    post(client_of(), "auth/delete/confirm/", {"token": token, "bookings": "cancel"})
    assert found() == {}


def test_a_visitor_leaves_nothing():
    show = make_show()
    hold = hold_as_visitor(show, "A3")
    visitor = visitor_of(hold)
    confirm(booking=hold, contact=Contact(NAME, EMAIL, "de"))
    guest = User.objects.get()
    leave_traces_of(guest, client_of(guest), show)
    hold_as_visitor(make_show(), "A1", visitor=visitor)
    assert {"account", "account_event"} <= found().keys()
    assert visitor_is_known(visitor)
    for one in User.objects.filter(email=None):
        close_account(user=one, upcoming=UpcomingBookings.CANCEL)
    assert found() == {}
    assert not visitor_is_known(visitor)


def visitor_is_known(visitor: UUID) -> bool:
    """Return whether the id of a browser is in any table, in either spelling."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text = str(cursor.fetchall())
            if str(visitor) in text or visitor.hex in text:
                return True
    return False


def test_kept_bookings_leave_name_and_address_until_the_day_after_the_show():
    show = make_show()
    _, token = begin(show)
    post(client_of(), "auth/delete/confirm/", {"token": token, "bookings": "keep"})
    assert found() == {"account": {"zebra7", "quagga"}}
    end_show(show, ago=timedelta(hours=25))
    assert erase_old_guests() == 1
    assert found() == {}
