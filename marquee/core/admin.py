"""What all pages of the back office have in common: refusals, questions, requests that cannot be read."""

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

# As many as a list shows at most. Each is a transaction, and the browser waits for all of them.
MAX_AT_ONCE = 200
NAMED = 10


class OperationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A form that can be shown again with the refusal that its operation ended in."""

    refusal: Refused | None = None

    def clean(self) -> dict[str, Any] | None:
        """Say no where the operation did."""
        fields = super().clean()
        if self.refusal is not None:
            named = self.refusal.field if isinstance(self.refusal, BadInput) else None
            self.add_error(named if named in self.fields else None, self.refusal.detail)
        return fields


class OperationFormAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """A page whose form is a `OperationForm`: a refusal becomes an error of the form."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the form; after a refusal, which rolls everything back, with it once more."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return the form, which knows how it was refused."""
        form = super().get_form(request, *args, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})


def run_for_each(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    rows: Iterable[Model],
    operation: Callable[[Any], None],
) -> None:
    """Do an operation with each of the rows, and say how many went well, and why others did not."""
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


def ask_first(
    verb: str, explain: Callable[[QuerySet[Any]], str], describe: Callable[[Any], str] = str
) -> Callable[[Action], Action]:
    """Return a decorator for actions that nobody can take back: a page asks before they are done.

    The page has the ids of what it names, so the action gets these and no others, whatever a filter
    finds by then. Django checks the token against forgery, and the right to the action, both times.
    """

    def decorate(act: Action) -> Action:
        @wraps(act)
        def action(
            page: "admin.ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]
        ) -> HttpResponse | None:
            if not _may_act_on(page, request, rows):
                return None
            if "confirmed" in request.POST:
                return act(page, request, rows)
            context = {"action": act.__name__, "verb": verb, "explanation": explain(rows)}
            return _question(page, request, list(rows), describe, context)

        return action

    return decorate


def _may_act_on(page: "admin.ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]) -> bool:
    """Say whether an action may be done with so many rows; tell the user if not."""
    count = rows.count()
    if 0 < count <= MAX_AT_ONCE:
        return True
    found = f"You chose {count:,}" if count else "None of what you chose is there"
    said = f"{found}. Choose at most {MAX_AT_ONCE} at once. Nothing was changed."
    page.message_user(request, said, messages.ERROR)
    return False


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 booking`, `12,737 bookings`."""
    return f"{number:,} {noun}{pluralize(number)}"


def _question(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    rows: list[Any],
    describe: Callable[[Any], str],
    context: dict[str, str],
) -> HttpResponse:
    """Return the page that names the first rows, and counts the rest."""
    kind = page.opts.verbose_name if len(rows) == 1 else page.opts.verbose_name_plural
    facts = {
        "title": f"{context['verb']}: {len(rows)} {kind}?",
        "named": [describe(row) for row in rows[:NAMED]],
        "more": len(rows[NAMED:]),
        "ids": [row.pk for row in rows],
        "id_field": ACTION_CHECKBOX_NAME,
        "opts": page.opts,
    }
    everything = page.admin_site.each_context(request) | context | facts
    return TemplateResponse(request, "admin/ask_first.html", everything)


@admin.action(
    permissions=["delete"], description=gettext_lazy("Delete selected %(verbose_name_plural)s")
)
def delete_selected(
    page: "admin.ModelAdmin[Any]", request: HttpRequest, rows: QuerySet[Any]
) -> HttpResponse | None:
    """Delete as Django does, which asks by a page of its own, but not any number of rows."""
    if not _may_act_on(page, request, rows):
        return None
    return actions.delete_selected(page, request, rows)
