"""How the catalogue writes a row: locked before it is judged, checked as a whole, then saved."""

from typing import TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from marquee.catalog.errors import NameTaken, RemovedMeanwhile
from marquee.catalog.models import Revision
from marquee.core.errors import BadInput

Row = TypeVar("Row", bound=Model)


def take_turn() -> None:
    """Wait for others who change the catalogue, until this transaction ends: before all other locks.

    Its first change would wait for them anyway, by a trigger (docs/decisions/0012): by then it would
    keep customers and staff from what it has locked.
    """
    Revision.objects.select_for_update().first()


def lock(row: Row, *, whole: bool = False) -> Row:
    """Return the row as it stands now, which nobody else can change until the transaction ends.

    Whole also keeps others from referring to it: for a removal, or against new bookings. The
    order everywhere is turn, cinema, auditorium, movie, price card, show. On SQLite the clause is
    ignored, and nothing is lost: only one transaction writes at a time.

    Refuses with RemovedMeanwhile.
    """
    take_turn()
    rows = type(row)._default_manager.select_for_update(no_key=not whole)
    try:
        return rows.get(pk=row.pk)
    except type(row).DoesNotExist:  # type: ignore[attr-defined]
        kind = row._meta.verbose_name
        raise RemovedMeanwhile(f"The {kind} was removed a moment ago.") from None


def store(row: Model) -> None:
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
