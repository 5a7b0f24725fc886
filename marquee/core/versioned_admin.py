"""Admin pages that overwrite nothing they have not shown: the form carries the version that it shows."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import blake2b
from typing import Any

import orjson
from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from marquee.core.errors import PreconditionFailed

FIELD = "row_version"
MAX_SHOWN_LENGTH = 100


class VersionedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """A page that saves only if the row is as it was when the page was opened.

    Otherwise the form comes again with what was typed, and with what is stored now. Saving that form
    overwrites it.
    """

    def lock_row(self, row: Model) -> None:
        """Keep others from changing the row until the transaction of the page ends."""
        type(row)._default_manager.select_for_update(no_key=True).get(pk=row.pk)

    def save_form(self, request: HttpRequest, form: Any, change: Any) -> Any:
        """Return the row of a valid form. Refuses with PreconditionFailed if it has changed."""
        shown = request.POST.get(FIELD)
        if change and shown is not None:
            self.lock_row(form.instance)
            now = self.model._default_manager.get(pk=form.instance.pk)
            if self._row_version(request, now) != shown:
                raise PreconditionFailed(_explain(type(form)(request.POST, instance=now)))
        return super().save_form(request, form, change)

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Return the page with the version that it shows, also when it shows what was typed."""
        if row := context.get("original"):
            context[FIELD] = self._shown_version(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def _shown_version(self, request: HttpRequest, row: Model) -> str:
        """Return the version that was posted, unless this page explains that it has changed."""
        was_explained = isinstance(getattr(request, "refusal", None), PreconditionFailed)
        posted = request.POST.get(FIELD)
        if posted is not None and not was_explained:
            return posted
        return self._row_version(request, self.model._default_manager.get(pk=row.pk))

    def _row_version(self, request: HttpRequest, row: Model) -> str:
        """Return a digest of what the forms of this page show of a row, and of its inlines."""
        form = self.get_form(request, row, change=True)(instance=row)
        shown = [_values(form), *self._inline_values(request, row)]
        return blake2b(orjson.dumps(shown), digest_size=16).hexdigest()

    def _inline_values(self, request: HttpRequest, row: Model) -> Iterator[list[dict[str, Any]]]:
        for inline in self.get_inline_instances(request, row):
            if inline.has_change_permission(request, row):
                formset: Any = inline.get_formset(request, row)
                rows = formset(instance=row, queryset=inline.get_queryset(request))
                yield [_values(form) for form in rows.initial_forms]


def _values(form: Any) -> dict[str, Any]:
    """Return what a form that nobody has filled in shows. The hash of a password is not compared."""
    return {
        name: _plain(form.get_initial_for_field(field, name))
        for name, field in form.fields.items()
        if not field.disabled
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return str(value.pk)
    if isinstance(value, list | tuple | set):
        return sorted(str(_plain(one)) for one in value)
    return None if value is None else str(value)


def _explain(form: Any) -> str:
    """Say what is stored now, where it differs from what was typed."""
    differences = [
        f"{form[name].label}: {_shown(form, name)}"
        for name in form.changed_data
        if name in form.fields
    ]
    stored = f" Stored now: {'; '.join(differences)}." if differences else ""
    return (
        "Somebody changed this after you had opened the page, so nothing was saved. What you typed is "
        f"still here.{stored} Save again to overwrite, or open the page anew."
    )


def _shown(form: Any, name: str) -> str:
    """Return the stored value of a field as people read it."""
    field, value = form.fields[name], form.get_initial_for_field(form.fields[name], name)
    if isinstance(field, forms.ModelChoiceField):
        keys: Iterable[Any] = value if isinstance(value, list) else [value]
        rows: Any = field.queryset
        rows = rows.filter(pk__in=[getattr(key, "pk", key) for key in keys if key])
        value = ", ".join(str(row) for row in rows)
    if isinstance(value, datetime):
        value = f"{value:%Y-%m-%d %H:%M}"
    text = str("" if value is None else value)
    if len(text) > MAX_SHOWN_LENGTH:
        text = f"{text[:MAX_SHOWN_LENGTH]}…"
    return f"“{text}”" if text else "nothing"
