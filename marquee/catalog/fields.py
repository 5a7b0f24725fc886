"""Columns for languages, validators of the catalog, and the constraints that names share."""

from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from marquee.core import languages, money, zones
from marquee.core.text import NOTHING_TO_SEE

MAX_SUBTITLES = 8


def validate_language(tag: str) -> None:
    """Raise ValidationError unless this is a language as BCP 47 writes it, such as pt-BR."""
    _normalise(tag)


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless this is an IANA time zone, such as Europe/Vienna.

    Whether it is a place is for the operation: cinemas that have another zone keep it.
    """
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValidationError(zones.refusal_of(name) or f"{name} cannot be read here.") from None


def validate_currency(code: str) -> None:
    """Raise ValidationError unless this is an ISO 4217 currency, such as EUR."""
    try:
        money.minor_digits(code)
    except ValueError:
        raise ValidationError("This is no ISO 4217 currency, such as EUR.") from None


def validate_languages(tags: str) -> None:
    """Raise ValidationError unless these are languages, with blanks between."""
    if len(tags.split()) > MAX_SUBTITLES:
        raise ValidationError(f"Write at most {MAX_SUBTITLES} languages.", code="max_length")
    for tag in tags.split():
        _normalise(tag)


def _normalise(tag: str) -> str:
    try:
        return languages.normalise_language(tag)
    except ValueError as error:
        raise ValidationError(str(error), code="invalid") from None


class LanguageField(models.CharField):  # type: ignore[type-arg]  # generic for mypy alone
    """A language by its BCP 47 tag, stored in the usual form: pt-BR for pt-br."""

    default_validators = [validate_language]

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": languages.MAX_LENGTH} | options)

    def to_python(self, value: Any) -> Any:
        """Return the tag in its usual form. Raises ValidationError."""
        return _normalise(value) if value else value

    def get_prep_value(self, value: Any) -> Any:
        """Return what is stored, and looked for: as it is. Old rows may have other tags."""
        return models.Field.get_prep_value(self, value)


class LanguagesField(models.CharField):  # type: ignore[type-arg]  # generic for mypy alone
    """Several languages in the order of their importance, as text with blanks between the tags."""

    default_validators = [validate_languages]

    def __init__(self, **options: Any) -> None:
        longest = MAX_SUBTITLES * (languages.MAX_LENGTH + 1)
        super().__init__(**{"max_length": longest} | options)

    def to_python(self, value: Any) -> Any:
        """Return the tags in their usual form, each once. Takes text or a list. Raises ValidationError."""
        tags: list[str] = value.split() if isinstance(value, str) else list(value or ())
        return " ".join(dict.fromkeys(_normalise(tag) for tag in tags))

    def get_prep_value(self, value: Any) -> Any:
        """Return what is stored, and looked for: as it is. Old rows may have other tags."""
        return models.Field.get_prep_value(self, value)


def unique_name(name: str, *columns: str, message: str) -> models.UniqueConstraint:
    """Return the constraint that names are unique, without regard to case and form."""
    return models.UniqueConstraint(
        fields=columns,
        name=name,
        violation_error_code="unique",
        violation_error_message=message,
    )


def visible_name(table: str, *, column: str = "name_key") -> models.CheckConstraint:
    """Return the constraint that a name has something to see: the column leaves the invisible out."""
    return models.CheckConstraint(
        condition=~Q(**{column: ""}),
        name=f"{table}_name_visible",
        violation_error_message=NOTHING_TO_SEE,
    )
