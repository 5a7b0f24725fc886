"""The checkout of a hold: confirm it with name and address, keep it, give it back, and its end."""

import re
from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from marquee.accounts.models import User
from marquee.booking.errors import NotHeld
from marquee.booking.models import Booking
from marquee.booking.operations import call_off, cancel, confirm, expire, extend, move_holds
from marquee.catalog.models import Show
from marquee.catalog.operations import PriceLine, change_price_card
from marquee.web import visitors
from marquee.web.storefront import checkout
from marquee.web.storefront.holds import move_holds_at_login
from tests.accounts.people import PASSWORD
from tests.booking.visitors import GERDA, hold_as_visitor
from tests.factories import PRICES, book_seats, expire_hold, make_show, make_user
from tests.web.html import GERMAN, all_tables, heading, text

pytestmark = pytest.mark.django_db

FORM = {"name": GERDA.name, "email": GERDA.email, "expected_total": "2500"}


class Browser(Client):
    """A visitor with the seats A1 and A2 held, and the pages of their checkout."""

    def __init__(self, show: Show, *labels: str, **options) -> None:
        super().__init__(**options)
        self.id = uuid4()
        response = HttpResponse()
        visitors.keep(response, self.id)
        self.cookies["visitor"] = response.cookies["visitor"].value
        self.hold = hold_as_visitor(show, *labels or ("A1", "A2"), visitor=self.id)
        self.path = f"/checkout/{self.hold.reference}/"

    def open(self, **options):
        return self.get(self.path, **options)

    def book(self, path="", **fields):
        return self.post(f"{self.path}{path}", FORM | fields)

    @property
    def status(self) -> str:
        return Booking.objects.get(pk=self.hold.pk).status


@pytest.fixture
def visitor(show):
    return Browser(show)


def is_booked(response, visitor) -> bool:
    path = f"/bookings/{visitor.hold.reference}/"
    return (response.status_code, response.get("Location")) == (302, path)


# --- The page ---------------------------------------------------------------------------------------


def test_the_page_says_what_is_bought_what_it_costs_and_until_when_it_is_held(visitor, show):
    shown = text(visitor.open())
    assert show.movie.title in shown
    assert "A1 adult €12.50 A2 adult €12.50 Total €25.00" in shown.replace("Adult", "adult")
    assert "Held for you until" in shown
    assert "You pay at the cinema. Nothing else is added." in shown
    assert "You can cancel until" in shown
    assert "Book 2 seats, €25.00, pay at the cinema" in shown


def test_in_german(visitor):
    shown = text(visitor.open(headers=GERMAN))
    assert "2 Plätze buchen" in shown
    assert "Für Sie reserviert bis" in shown


def test_the_time_left_is_the_servers_and_is_spoken_at_5_2_and_1_minutes(visitor):
    expire_hold(visitor.hold, seconds=200)
    page = visitor.open().content.decode()
    (seconds,) = re.findall(r'data-seconds="(\d+)"', page)
    assert 190 <= int(seconds) <= 200
    assert re.findall(r'<data value="(\d+)">', page) == ["300", "120", "60", "0"]
    assert page.count('role="status"') == 1


def test_one_statement_reads_the_hold_its_tickets_and_the_title(visitor, django_assert_num_queries):
    with django_assert_num_queries(1):
        visitor.open()


def test_the_hold_of_others_and_unknown_ones_are_alike(visitor, show, alice):
    other, account = Client(), Client()
    account.force_login(alice)
    pages = [one.get(visitor.path) for one in (other, account)]
    pages += [other.get("/checkout/AAAAAAAA/"), visitor.get("/checkout/%00%00/")]
    assert {page.status_code for page in pages} == {404}
    assert len({heading(page) for page in pages}) == 1
    assert text(pages[0]) == text(pages[2]) == text(pages[3])
    assert f'href="/log-in/?next={quote(visitor.path, safe="")}"' in pages[0].content.decode()
    for path in ("", "extend/", "release/"):
        assert other.post(f"{visitor.path}{path}", FORM).status_code == 404
    assert visitor.status == "held"


# --- Book -------------------------------------------------------------------------------------------


def test_a_guest_books_with_name_and_address_and_sees_the_booking(visitor):
    response = visitor.book()
    assert is_booked(response, visitor)
    assert response.cookies["visitor"]["max-age"]
    booking = Booking.objects.select_related("user").get()
    assert (booking.status, booking.user.name, booking.user.address) == (
        "confirmed", GERDA.name, GERDA.email,
    )  # fmt: skip
    page = visitor.get(response["Location"])
    assert page.status_code == 200
    assert f"on its way to {GERDA.email}" in text(page)


def test_a_double_click_back_and_a_second_tab_book_once(visitor):
    for email in (GERDA.email, GERDA.email, "other@example.com"):
        assert is_booked(visitor.book(email=email), visitor)
    assert is_booked(visitor.open(), visitor)
    assert User.objects.count() == 1
    assert Booking.objects.get().user.address == GERDA.email


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "x" * 151), ("name", "\x00"), ("email", ""), ("email", "gerda"),
        ("email", "a@example.com,b@example.com"), ("email", "x" * 250 + "@example.com"),
        ("name", "two\nlines"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(visitor, field, value):
    response = visitor.book(**{field: value})
    assert response.status_code == 400
    assert f'id="id_{field}_error"' in response.content.decode()
    assert "Error:" in response.content.decode()
    other = {"name": "email", "email": "name"}[field]
    assert f'value="{FORM[other]}"' in response.content.decode()
    assert visitor.status == "held"


def test_a_hostile_name_is_shown_as_text(visitor):
    page = visitor.book(name="<script>alert(1)</script>", email="").content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize("total", ["", "abc", "-1", "2500.0", "9" * 40, "\x00", "٣"])
def test_a_total_that_is_none_is_a_bad_request_and_changes_nothing(visitor, total):
    before = all_tables()
    assert visitor.book(expected_total=total).status_code == 400
    assert all_tables() == before


def test_a_tampered_total_is_asked_again(visitor):
    response = visitor.book(expected_total="1")
    assert response.status_code == 409
    assert "The price has changed" in text(response)
    assert 'name="expected_total" value="2500"' in response.content.decode()
    assert visitor.status == "held"
    assert not User.objects.exclude(contact_email="").exists()


def test_too_many_seats_of_one_address_are_refused_with_what_was_typed(visitor, show, settings):
    settings.SEAT_LIMIT = 3
    book_seats(make_user("Gerda", email=GERDA.email), show, "B1", "B2")
    response = visitor.book()
    assert response.status_code == 409
    assert "One customer can book 1 more seat" in text(response)
    assert f'value="{GERDA.name}"' in response.content.decode()
    assert visitor.status == "held"


def test_a_form_of_another_browser_is_refused(show):
    strict = Browser(show, enforce_csrf_checks=True)
    response = strict.book()
    assert (response.status_code, strict.status) == (403, "held")
    assert heading(response) == "This form is out of date"


# --- Accounts ---------------------------------------------------------------------------------------


def test_an_account_books_by_one_button(show, alice):
    client = Client()
    client.force_login(alice)
    hold = book_seats(alice, show, "A1", "A2", hold=True)
    page = client.get(f"/checkout/{hold.reference}/")
    assert alice.address in text(page)
    assert "id_email" not in page.content.decode()
    client.post(f"/checkout/{hold.reference}/", {"expected_total": "2500"})
    hold.refresh_from_db()
    assert (hold.status, hold.user) == ("confirmed", alice)


def test_logging_in_half_way_loses_nothing(visitor):
    user = User.objects.create_user("alice@example.com", PASSWORD, name="Alice")
    assert f"/log-in/?next={visitor.path}" in visitor.open().content.decode()
    form = {"email": user.email, "password": PASSWORD}
    response = visitor.post(f"/log-in/?next={visitor.path}", form)
    assert response["Location"] == visitor.path
    assert Booking.objects.get().user == user
    assert "id_email" not in visitor.open().content.decode()
    assert is_booked(visitor.book(), visitor)
    assert Booking.objects.get().user == user


def test_signing_up_half_way_loses_nothing(visitor):
    form = {"email": "new@example.com", "password": PASSWORD, "name": "New"}
    visitor.post(f"/sign-up/?next={visitor.path}", form)
    assert Booking.objects.get().user.email == "new@example.com"


def test_what_the_account_may_not_have_stays_and_the_page_says_why(visitor, show, settings):
    settings.SEAT_LIMIT = 3
    alice = make_user()
    book_seats(alice, show, "B1", "B2")
    move_holds(visitor=visitor.id, user=alice)
    visitor.force_login(alice)
    assert visitor.open().status_code == 200
    response = visitor.book()
    assert response.status_code == 409
    assert "too many seats for one customer" in text(response)
    assert Booking.objects.get(pk=visitor.hold.pk).user.visitor == visitor.id


def test_an_account_that_may_not_take_the_hold_books_it_as_a_guest(visitor, alice):
    visitor.force_login(alice)
    page = visitor.open().content.decode()
    log_out = f"/log-out/?next={quote(visitor.path, safe='')}"
    assert f'action="{log_out}"' in page
    response = visitor.post(log_out)
    assert response["Location"] == visitor.path
    assert "Book as a guest" not in visitor.open().content.decode()
    assert is_booked(visitor.book(), visitor)
    assert Booking.objects.get().user.contact_email == FORM["email"]


def test_an_account_that_logged_in_elsewhere_takes_the_hold_along_when_it_books(visitor, alice):
    visitor.force_login(alice)
    assert is_booked(visitor.book(), visitor)
    assert Booking.objects.get().user == alice


def test_a_lapsed_hold_of_a_guest_is_held_again_for_the_account(visitor, alice):
    expire_hold(visitor.hold)
    visitor.force_login(alice)
    response = visitor.book()
    again = Booking.objects.get(user=alice)
    assert response["Location"] == f"/checkout/{again.reference}/"
    assert again.status == "held"


def test_a_hold_that_ends_while_the_account_books_it_is_held_again(visitor, alice, monkeypatch):
    visitor.force_login(alice)

    def move_late(request, user):
        expire_hold(visitor.hold)
        return move_holds_at_login(request, user)

    monkeypatch.setattr(checkout, "move_holds_at_login", move_late)
    again = visitor.book()["Location"]
    assert again == f"/checkout/{Booking.objects.get(user=alice).reference}/"


# --- Time -------------------------------------------------------------------------------------------


def test_keeping_the_seats_says_until_when_and_keeps_what_was_typed(visitor):
    expire_hold(visitor.hold, seconds=60)
    assert "keep the seats once, for 8 minutes" in text(visitor.open())
    response = visitor.book("extend/", email="gerd")
    assert response.status_code == 200
    assert "Your seats are kept until" in text(response)
    assert 'value="gerd"' in response.content.decode()
    assert "Keep my seats" not in text(response)
    again = visitor.book("extend/")
    assert (again.status_code, "cannot be kept for longer" in text(again)) == (409, True)
    assert visitor.get(f"{visitor.path}extend/")["Location"] == visitor.path


def test_seats_given_back_are_free_and_stay_chosen(visitor):
    response = visitor.post(f"{visitor.path}release/")
    show = visitor.hold.show_id
    seats = f"/shows/{show}/?seat=A1&seat=A2&type-A1=adult&type-A2=adult"
    assert (response["Location"], visitor.status) == (seats, "cancelled")
    page = visitor.open()
    assert heading(page) == "You gave these seats back"
    assert visitor.book().status_code == 409
    assert visitor.get(f"{visitor.path}release/")["Location"] == visitor.path


def test_giving_back_what_was_booked_that_very_moment_leads_to_the_booking(visitor, monkeypatch):
    def release(**named):
        confirm(booking=visitor.hold, contact=GERDA)  # another tab, after the page has looked
        raise NotHeld("It is booked.")

    monkeypatch.setattr("marquee.web.storefront.checkout.release", release)
    assert visitor.post(f"{visitor.path}release/")["Location"] == visitor.path
    assert is_booked(visitor.open(), visitor)


def test_giving_back_what_another_tab_has_confirmed_cancels_nothing(visitor):
    confirm(booking=visitor.hold, contact=GERDA)
    assert is_booked(visitor.post(f"{visitor.path}release/"), visitor)
    assert visitor.status == "confirmed"


@pytest.mark.parametrize("end", [lambda hold: None, lambda hold: expire(booking=hold)])
def test_after_the_end_the_same_seats_are_offered_with_what_was_typed(visitor, end):
    expire_hold(visitor.hold)
    end(visitor.hold)
    page = visitor.open()
    assert "The time is up, but your seats are still free" in text(page)
    assert "Keep my seats" not in text(page)
    assert "data-seconds" not in page.content.decode()
    wrong = visitor.book(email="gerda")
    assert f'value="{GERDA.name}"' in wrong.content.decode()
    assert is_booked(visitor.book(), visitor)


def test_after_the_end_lost_seats_lead_to_others(visitor, show, alice):
    expire_hold(visitor.hold)
    book_seats(alice, show, "A2")
    page = visitor.open()
    assert heading(page) == "Somebody else has these seats now"
    assert "Taken since your time ran out: A2 ." in text(page)
    assert f"/shows/{show.pk}/?seat=A1&amp;seat=A2" in page.content.decode()
    assert visitor.book().status_code == 409


def test_a_price_that_rose_since_is_asked_again(visitor, show):
    expire_hold(visitor.hold)
    lines = [PriceLine(*key, Decimal(amount) * 2) for key, amount in PRICES.items()]
    change_price_card(price_card=show.price_card, prices=lines)
    response = visitor.book()
    assert response.status_code == 409
    assert "These seats cost €50.00 now" in text(response)
    assert "Book 2 seats, €50.00" in text(response)
    assert f'value="{GERDA.email}"' in response.content.decode()
    assert is_booked(visitor.book(expected_total="5000"), visitor)


def test_after_the_end_of_sales_an_ended_hold_leads_to_other_shows(visitor, show):
    expire_hold(visitor.hold)
    Show.objects.filter(pk=show.pk).update(sales_until=timezone.now() - timedelta(minutes=1))
    page = visitor.open()
    assert heading(page) == "Sales for this show have closed"
    assert f"/movies/{show.movie_id}/" in page.content.decode()


def test_a_show_called_off_during_checkout_says_so(visitor, show):
    call_off(show=show, reason="The projector broke.")
    for page, status in ((visitor.open(), 200), (visitor.book(), 409)):
        assert page.status_code == status
        assert "this show does not take place" in heading(page)
        assert "The projector broke." in text(page)


@pytest.mark.parametrize("status", [409, 302])
def test_what_changes_between_the_look_and_the_confirmation_is_explained(
    visitor, show, alice, monkeypatch, status
):
    """Another tab is faster: the refusal comes from the operation."""
    from marquee.web.storefront import checkout

    def slow(*, booking, **fields):
        if status == 409:
            cancel(booking=booking)
        else:
            move_holds(visitor=visitor.id, user=alice)
        return confirm(booking=booking, **fields)

    monkeypatch.setattr(checkout, "confirm", slow)
    response = visitor.book()
    assert response.status_code == status
    if status == 409:
        assert heading(response) == "You gave these seats back"
    else:
        assert response["Location"] == visitor.path


def test_an_extension_by_another_tab_is_no_error(visitor):
    expire_hold(visitor.hold, seconds=60)
    extend(booking=visitor.hold)
    assert "Keep my seats" not in text(visitor.open())
    assert is_booked(visitor.book(), visitor)


def test_a_late_show_is_sold_without_a_way_to_cancel():
    show = make_show(starts_in=timedelta(minutes=10))
    visitor = Browser(show)
    assert "the booking is final" in text(visitor.open())
