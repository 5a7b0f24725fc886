"""A visitor's hold is confirmed with a name and an address, all in one transaction."""

import pytest

from marquee.accounts.errors import AccountClosed
from marquee.accounts.models import AccountEvent, AddressKey, User
from marquee.booking.errors import (
    EmailNotVerified,
    HoldExpired,
    PriceChanged,
    SeatLimit,
    UnpaidLimit,
    WheelchairLimit,
)
from marquee.booking.models import Booking, BookingEvent
from marquee.booking.operations import cancel, confirm, move_holds
from marquee.booking.records import Contact
from marquee.core.errors import BadInput
from marquee.core.money import Money
from tests.booking.visitors import GERDA, hold_as_visitor, provisional, visitor_of
from tests.factories import assert_refused, book_seats, expire_hold, make_show, make_user, usage_of

pytestmark = pytest.mark.django_db

SHE = (GERDA.name, GERDA.email)


def owner(booking: Booking) -> tuple[str, str]:
    user = Booking.objects.get(pk=booking.pk).user
    return user.name, user.address


def nobody_is_named() -> bool:
    users = User.objects.filter(email=None).exclude(contact_email="")
    return not (users.exists() or AddressKey.objects.filter(user__email=None).exists())


@pytest.fixture(params=["live", "expired"])
def held(request):
    """Return a function that holds seats; in half of the tests, the hold has expired."""

    def held(show, *labels, **options):
        hold = hold_as_visitor(show, *labels, **options)
        if request.param == "expired":
            expire_hold(hold)
        return hold

    return held


def test_a_guest_says_who_it_is_with_the_confirmation(show, held):
    hold = held(show, "A1", "A2")
    assert confirm(booking=hold, contact=GERDA)
    hold.refresh_from_db()
    assert (hold.status, owner(hold)) == ("confirmed", SHE)
    assert AccountEvent.objects.get().kind == "guest"
    assert list(BookingEvent.objects.values_list("kind", "actor")) == [
        ("held", hold.user_id),
        ("confirmed", hold.user_id),
    ]


def test_confirming_twice_changes_nothing_even_as_somebody_else(show):
    hold = hold_as_visitor(show, "A1")
    confirm(booking=hold, contact=GERDA)
    assert not confirm(booking=hold, contact=Contact("Other", "other@example.com"))
    assert owner(hold) == SHE
    assert User.objects.count() == 1


def test_a_guest_that_does_not_say_who_it_is_books_nothing(show, held):
    hold = held(show, "A1")
    with assert_refused(BadInput) as refused:
        confirm(booking=hold)
    assert refused.value.field == "email"


def test_a_refused_confirmation_names_nobody(show, held):
    hold = held(show, "A1")
    with assert_refused(PriceChanged):
        confirm(booking=hold, contact=GERDA, expected_total=Money(1, "EUR"))
    assert nobody_is_named()


def test_seats_that_somebody_else_has_by_now_name_nobody(show, alice):
    hold = hold_as_visitor(show, "A1")
    expire_hold(hold)
    book_seats(alice, show, "A1")
    with assert_refused(HoldExpired, seats=["A1"]):
        confirm(booking=hold, contact=GERDA)
    assert nobody_is_named()


def test_the_seat_limit_counts_the_address_that_was_given(show, held, settings):
    settings.SEAT_LIMIT = 3
    gerda = make_user("Gerda", email=GERDA.email)
    book_seats(gerda, show, "B1", "B2")
    hold = held(show, "A1", "A2")
    with assert_refused(SeatLimit, limit=3, left=1):
        confirm(booking=hold, contact=GERDA)
    assert nobody_is_named()
    confirm(booking=held(show, "A3"), contact=GERDA)
    assert usage_of(gerda, show).customer_seats == 3


def test_the_limit_of_unpaid_seats_counts_it_likewise(show, held, settings):
    settings.UNPAID_SEAT_LIMIT = 3
    book_seats(make_user("Gerda", email=GERDA.email), show, "B1", "B2")
    hold = held(show, "A1", "A2")
    with assert_refused(UnpaidLimit, limit=3, left=1):
        confirm(booking=hold, contact=GERDA)


def test_the_limit_of_wheelchair_spaces_counts_it_likewise(show, held):
    show.price_card.wheelchair_limit = 1
    show.price_card.save()
    book_seats(make_user("Gerda", email=GERDA.email), show, "C1")
    hold = held(show, "C2")
    with assert_refused(WheelchairLimit, limit=1, left=0):
        confirm(booking=hold, contact=GERDA)


def test_a_limit_counts_the_hold_itself_once(show, held, settings):
    settings.SEAT_LIMIT = settings.UNPAID_SEAT_LIMIT = 2
    assert confirm(booking=held(show, "A1", "A2"), contact=GERDA)


def test_a_second_hold_of_the_visitor_stays_its_own(show):
    first = hold_as_visitor(show, "A1")
    second = hold_as_visitor(show, "A2", visitor=visitor_of(first), key="second")
    confirm(booking=first, contact=GERDA)
    other = Contact("Otto", "otto@example.com")
    confirm(booking=second, contact=other)
    assert (owner(first), owner(second)) == (SHE, ("Otto", "otto@example.com"))
    assert visitor_of(first) == visitor_of(Booking.objects.get(pk=second.pk))


def test_the_same_person_confirms_a_second_hold_as_the_same_guest(show):
    first = hold_as_visitor(show, "A1")
    second = hold_as_visitor(show, "A2", visitor=visitor_of(first))
    confirm(booking=first, contact=GERDA)
    confirm(booking=second, contact=GERDA)
    assert User.objects.count() == 1


def test_a_hold_that_an_account_has_by_now_is_confirmed_by_the_account(show, alice):
    hold = hold_as_visitor(show, "A1")
    move_holds(visitor=visitor_of(hold), user=alice)
    with assert_refused(AccountClosed):
        confirm(booking=hold, contact=GERDA)
    hold.refresh_from_db()
    with assert_refused(AccountClosed):
        confirm(booking=hold, contact=GERDA)
    assert confirm(booking=hold)


def test_where_addresses_must_be_verified_a_visitor_holds_nothing(show, settings):
    hold = hold_as_visitor(show, "A1")
    settings.BOOK_BEFORE_VERIFYING = False
    with assert_refused(EmailNotVerified):
        hold_as_visitor(make_show(), "A1")
    with assert_refused(EmailNotVerified):
        confirm(booking=hold, contact=GERDA)
    assert nobody_is_named()


def test_a_visitor_gives_a_hold_back_without_saying_who_it_is(show):
    hold = hold_as_visitor(show, "A1")
    assert cancel(booking=hold)
    assert provisional(visitor_of(hold)).pk == hold.user_id
