"""Money: an integer of minor units beside an ISO 4217 currency. Never a float."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

import iso4217
from moneyed import CurrencyDoesNotExist, get_currency

# ISO 4217 also lists codes that nobody pays with: metals, testing, "no currency", units of account.
_NOT_CASH = {
    "XXX",
    "XTS",
    "XAU",
    "XAG",
    "XPD",
    "XPT",
    "XBA",
    "XBB",
    "XBC",
    "XBD",
    "XDR",
    "XSU",
    "XUA",
}
_UNITS_OF_ACCOUNT = {"XAD", "UYW"}

MAX_PRICE = 2**31 - 1  # of one ticket: its column has 32 bits
MAX_TOTAL = 1000 * MAX_PRICE


@cache
def _current_digits() -> dict[str, int]:
    """Return the decimals of the currencies that ISO 4217 has now and that people pay with."""
    funds = {
        entry.findtext("Ccy")
        for entry in iso4217.raw_xml.iterfind("CcyTbl/CcyNtry")
        if (name := entry.find("CcyNm")) is not None and name.get("IsFund") == "true"
    }
    return {
        currency.code: currency.exponent
        for currency in iso4217.Currency
        if currency.exponent is not None
        and currency.code not in funds | _NOT_CASH | _UNITS_OF_ACCOUNT
    }


def is_current(currency: str) -> bool:
    """Return whether people pay with this currency now: XCG yes, ITL no (ISO 4217)."""
    return currency in _current_digits()


@cache
def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217).

    Currencies of the past and funds have theirs, too: cinemas may have them still. Raises ValueError
    for a code that is no currency.
    """
    if is_current(currency):
        return _current_digits()[currency]
    try:
        sub_unit = get_currency(currency).sub_unit
    except CurrencyDoesNotExist:
        raise ValueError(f"{currency} is not an ISO 4217 currency.") from None
    if currency in _NOT_CASH:
        raise ValueError(f"{currency} is not a currency to pay with.")
    return len(str(sub_unit)) - 1


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents, yen, fils) of one currency."""

    minor: int
    currency: str

    @classmethod
    def parse(cls, amount: Decimal, currency: str, *, most: int = MAX_TOTAL) -> "Money":
        """Return a decimal amount as money.

        Raises ValueError when it is negative, more than `most` minor units, or finer than one.
        """
        digits = minor_digits(currency)
        if not amount.is_finite() or not 0 <= amount <= Decimal(most).scaleb(-digits):
            raise ValueError("An amount is zero or more, and of a believable size.")
        # Fractions are exact, where Decimal rounds to its context. Amounts far below a minor unit count as 0.
        minor = Fraction(amount if amount.adjusted() >= -digits else 0) * 10**digits
        if minor.denominator != 1 or (amount and not minor):
            raise ValueError(f"{currency} has {digits} decimals.")
        return cls(minor.numerator, currency)

    @property
    def amount(self) -> str:
        """The decimal amount as text, with exactly the currency's decimals: `12.50`, `1500`."""
        digits = minor_digits(self.currency)
        if digits == 0:
            return str(self.minor)
        whole, part = divmod(self.minor, 10**digits)
        return f"{whole}.{part:0{digits}}"

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
