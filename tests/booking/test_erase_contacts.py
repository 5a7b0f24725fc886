"""Names and addresses of customers without an account are erased some time after their last show."""

from datetime import timedelta
from uuid import uuid4

import pytest

from marquee.accounts import operations as accounts
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import AccountEvent, User
from marquee.booking.models import Booking, CounterSale
from marquee.booking.operations import (
    close_account,
    erase_old_counter_customers,
    erase_old_guests,
)
from marquee.booking.records import CounterTerms
from marquee.core.clock import database_now
from tests.accounts.people import CLIENT, PASSWORD, ask_for_address
from tests.factories import book_seats, end_show, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def guest():
    return accounts.add_guest(email="guest@example.com", name="Guest", networks=[CLIENT])[0]


def is_erased(user) -> bool:
    user.refresh_from_db()
    return (user.name, user.address, user.search_text) == ("", "", "")


def test_a_guest_is_erased_30_days_after_its_last_show(show, guest):
    first, last = show, make_show()
    booking = book_seats(guest, first, "A1")
    book_seats(guest, last, "A1")
    end_show(first, ago=31 * DAY)
    assert (erase_old_guests(), is_erased(guest)) == (0, False)
    end_show(last, ago=30 * DAY - HOUR)
    assert (erase_old_guests(), is_erased(guest)) == (0, False)
    end_show(last, ago=30 * DAY + HOUR)
    assert (erase_old_guests(), is_erased(guest)) == (1, True)
    assert erase_old_guests() == 0
    assert Booking.objects.get(pk=booking.pk).user == guest


def test_its_tokens_end_with_it(guest):
    pair = accounts.add_guest(email="other@example.com", name="Other", networks=[CLIENT])[1]
    User.objects.update(created_at=database_now() - 31 * DAY)
    assert erase_old_guests() == 2
    with pytest.raises(BadCredentials):
        accounts.refresh(token=pair.refresh, networks=[CLIENT])


def test_a_guest_that_never_booked_is_erased_after_30_days(guest):
    User.objects.update(created_at=database_now() - 30 * DAY + HOUR)
    assert (erase_old_guests(), is_erased(guest)) == (0, False)
    User.objects.update(created_at=database_now() - 30 * DAY - HOUR)
    assert (erase_old_guests(), is_erased(guest)) == (1, True)


def test_a_provisional_guest_is_erased_when_its_last_show_is_long_over_or_it_never_booked(show):
    idle, held = (accounts.provisional_guest(visitor=uuid4(), networks=[CLIENT]) for _ in range(2))
    booking = book_seats(held, show, "A1", hold=True)
    end_show(show, ago=30 * DAY - HOUR)
    assert erase_old_guests() == 0
    end_show(show, ago=30 * DAY + HOUR)
    User.objects.filter(pk=idle.pk).update(created_at=database_now() - 31 * DAY)
    assert erase_old_guests() == 2
    assert not User.objects.exclude(visitor=None).exists()
    assert Booking.objects.get().user == booking.user
    assert erase_old_guests() == 0


def test_who_keeps_the_bookings_of_a_closed_account_is_erased_the_day_after(show, alice):
    booking = book_seats(alice, show, "A1")
    close_account(user=alice, upcoming="keep")
    booking.refresh_from_db()
    keeper = booking.user
    end_show(show, ago=DAY - HOUR)
    assert (erase_old_guests(), is_erased(keeper)) == (0, False)
    end_show(show, ago=DAY + HOUR)
    assert (erase_old_guests(), is_erased(keeper)) == (1, True)


def test_accounts_are_never_erased_by_their_age(show, alice):
    book_seats(alice, show, "A1")
    end_show(show, ago=900 * DAY)
    User.objects.update(created_at=database_now() - 900 * DAY)
    assert (erase_old_guests(), is_erased(alice)) == (0, False)


def test_customers_of_the_counter_are_erased_30_days_after_the_show(show):
    terms = CounterTerms(customer_name="Carol", customer_email="carol@example.com")
    book_seats(make_staff(), show, "A1", counter=terms)
    end_show(show, ago=30 * DAY - HOUR)
    assert erase_old_counter_customers() == 0
    end_show(show, ago=30 * DAY + HOUR)
    assert erase_old_counter_customers() == 1
    sale = CounterSale.objects.get()
    assert (sale.customer_name, sale.customer_email) == ("", "")
    assert erase_old_counter_customers() == 0


def test_addresses_in_the_history_are_erased_after_30_days_and_of_resets_after_two(guest):
    accounts.ask_for_reset(email="nobody@example.com", networks=[CLIENT])
    for age, left in ((DAY, 2), (3 * DAY, 1), (31 * DAY, 0)):
        AccountEvent.objects.update(at=database_now() - age)
        accounts.erase_old_addresses()
        assert AccountEvent.objects.exclude(email="").count() == left


def test_a_pending_address_goes_with_the_event_that_asked_for_it(db):
    alice = make_user(password=PASSWORD)
    for age, left in ((29, "new@example.com"), (31, "")):
        ask_for_address(alice, "new@example.com")
        AccountEvent.objects.update(at=database_now() - age * DAY)
        accounts.erase_old_addresses()
        alice.refresh_from_db()
        assert alice.pending_email == left


def test_a_pending_address_that_was_asked_for_again_stays(db):
    alice = make_user(password=PASSWORD)
    ask_for_address(alice, "old@example.com")
    AccountEvent.objects.update(at=database_now() - 31 * DAY)
    ask_for_address(alice, "new@example.com")
    accounts.erase_old_addresses()
    alice.refresh_from_db()
    assert alice.pending_email == "new@example.com"
