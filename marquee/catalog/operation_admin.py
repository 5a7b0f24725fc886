"""What the admin pages of the catalog share: they save by operations, and their inlines are read-only."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from marquee.catalog import operations
from marquee.catalog.locks import lock_catalog
from marquee.core.admin import FoldedSearchMixin, OperationFormAdmin


class OperationAdmin(FoldedSearchMixin, OperationFormAdmin):
    """A page that saves its form by an operation, which subclasses choose."""

    def lock_row(self, row: Model) -> None:
        """Keep others from changing the catalog, as its operations do before all else."""
        lock_catalog()

    def save_by_operation(self, row: Any, form: Any, formsets: Any) -> Model:
        """Add a row, or change the row that is there. Refuses as the operation does."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Do nothing. `save_related` saves the page when its inlines are known, too."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        """Save the page by its operation."""
        row = self.model._default_manager.get(pk=form.instance.pk) if change else None
        form.instance.pk = self.save_by_operation(row, form, formsets).pk
        form.instance.refresh_from_db()

    def construct_change_message(
        self, request: HttpRequest, form: Any, formsets: Any, add: Any = None
    ) -> Any:
        """Describe what changed in the form and its inlines, which the operation, not Django, saved."""
        changes: list[Any] = super().construct_change_message(request, form, [], add)
        if add:
            return changes
        rows = (row for formset in formsets for row in formset.forms)
        return changes + [_change_of_row(row) for row in rows if row.has_changed()]

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete a row by its operation."""
        operations.delete(row=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the chosen rows, one by one."""
        for row in queryset:
            self.delete_model(request, row)


def _change_of_row(row: Any) -> dict[str, Any]:
    """Return what happened to a row of an inline, as the history of a page stores it."""
    name, text = str(row.instance._meta.verbose_name), str(row.instance)
    if row.cleaned_data.get("DELETE"):
        return {"deleted": {"name": name, "object": text}}
    if row.instance.pk is None:
        return {"added": {"name": name, "object": text}}
    return {"changed": {"name": name, "object": text, "fields": row.changed_data}}


class ReadOnlyInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """Rows that this page shows but does not change."""

    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are not added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are not changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are not deleted here."""
        return False
