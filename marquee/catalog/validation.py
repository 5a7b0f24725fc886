"""Save rows that their model's validators and constraints accept."""

from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from marquee.catalog.errors import NameTaken
from marquee.core.errors import BadInput

Row = TypeVar("Row", bound=Model)


def save_validated(row: Model) -> None:
    """Save a row that its model's validators and constraints find in order.

    Refuses with BadInput for a field, NameTaken for a name that is taken.
    """
    _check(row)
    try:
        with transaction.atomic():  # a savepoint: after a lost race we still have to look
            row.save()
    except IntegrityError:
        _check(row)  # now it sees what another transaction stored since the first check
        raise


def update_validated(row: Row, changes: dict[str, Any]) -> Row:
    """Set fields of a row and save it. Refuses as `save_validated` does."""
    for name, value in changes.items():
        setattr(row, name, value)
    save_validated(row)
    return row


def _check(row: Model) -> None:
    """Refuse what the model would. Keys of other rows need no check: operations lock those."""
    others = {field.name for field in row._meta.fields if field.is_relation}
    try:
        row.clean_fields(exclude=others)
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
