"""Validators of text that people are to read, for models and forms: see `core.text.find_problem`."""

from django.core.exceptions import ValidationError

from marquee.core.email_addresses import is_one_address
from marquee.core.text import find_problem


def validate_line(value: str) -> None:
    """Raise ValidationError for text with nothing to see, and for characters that nobody sees."""
    if problem := find_problem(value):
        raise ValidationError(problem, code="invalid")


def validate_lines(value: str) -> None:
    """Raise ValidationError likewise. Line breaks and tabs are in order."""
    if problem := find_problem(value, lines=True):
        raise ValidationError(problem, code="invalid")


def validate_one_address(value: str) -> None:
    """Raise ValidationError for an e-mail address with quoted text that could be read as another one."""
    if not is_one_address(value):
        raise ValidationError("Write one plain address, such as alice@example.com.", code="invalid")
