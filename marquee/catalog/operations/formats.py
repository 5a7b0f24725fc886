"""Add, change and delete formats of projection."""

from typing import Any

from marquee.catalog import rules
from marquee.catalog.locks import lock_catalog, lock_row
from marquee.catalog.models import Format, Show
from marquee.catalog.operations.audited import (
    record_added,
    record_changed,
    record_deleted,
    values_of,
)
from marquee.catalog.validation import save_validated, update_validated
from marquee.core.transactions import transactional


@transactional
def add_format(**fields: Any) -> Format:
    """Return a new format: `fields` as in Format. Refuses with NameTaken for a code in any case."""
    format_ = Format(**fields)
    save_validated(format_)
    record_added(format_)
    return format_


@transactional
def change_format(*, row: Format, **changes: Any) -> Format:
    """Change the name or the place in lists. Refuses with BadInput another code: shows name it."""
    lock_catalog()
    row = lock_row(row)
    values = values_of(row)
    rules.check_format_code_stays(before=row.code, after=changes.get("code", row.code))
    update_validated(row, changes)
    record_changed(row, values)
    return row


@transactional
def delete_format(*, row: Format) -> None:
    """Delete a format that no show has. Refuses with FormatInUse.

    Whoever adds or changes a show takes the catalog's lock, too, so none gets the format meanwhile.
    """
    lock_catalog()
    row = lock_row(row, exclusive=True)
    rules.check_format_is_unused(code=row.code, shows=Show.objects.filter(format=row.code).count())
    record_deleted(row)
    row.delete()
