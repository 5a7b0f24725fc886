"""Money is whole minor units of a currency, and its text is exact."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marquee.core.money import MAX_PRICE, MAX_TOTAL, Money, minor_digits

minor_units = st.integers(min_value=0, max_value=MAX_TOTAL)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "USD", "CLF"])


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KWD", 3), ("ISK", 0)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency, digits):
    assert minor_digits(currency) == digits


@pytest.mark.parametrize("code", ["XAU", "XXX", "XTS", "EURO", "eur", "", "ABC"])
def test_what_nobody_pays_with_is_no_currency(code):
    with pytest.raises(ValueError, match="currency"):
        minor_digits(code)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1250, "EUR", "12.50"),
        (5, "EUR", "0.05"),
        (0, "EUR", "0.00"),
        (1500, "JPY", "1500"),
        (1234, "KWD", "1.234"),
    ],
)
def test_an_amount_is_shown_with_exactly_its_currencys_decimals(minor, currency, text):
    assert Money(minor, currency).amount == text
    assert str(Money(minor, currency)) == f"{text} {currency}"


@given(minor_units, currencies)
def test_what_is_shown_can_be_read_back(minor, currency):
    money = Money(minor, currency)
    assert Money.parse(Decimal(money.amount), currency) == money


@pytest.mark.parametrize(
    ("amount", "currency"), [("12.505", "EUR"), ("0.5", "JPY"), ("0.0001", "KWD")]
)
def test_an_amount_finer_than_the_minor_unit_is_refused_not_rounded(amount, currency):
    with pytest.raises(ValueError, match="decimals"):
        Money.parse(Decimal(amount), currency)


@pytest.mark.parametrize(
    ("amount", "most"),
    [
        ("-0.01", MAX_TOTAL),
        ("21474836.48", MAX_PRICE),
        ("21474836470.01", MAX_TOTAL),
        ("1e30", MAX_TOTAL),
    ],
)
def test_an_amount_below_zero_or_beyond_belief_is_refused(amount, most):
    with pytest.raises(ValueError, match="zero or more"):
        Money.parse(Decimal(amount), "EUR", most=most)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_an_amount_that_is_no_number_is_refused(amount):
    with pytest.raises(ValueError, match=r"decimals|zero or more"):
        Money.parse(Decimal(amount), "EUR")


@pytest.mark.parametrize("amount", ["1." + "0" * 36 + "1", "9e999999", "1e-999999"])
def test_an_amount_with_more_digits_than_decimals_compute_with_is_refused(amount):
    with pytest.raises(ValueError, match=r"decimals|zero or more"):
        Money.parse(Decimal(amount), "EUR")


def test_trailing_zeros_beyond_the_minor_unit_change_nothing():
    assert Money.parse(Decimal("12.5000"), "EUR") == Money(1250, "EUR")
