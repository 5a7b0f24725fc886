"""The provisional guest of a visitor: nobody yet, until it says its name and address."""

from uuid import uuid4

import pytest
from django.db import IntegrityError

from marquee.accounts import operations as accounts
from marquee.accounts.errors import AccountClosed, TooManyAttempts
from marquee.accounts.models import AddressKey, User, address_key
from marquee.accounts.operations.traces import erase_guests
from marquee.accounts.queries import guests_of_visitor
from tests.accounts.people import CLIENT, history

pytestmark = pytest.mark.django_db

EMAIL = "Guest@Example.com"


def begin(visitor=None) -> User:
    return accounts.provisional_guest(visitor=visitor or uuid4(), networks=[CLIENT], language="de")


def name(guest: User, email: str = EMAIL, called: str = " Gerda Gast ") -> User:
    return accounts.name_guest(guest_id=guest.pk, email=email, name=called, language="de")


def test_a_visitor_has_one_provisional_guest_without_name_and_address():
    visitor = uuid4()
    guest = begin(visitor)
    assert begin(visitor) == guest
    assert (guest.address, guest.name, guest.is_guest, guest.is_closed) == ("", "", True, False)
    assert not guest.has_usable_password()
    assert not AddressKey.objects.exists()
    assert begin() != guest


def test_the_database_refuses_a_second_provisional_guest_of_a_visitor():
    guest = begin()
    with pytest.raises(IntegrityError, match=r"visitor|account_one_provisional"):
        User.objects.create(email=None, visitor=guest.visitor)


def test_a_new_provisional_guest_counts_as_a_guest(settings):
    settings.GUEST_LIMIT = 1
    visitor = uuid4()
    begin(visitor)
    with pytest.raises(TooManyAttempts):
        begin()
    begin(visitor)  # it is there already


def test_a_guest_that_says_who_it_is_keeps_its_visitor():
    guest = begin()
    named = name(guest)
    assert named == guest
    assert (named.address, named.name) == ("guest@example.com", "Gerda Gast")
    assert AddressKey.objects.get().key == address_key(EMAIL)
    assert history(named) == [("guest", "guest@example.com")]
    assert guests_of_visitor(guest.visitor) == [guest.pk]


def test_the_next_hold_of_the_visitor_is_of_another_guest():
    guest = begin()
    name(guest)
    other = begin(guest.visitor)
    assert other != guest
    assert guests_of_visitor(guest.visitor) == [guest.pk, other.pk]


def test_a_named_guest_stays_who_it_is():
    guest = name(begin())
    assert name(guest) == guest
    other = name(guest, "other@example.com")
    assert other != guest
    assert (other.visitor, other.address) == (guest.visitor, "other@example.com")
    guest.refresh_from_db()
    assert guest.address == "guest@example.com"


def test_a_guest_that_was_erased_cannot_be_named():
    guest = begin()
    erase_guests([guest.pk])
    with pytest.raises(AccountClosed):
        name(guest)


def test_erasing_a_guest_erases_its_visitor():
    guest = begin()
    visitor = guest.visitor
    erase_guests([guest.pk])
    assert guests_of_visitor(visitor) == []
    assert not User.objects.filter(visitor=visitor).exists()


def test_a_guest_that_nothing_was_held_for_is_discarded():
    guest = begin()
    accounts.discard_guest(guest=guest)
    assert not User.objects.exists()
    named = name(begin())
    accounts.discard_guest(guest=named)
    assert User.objects.get() == named
