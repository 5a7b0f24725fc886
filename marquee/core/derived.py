"""Columns computed from other columns of their row: keys for names, sort keys, texts to search in.

Every save through the model computes them. A writer that passes the model by, such as
`QuerySet.update`, leaves them behind: `manage.py rebuild_text_keys` computes all of them again.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Model

from marquee.core import collation, text

KEYS: dict[str, Callable[..., str]] = {
    "name": text.name_key,
    "search": text.search_text,
    "sort": collation.sort_key,
    "title": collation.title_sort_key,
}
# What follows it tells rows apart whose names were equal before they had to be unique. No key has it.
DUPLICATE_MARK = "\x1f"
BATCH = 1000


class DerivedTextField(models.TextField):  # type: ignore[type-arg]  # generic for mypy alone
    """A text computed from `sources`, columns of the same row, by one of `KEYS`.

    It sorts by code point on both engines.
    """

    def __init__(self, *, key: str, sources: Sequence[str], **options: Any) -> None:
        self.key, self.sources = key, tuple(sources)
        super().__init__(**options | {"editable": False, "blank": True, "default": ""})

    def deconstruct(self) -> Any:
        """Return how migrations write the field."""
        name, path, arguments, options = super().deconstruct()
        for fixed in ("editable", "blank", "default"):
            del options[fixed]
        return name, path, arguments, options | {"key": self.key, "sources": self.sources}

    def db_parameters(self, connection: Any) -> Any:
        """Return the column's type, on PostgreSQL with a collation by code point. SQLite has no other."""
        collation = {"collation": "C"} if connection.vendor == "postgresql" else {}
        return super().db_parameters(connection) | collation

    def compute(self, row: Any) -> str:
        """Return the value for a row as it is. Rows that were duplicates before stay marked as such."""
        value = KEYS[self.key](*(getattr(row, source) or "" for source in self.sources))
        stored: str = getattr(row, self.attname)
        return stored if stored.startswith(f"{value}{DUPLICATE_MARK}") else value

    def pre_save(self, model_instance: Any, add: Any) -> str:
        """Compute the value, set it, and return it."""
        value = self.compute(model_instance)
        setattr(model_instance, self.attname, value)
        return value


def derived_fields(model: type[Model]) -> list[DerivedTextField]:
    """Return the computed columns of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, DerivedTextField)]


def rebuild(model: type[Model]) -> int:
    """Compute the columns of all rows of a model; return how many rows had others."""
    fields = derived_fields(model)
    names = [field.attname for field in fields]
    changed = list(_outdated(model, fields))
    model._default_manager.bulk_update(changed, names, batch_size=BATCH)
    return len(changed)


def _outdated(model: type[Model], fields: Sequence[DerivedTextField]) -> Iterator[Model]:
    """Yield the rows whose columns are not what they should be, with the right ones set."""
    for row in model._default_manager.order_by("pk").iterator(chunk_size=BATCH):
        before = [getattr(row, field.attname) for field in fields]
        if before != [field.pre_save(row, add=False) for field in fields]:
            yield row


def models_with_derived_fields() -> list[type[Model]]:
    """Return the models that have computed columns."""
    return [model for model in apps.get_models() if derived_fields(model)]


def fill(model: type[Model], *, unique: str | None = None, within: Sequence[str] = ()) -> None:
    """Fill new columns, in a migration. Names that are equal in `unique` keep apart, the oldest as it is.

    `within` names the columns within which the name is to be unique.
    """
    rebuild(model)
    if unique is None:
        return
    seen: set[tuple[Any, ...]] = set()
    for row in model._default_manager.order_by("pk"):
        names = tuple(getattr(row, column) for column in (*within, unique))
        if names in seen:
            marked = f"{names[-1]}{DUPLICATE_MARK}{row.pk}"
            model._default_manager.filter(pk=row.pk).update(**{unique: marked})
        seen.add(names)
