"""Money: an integer of minor units beside an ISO 4217 currency. Never a float."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

from moneyed import CurrencyDoesNotExist, get_currency

# ISO 4217 also lists codes that nobody pays with: metals, funds, testing, "no currency".
_NOT_CASH = {"XXX", "XTS", "XAU", "XAG", "XPD", "XPT", "XBA", "XBB", "XBC", "XBD", "XDR", "XSU"}

MAX_MINOR = 2**31 - 1


@cache
def minor_digits(currency: str) -> int:
    """Return how many decimals a currency has: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217).

    Raises ValueError for a code that is not a currency.
    """
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
    def parse(cls, amount: Decimal, currency: str) -> "Money":
        """Return a decimal amount as money.

        Raises ValueError when it is negative, too large, or finer than the currency's minor unit.
        """
        digits = minor_digits(currency)
        if not amount.is_finite() or not 0 <= amount <= Decimal(MAX_MINOR).scaleb(-digits):
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
