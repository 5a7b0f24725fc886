"""Prices are replaced as a set; each change is a new version."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from marquee.catalog.errors import NameTaken, RemovedMeanwhile
from marquee.catalog.models import Price, PriceCard
from marquee.catalog.operations import PriceLine, change_price_card, delete_price_card
from marquee.catalog.queries import Terms, get_prices
from marquee.core.errors import BadInput
from tests.factories import make_auditorium, make_cinema, make_price_card, make_show

pytestmark = pytest.mark.django_db

ADULT = ("standard", "adult")
CHILD = ("standard", "child")


def lines(**amounts):
    return [PriceLine("standard", type_, Decimal(amount)) for type_, amount in amounts.items()]


def amounts(card):
    return {(price.category, price.type_id): price.amount for price in card.prices.all()}


def test_a_price_is_stored_in_minor_units_of_the_cinemas_currency():
    for currency, amount, minor in (
        ("EUR", "12.5", 1250),
        ("JPY", "1800", 1800),
        ("KWD", "4.125", 4125),
    ):
        card = make_price_card(make_cinema(currency=currency), {ADULT: amount})
        assert amounts(card) == {ADULT: minor}


def test_a_price_may_be_zero():
    assert amounts(make_price_card(prices={ADULT: "10", CHILD: "0"})) == {ADULT: 1000, CHILD: 0}


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("EUR", "12.505"), ("JPY", "1800.5"), ("EUR", "-1"), ("EUR", "99999999999")],
)
def test_an_amount_that_the_currency_cannot_express_is_refused(currency, amount):
    with pytest.raises(BadInput) as refusal:
        make_price_card(make_cinema(currency=currency), {ADULT: amount})
    assert refusal.value.field == "prices.0.amount"
    assert not PriceCard.objects.exists()


def test_an_unknown_ticket_type_is_named():
    with pytest.raises(BadInput, match="no ticket type 'granny'") as refusal:
        make_price_card(prices={ADULT: "10", ("standard", "granny"): "5"})
    assert refusal.value.field == "prices.1.type"
    assert not PriceCard.objects.exists()


def test_an_unknown_category_is_named():
    with pytest.raises(BadInput, match="no seat category 'throne'") as refusal:
        make_price_card(prices={("throne", "adult"): "10"})
    assert refusal.value.field == "prices.0.category"


def test_an_unknown_default_type_is_named():
    with pytest.raises(BadInput, match="no ticket type 'granny'") as refusal:
        make_price_card(default_type="granny")
    assert refusal.value.field == "default_type"


def test_the_default_type_must_have_a_price():
    with pytest.raises(BadInput, match="default ticket type, senior, has no price"):
        make_price_card(default_type="senior")
    assert not PriceCard.objects.exists()
    assert not Price.objects.exists()


def test_a_price_given_twice_is_refused():
    card = make_price_card(prices={ADULT: "10"})
    with pytest.raises(BadInput, match="given twice") as refusal:
        change_price_card(price_card=card, prices=lines(adult="10") * 2)
    assert refusal.value.field == "prices.1"


def test_a_name_is_taken_once_in_a_cinema():
    card = make_price_card(name="Evenings")
    with pytest.raises(NameTaken):
        make_price_card(card.cinema, name="Evenings")
    assert make_price_card(name="Evenings").pk


def test_new_prices_replace_the_old_as_a_set_and_raise_the_version():
    card = make_price_card(prices={ADULT: "10", CHILD: "5"})
    changed = change_price_card(price_card=card, prices=lines(adult="11"))
    assert (changed.version, amounts(changed)) == (2, {ADULT: 1100})


def test_another_default_type_raises_the_version_and_another_name_does_not():
    card = make_price_card(prices={ADULT: "10", CHILD: "5"})
    assert change_price_card(price_card=card, name="Matinees").version == 1
    assert change_price_card(price_card=card, default_type="child").version == 2
    assert amounts(card) == {ADULT: 1000, CHILD: 500}


def test_a_new_version_is_not_served_from_the_cache():
    card = make_price_card(prices={ADULT: "10"})
    assert get_prices(card.pk, card.version).amounts == {ADULT: 1000}
    card = change_price_card(price_card=card, prices=lines(adult="11"))
    assert get_prices(card.pk, card.version).amounts == {ADULT: 1100}


def test_a_price_is_sold_at_the_counter_only_and_a_card_limits_wheelchair_spaces():
    card = make_price_card(prices={ADULT: "10", CHILD: "5"}, counter_only={CHILD})
    found = get_prices(card.pk, card.version)
    assert (found.terms, found.wheelchair_limit) == ({CHILD: Terms(counter_only=True)}, 1)
    card = change_price_card(price_card=card, wheelchair_limit=3)
    found = get_prices(card.pk, card.version)
    assert (found.terms, found.wheelchair_limit) == ({CHILD: Terms(counter_only=True)}, 3)
    card = change_price_card(price_card=card, prices=lines(adult="10", child="5"))
    assert (card.version, get_prices(card.pk, card.version).terms) == (3, {})


def test_an_invalid_limit_is_refused():
    card = make_price_card()
    for wrong in (-1, 101):
        with pytest.raises(BadInput) as refusal:
            change_price_card(price_card=card, wheelchair_limit=wrong)
        assert refusal.value.field == "wheelchair_limit"
    assert PriceCard.objects.get().wheelchair_limit == 1


def test_customers_can_always_book_the_default_type():
    with pytest.raises(BadInput, match="cannot book one carer ticket alone") as refusal:
        make_price_card(prices={("standard", "carer"): "0"}, default_type="carer")
    assert refusal.value.field == "default_type"
    with pytest.raises(BadInput, match="default ticket type, adult, has no price"):
        make_price_card(prices={ADULT: "10"}, counter_only={ADULT})
    assert not PriceCard.objects.exists()
    show = make_show(make_auditorium(rows=["A: sp"]))
    premium = [PriceLine("premium", "adult", Decimal(9), counter_only=True)]
    with pytest.raises(BadInput, match="no adult price for premium seats"):
        change_price_card(price_card=show.price_card, prices=lines(adult="10") + premium)


def test_a_refused_change_leaves_everything_as_it_was():
    card = make_price_card(prices={ADULT: "10", CHILD: "5"})
    for wrong in (lines(child="5"), lines(adult="1.001"), []):
        with pytest.raises(BadInput):
            change_price_card(price_card=card, name="Other", prices=wrong)
    card.refresh_from_db()
    assert (card.version, amounts(card)) == (1, {ADULT: 1000, CHILD: 500})
    assert card.name != "Other"


def test_a_card_stays_at_its_cinema():
    card = make_price_card()
    with pytest.raises(BadInput, match="stays at its cinema"):
        change_price_card(price_card=card, cinema=make_cinema())
    assert change_price_card(price_card=card, cinema=card.cinema, name="Other").name == "Other"


def test_the_seats_of_upcoming_shows_keep_a_price():
    show = make_show(make_auditorium(rows=["A: ssp"]))
    with pytest.raises(BadInput, match="no adult price for premium seats") as refusal:
        change_price_card(price_card=show.price_card, prices=lines(adult="10"))
    assert refusal.value.field == "prices"
    assert get_prices(show.price_card_id, 1).amounts["premium", "adult"] == 1500


def test_the_seats_of_a_show_under_way_keep_a_price_too():
    began = timezone.now() - timedelta(minutes=30)
    show = make_show(make_auditorium(rows=["A: ssp"]), starts_at=began)
    with pytest.raises(BadInput, match="no adult price for premium seats"):
        change_price_card(price_card=show.price_card, prices=lines(adult="10"))
    assert get_prices(show.price_card_id, 1).amounts["premium", "adult"] == 1500


def test_shows_that_are_over_or_called_off_need_no_prices():
    past = make_show(starts_at=datetime(2020, 1, 1, tzinfo=UTC))
    off = make_show()
    type(off).objects.filter(pk=off.pk).update(state="called_off")
    for show in (past, off):
        assert change_price_card(price_card=show.price_card, prices=lines(adult="1")).version == 2


def test_a_card_is_deleted_with_its_prices_unless_a_show_uses_it():
    card, used = make_price_card(), make_show().price_card
    delete_price_card(price_card=card)
    with pytest.raises(ProtectedError):
        delete_price_card(price_card=used)
    assert list(PriceCard.objects.all()) == [used]
    with pytest.raises(RemovedMeanwhile):
        change_price_card(price_card=card, name="Other")
