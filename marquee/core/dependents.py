"""What prevents a deletion: rows that refer to a row, and stay."""

from typing import Any

from django.db.models import PROTECT, Model, ProtectedError, QuerySet

# Of each kind. A page names ten, and nobody counts further.
MAX_DEPENDENTS = 100


def dependents(row: Model) -> list[Model]:
    """Return rows that prevent the deletion of a row, at most one more than MAX_DEPENDENTS of each kind.

    Django would load all of them, and all that depends on what goes along: every ticket that was ever
    sold in an auditorium.
    """
    found: list[Model] = []
    for relation in row._meta.related_objects:
        other: Any = relation.related_model
        if relation.on_delete is PROTECT:
            found += QuerySet(other).filter(**{relation.field.name: row})[: MAX_DEPENDENTS + 1]
    return found


def check_deletable(row: Model) -> None:
    """Check that no row refers to a row. Raises ProtectedError with those of `dependents`."""
    if found := dependents(row):
        raise ProtectedError("Other rows depend on it.", set(found))
