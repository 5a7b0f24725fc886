"""Enumerations of a column's values, for models and for rules: importing them loads no database."""

from enum import EnumMeta, StrEnum
from typing import Any, Self


class _ChoicesMeta(EnumMeta):
    """Gives an enumeration what Django's fields ask of `TextChoices`."""

    @property
    def choices(cls) -> list[tuple[str, str]]:
        """The values with their labels, as a field's `choices` takes them."""
        members: Any = cls
        return [(member.value, member.label) for member in members]

    @property
    def values(cls) -> list[str]:
        """The values, as they are stored."""
        return [value for value, _ in cls.choices]


class Choices(StrEnum, metaclass=_ChoicesMeta):
    """Strings with labels, like Django's `TextChoices`, whose import would load `django.db`."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        """Return a member that is its value, and has a label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
