"""Admin pages of price cards, whose prices are typed and shown with their currency."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from marquee.catalog import operations
from marquee.catalog.admin_money import MoneyFormField
from marquee.catalog.models import Price, PriceCard
from marquee.catalog.operation_admin import OperationAdmin
from marquee.core.admin import OperationForm
from marquee.core.money import Money


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A price, in the currency of the card's cinema."""

    price = MoneyFormField(help_text="In the currency of the cinema, such as 11.50.")

    class Meta:
        model = Price
        fields = ["category", "type", "counter_only"]

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        price: Any = self.fields["price"]
        price.use_currency(currency)
        if self.instance.pk:
            self.initial["price"] = Money(self.instance.amount, currency).amount


class PriceFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]  # generic for mypy alone
    """The prices of a card. Its forms know the currency of its cinema, once that is chosen."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        if data is not None:
            data = _with_current_ids(data, kwargs["prefix"], kwargs["instance"])
        super().__init__(data, *args, **kwargs)

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        """Return the arguments of a form."""
        currency = self.instance.cinema.currency if self.instance.cinema_id else ""
        return super().get_form_kwargs(index) | {"currency": currency}


def _with_current_ids(data: Any, prefix: str, card: PriceCard) -> Any:
    """Return the posted prices with the ids that rows of their category and type have now.

    Every change of a card replaces its prices. Where somebody else changed them, what was typed would
    refer to rows that are gone, and could not be saved.
    """
    found = (re.fullmatch(rf"{re.escape(prefix)}-([0-9]+)-(\w+)", name) for name in data)
    rows: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for name in filter(None, found):
        rows[name[1]][name[2]] = data.getlist(name[0])
    ids = {(one.category, one.type_id): str(one.pk) for one in card.prices.all()} if card.pk else {}
    if {row.get("id", [""])[0] for row in rows.values()} <= {"", *ids.values()}:
        return data
    for row in rows.values():
        key = (row.get("category", [""])[0], row.get("type", [""])[0])
        row["id"] = [ids.pop(key, "")]
    return _numbered(data, prefix, sorted(rows.values(), key=lambda row: row["id"] == [""]))


def _numbered(data: Any, prefix: str, rows: Sequence[dict[str, list[str]]]) -> Any:
    """Return a form with these rows. Django expects those that are stored before those that are new."""
    numbered = data.copy()
    for number, row in enumerate(rows):
        for name, values in row.items():
            numbered.setlist(f"{prefix}-{number}-{name}", values)
    numbered[f"{prefix}-INITIAL_FORMS"] = str(sum(row["id"] != [""] for row in rows))
    return numbered


class PriceInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """The prices of a card. They are saved as a set."""

    model = Price
    form = PriceForm
    formset = PriceFormSet
    extra = 3


class PriceCardForm(OperationForm):
    """A price card. Restricted ticket types are not offered as its default type."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "default_type" in self.fields:
            field: Any = self.fields["default_type"]
            unrestricted = Q(counter_only=False, needs_kind="", needs_type=None)
            current = Q(pk=self.instance.default_type_id)
            field.queryset = field.queryset.filter(unrestricted | current)


class PriceCardAdmin(OperationAdmin):
    """Price cards with their prices."""

    list_display = ["name", "cinema", "default_type", "wheelchair_limit", "version"]
    list_filter = ["cinema"]
    list_select_related = ["cinema", "default_type"]
    search_fields = ["search_text", "cinema__search_text"]
    autocomplete_fields = ["cinema"]
    inlines = [PriceInline]
    form = PriceCardForm
    advice_when_protected = (
        "Give those shows another price card first. A card at which seats were sold can stay: "
        "rename it, so that nobody uses it."
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Return the version, and the cinema unless the card is new: it stays at its cinema."""
        return ["version", "cinema"] if obj else ["version"]

    def save_by_operation(self, row: PriceCard | None, form: Any, formsets: Any) -> PriceCard:
        """Add or change a price card. Its prices are saved only when they changed."""
        prices = formsets[0] if formsets else None  # None if the user may not see prices
        fields = form.cleaned_data | {"default_type": form.cleaned_data["default_type"].code}
        if row is None:
            return operations.add_price_card(
                **fields, prices=_lines(prices.forms if prices else ())
            )
        if prices and prices.has_changed():
            fields["prices"] = _lines(prices.forms)
        for name in {"default_type", "wheelchair_limit"} - set(form.changed_data):
            del fields[name]
        return operations.change_price_card(price_card=row, **fields)

    def delete_model(self, request: HttpRequest, obj: PriceCard) -> None:
        """Delete a price card."""
        operations.delete_price_card(price_card=obj)


def _lines(rows: Iterable[PriceForm]) -> list[operations.PriceLine]:
    """Return the prices on the page, without the prices to be deleted."""
    filled = [row.cleaned_data for row in rows if row.cleaned_data.get("category")]
    return [
        operations.PriceLine(
            line["category"], line["type"].code, line["price"], line["counter_only"]
        )
        for line in filled
        if not line.get("DELETE")
    ]
