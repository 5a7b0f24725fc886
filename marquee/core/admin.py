"""Forms, actions and confirmation pages that all admin pages share."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from marquee.core.errors import BadInput, Refused

# As many rows as a list shows. Each takes a transaction, and the browser waits for all of them.
MAX_AT_ONCE = 200
MAX_ROWS_NAMED = 10


class OperationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A form that shows the refusal of its operation as an error."""

    refusal: Refused | None = None

    def clean(self) -> dict[str, Any] | None:
        """Add the refusal, if any, to its field."""
        fields = super().clean()
        if self.refusal is not None:
            named = self.refusal.field if isinstance(self.refusal, BadInput) else None
            self.add_error(named if named in self.fields else None, self.refusal.detail)
        return fields


class OperationFormAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """A page whose form is an `OperationForm`: a refusal becomes an error of the form."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the page. After a refusal, which rolls everything back, return the form with it."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return a form class that has the refusal of this request."""
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})


def run_for_each(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    rows: Iterable[Model],
    operation: Callable[[Any], None],
) -> None:
    """Run an operation for each row. Show the user how many succeeded, and why others were refused."""
    done = 0
    for row in rows:
        try:
            operation(row)
        except Refused as refusal:
            page.message_user(request, f"{row}: {refusal.detail}", messages.WARNING)
        else:
            done += 1
    if done:
        page.message_user(request, f"Done: {done}.", messages.SUCCESS)


Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


def confirm_first(
    verb: str,
    explain: Callable[[QuerySet[Any]], str],
    describe: Callable[[Any], str] = str,
    *,
    reason: str = "",
    is_final: bool = True,
) -> Callable[[Action], Action]:
    """Return a decorator for actions: a confirmation page comes first.

    With `reason`, which says when one is needed, the page asks for it: see `posted_reason`. The page
    says of a final action that there is no way back.

    The page posts the ids of the rows that it shows. So the action gets these rows, even if the
    filter finds other rows by then. Django checks the CSRF token and the permission both times.
    """

    def decorate(act: Action) -> Action:
        @wraps(act)
        def action(
            page: "admin.ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]
        ) -> HttpResponse | None:
            if not _has_allowed_count(page, request, rows):
                return None
            if "confirmed" in request.POST:
                return act(page, request, rows)
            context = {
                "action": act.__name__,
                "verb": verb,
                "explanation": explain(rows),
                "reason": reason,
                "is_final": is_final,
            }
            return _confirmation_page(page, request, list(rows), describe, context)

        return action

    return decorate


def posted_reason(request: HttpRequest) -> str:
    """Return the reason that was typed on the confirmation page, or an empty one."""
    return request.POST.get("reason", "")


def _has_allowed_count(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]
) -> bool:
    """Return whether an action may have so many rows. If not, show the user why."""
    count = rows.count()
    if 0 < count <= MAX_AT_ONCE:
        return True
    found = f"You chose {count:,}" if count else "None of what you chose is there"
    message = f"{found}. Choose at most {MAX_AT_ONCE} at once. Nothing was changed."
    page.message_user(request, message, messages.ERROR)
    return False


def count_with_noun(number: int, noun: str) -> str:
    """Return a number with its noun: `1 booking`, `12,737 bookings`."""
    return f"{number:,} {noun}{pluralize(number)}"


def _confirmation_page(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    rows: list[Any],
    describe: Callable[[Any], str],
    context: dict[str, Any],
) -> HttpResponse:
    """Return the confirmation page, which names the first rows and counts the others."""
    kind = page.opts.verbose_name if len(rows) == 1 else page.opts.verbose_name_plural
    facts = {
        "title": f"{context['verb']}: {len(rows)} {kind}?",
        "named": [describe(row) for row in rows[:MAX_ROWS_NAMED]],
        "more": len(rows[MAX_ROWS_NAMED:]),
        "ids": [row.pk for row in rows],
        "id_field": ACTION_CHECKBOX_NAME,
        "opts": page.opts,
    }
    everything = page.admin_site.each_context(request) | context | facts
    return TemplateResponse(request, "admin/confirm_first.html", everything)


@admin.action(
    permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s")
)
def delete_selected(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]
) -> HttpResponse | None:
    """Delete as Django does, with its own confirmation page, but only MAX_AT_ONCE rows at once."""
    if not _has_allowed_count(page, request, rows):
        return None
    return actions.delete_selected(page, request, rows)
