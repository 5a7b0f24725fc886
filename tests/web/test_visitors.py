"""The visitor's cookie, whose bookings a request may see, and one hold for each form."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import Client, RequestFactory

from marquee.accounts.models import User
from marquee.booking.errors import SeatsTaken
from marquee.booking.links import booking_link_token
from marquee.booking.models import Booking
from marquee.booking.operations import cancel
from marquee.booking.records import SeatChoice, TicketRequest
from marquee.web import customers, visitors
from marquee.web.storefront.holds import hold_seats, move_holds_at_login, to_checkout
from tests.factories import book_seats, expire_hold, make_show, make_user
from tests.web.html import text

pytestmark = pytest.mark.django_db


def browser(visitor=None, user=None, **cookies):
    """Return a request of a browser."""
    request = RequestFactory().get("/")
    request.user = user or AnonymousUser()
    if visitor:
        response = HttpResponse()
        visitors.keep(response, visitor)
        request.COOKIES[visitors.COOKIE] = response.cookies[visitors.COOKIE].value
    request.COOKIES |= cookies
    return request


def hold(request, show, *labels, key="form") -> tuple[Booking, object]:
    tickets = [TicketRequest(seat=label) for label in labels]
    return hold_seats(request, show_id=show.pk, tickets=tickets, choice=SeatChoice(), key=key)


def test_the_cookie_is_signed_and_out_of_reach_of_scripts_and_other_sites(settings):
    settings.SESSION_COOKIE_SECURE = True
    response, visitor = HttpResponse(), visitors.new_visitor()
    visitors.keep(response, visitor)
    cookie = response.cookies["visitor"]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"]) == (True, True, "Lax")
    assert visitors.visitor_of(browser(visitor)) == visitor


@pytest.mark.parametrize(
    "value", ["", "x", "0" * 32, "0" * 32 + ":x", "\ud800:x", "\x00", "a:b:c", "x" * 5000]
)
def test_a_cookie_that_we_did_not_sign_is_nobodys(value):
    request = browser()
    request.COOKIES["visitor"] = value
    assert visitors.visitor_of(request) is None


def test_a_hold_of_a_visitor_is_its_provisional_guests(show):
    booking, visitor = hold(browser(), show, "A1", "A2")
    guest = User.objects.get(pk=booking.user_id)
    assert (guest.visitor, guest.address) == (visitor, "")
    assert Booking.objects.get().channel == "web"
    response = to_checkout(booking, visitor)
    assert response.url == f"/checkout/{booking.reference}/"
    assert response.cookies["visitor"].value


def test_a_hold_of_an_account_is_the_accounts_and_sets_no_cookie(show, alice):
    booking, visitor = hold(browser(user=alice), show, "A1")
    assert (booking.user_id, visitor) == (alice.pk, None)
    assert "visitor" not in to_checkout(booking, visitor).cookies


def test_the_same_form_twice_holds_once(show):
    booking, visitor = hold(browser(), show, "A1")
    again, _ = hold(browser(visitor), show, "A1")
    assert again == booking
    assert User.objects.filter(email=None).count() == Booking.objects.count() == 1


def test_the_same_form_with_other_seats_holds_those(show):
    booking, visitor = hold(browser(), show, "A1")
    other, _ = hold(browser(visitor), show, "A2")
    assert other != booking
    assert other.user_id == booking.user_id


@pytest.mark.parametrize("end", [expire_hold, lambda booking: cancel(booking=booking)])
def test_the_same_form_after_its_hold_has_ended_holds_anew(show, end):
    booking, visitor = hold(browser(), show, "A1")
    end(booking)
    again, _ = hold(browser(visitor), show, "A1")
    assert again != booking
    assert hold(browser(visitor), show, "A1")[0] == again


def test_the_same_form_after_the_guest_said_who_it_is_finds_the_booking(show):
    booking, visitor = hold(browser(), show, "A1")
    User.objects.filter(pk=booking.user_id).update(contact_email="g@example.com", name="G")
    assert hold(browser(visitor), show, "A1")[0] == booking
    with pytest.raises(SeatsTaken):
        hold(browser(visitor), show, "A1", key="another form")


def test_a_hold_that_is_refused_leaves_no_guest_of_a_new_visitor(show, alice):
    book_seats(alice, show, "A1")
    with pytest.raises(SeatsTaken):
        hold(browser(), show, "A1")
    assert not User.objects.filter(email=None).exists()


def test_a_double_click_in_a_browser_without_the_cookie_makes_one_hold(show):
    first, visitor = hold(browser(csrftoken="x" * 32), show, "A1", "A2")
    assert hold(browser(csrftoken="x" * 32), show, "A1", "A2") == (first, visitor)
    assert Booking.objects.count() == 1
    for other in ({"csrftoken": "y" * 32}, {}):
        with pytest.raises(SeatsTaken):
            hold(browser(**other), show, "A1", "A2")
    with pytest.raises(SeatsTaken):
        hold(browser(csrftoken="x" * 32), show, "A1", "A2", key="")


def find(request, reference):
    found = customers.find_booking(request, reference)
    return found and found.booking


def test_bookings_are_found_by_account_visitor_and_link_alone(show, alice):
    own = book_seats(alice, show, "A1")
    theirs, visitor = hold(browser(), show, "A2")
    token = booking_link_token(own)
    assert find(browser(user=alice), own.reference) == own
    assert find(browser(visitor), theirs.reference) == theirs
    assert find(browser(link=token), own.reference) == own
    User.objects.filter(pk=theirs.user_id).update(is_active=False)
    assert find(browser(visitor), theirs.reference) is None
    for request in (browser(), browser(visitors.new_visitor()), browser(user=make_user("Bob"))):
        assert find(request, own.reference) is None
        assert find(request, theirs.reference) is None
    assert find(browser(link=token), theirs.reference) is None
    assert find(browser(visitor), own.reference) is None


@pytest.mark.parametrize("reference", ["\x00", "\ud800", "x" * 5000, "", "k7q2mxw4"])
def test_a_reference_that_is_none_is_not_looked_up(alice, reference, django_assert_num_queries):
    with django_assert_num_queries(0):
        request = browser(visitors.new_visitor(), alice)
        assert find(request, reference) is None


def test_owners_are_the_account_and_the_visitors_guests(show, alice):
    booking, visitor = hold(browser(), show, "A1")
    assert customers.owner_ids(browser(visitor, alice)) == [alice.pk, booking.user_id]
    assert customers.owner_ids(browser()) == []


def test_logging_in_moves_the_visitors_holds_to_the_account(show, alice):
    booking, visitor = hold(browser(), show, "A1")
    assert move_holds_at_login(browser(), alice).moved == ()
    assert move_holds_at_login(browser(visitor), alice).moved == [booking.reference]
    assert find(browser(user=alice), booking.reference) == booking
    assert find(browser(visitor), booking.reference) is None


def test_the_page_of_a_booking_opens_by_the_visitors_cookie_and_by_login(show):
    other = make_show()
    held, visitor = hold(browser(), show, "A1")
    client, anybody = Client(), Client()
    client.cookies["visitor"] = browser(visitor).COOKIES["visitor"]
    assert client.get(f"/bookings/{held.reference}/").status_code == 200
    assert anybody.get(f"/bookings/{held.reference}/").status_code == 404
    alice = make_user()
    own = book_seats(alice, other, "A1")
    anybody.force_login(alice)
    assert anybody.get(f"/bookings/{own.reference}/").status_code == 200


def test_where_addresses_must_be_verified_the_refusal_leads_on_and_keeps_the_choice(
    client, settings
):
    settings.BOOK_BEFORE_VERIFYING = False
    path, choice = f"/shows/{make_show().pk}/", {"seat": "A1", "type-A1": "child"}
    page = client.post(path, choice)
    assert page.status_code == 409
    assert "You need an account to book here" in text(page)
    keeps = quote(f"{path}?seat=A1&type-A1=child", safe="")
    for name in ("log-in", "sign-up"):
        assert f'href="/{name}/?next={keeps}"' in page.content.decode()
    client.force_login(make_user())
    again = client.post(path, choice).content.decode()
    assert "Verify your address first" in again
    assert 'class="button quiet" href="/account/"' in again
