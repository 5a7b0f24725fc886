"""Save rows that their model's validators and the database's constraints accept."""

from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import CharField, Model, TextField

from marquee.catalog.errors import NameTaken
from marquee.core.errors import BadInput
from marquee.core.text import tidy

Row = TypeVar("Row", bound=Model)


def update_validated(row: Row, changes: dict[str, Any]) -> Row:
    """Set fields of a row and save it. Refuses as `save_validated` does."""
    for name, value in changes.items():
        setattr(row, name, value)
    save_validated(row)
    return row


def save_validated(row: Model) -> None:
    """Save a row that its model's validators and constraints accept.

    The database checks the constraints. Django's own check would send one query for each, in a
    savepoint of its own, so we ask Django only which of them was violated.

    Refuses with BadInput for a field, NameTaken for a name that is taken.
    """
    _check_fields(row)
    try:
        with transaction.atomic():  # a savepoint: after a violation we still have to query
            row.save(force_insert=row._state.adding)
    except IntegrityError:
        _check_constraints(row)
        raise


def _check_fields(row: Model) -> None:
    """Refuse what the validators of the fields refuse.

    Operations lock related rows, so foreign keys need no check. Text is stored composed and trimmed.
    """
    for field in row._meta.fields:
        is_text = isinstance(field, CharField | TextField) and field.editable
        if is_text and isinstance(value := getattr(row, field.attname), str):
            setattr(row, field.attname, tidy(value))
    relations = {field.name for field in row._meta.fields if field.is_relation}
    try:
        row.clean_fields(exclude=relations)
    except ValidationError as error:
        raise _refusal(error) from None


def _check_constraints(row: Model) -> None:
    """Refuse with the message of the constraint that the row violates, if it is one of the model's."""
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> BadInput:
    field, errors = next(iter(error.error_dict.items()))
    detail = " ".join(errors[0].messages)
    if errors[0].code in {"unique", "unique_together"}:
        return NameTaken(detail, field="name")
    return BadInput(detail, field="" if field == NON_FIELD_ERRORS else field)
