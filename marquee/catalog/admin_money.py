"""Amounts of money in forms: typed and shown as decimal text, with the currency beside it."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from marquee.core.money import MAX_PRICE, Money

# 11.50, 11,50, EUR 11.50, 11.50 EUR
TYPED_AMOUNT = re.compile(
    r"(?:(?P<before>[A-Za-z]{3})\s*)?(?P<amount>[0-9]{1,12}(?:[.,][0-9]{1,4})?)(?:\s*(?P<after>[A-Za-z]{3}))?"
)


class MoneyInput(forms.TextInput):
    """A text input with the currency behind it."""

    currency = ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        """Return the input as HTML."""
        field = super().render(name, value, attrs, renderer)
        return format_html("{} {}", field, self.currency) if self.currency else field


class MoneyFormField(forms.CharField):
    """An amount as people type it, as a Decimal that the currency can express.

    Without a currency, as long as the cinema is not chosen, only the operation checks the decimals.
    """

    widget = MoneyInput
    currency = ""

    def use_currency(self, currency: str) -> None:
        """Show this currency, and accept no amount that it cannot express."""
        self.currency = self.widget.currency = currency

    def clean(self, value: Any) -> Any:
        """Return the amount. Raises ValidationError."""
        text = super().clean(value)
        return self._parse(text) if text else None

    def _parse(self, text: str) -> Decimal:
        match = TYPED_AMOUNT.fullmatch(text)
        if match is None:
            raise ValidationError("Write an amount such as 11.50.")
        for code in filter(None, (match["before"], match["after"])):
            if self.currency and code.upper() != self.currency:
                raise ValidationError(f"The prices of this cinema are in {self.currency}.")
        amount = Decimal(match["amount"].replace(",", "."))
        if self.currency:
            _check_expressible(amount, self.currency)
        return amount


def _check_expressible(amount: Decimal, currency: str) -> None:
    try:
        Money.parse(amount, currency, most=MAX_PRICE)
    except ValueError as error:
        raise ValidationError(str(error)) from None
