"""Forms, actions and confirmation pages that all admin pages share."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import actions
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import pluralize
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from marquee.core.dependents import dependents
from marquee.core.errors import BadInput, Refused
from marquee.core.text import fold
from marquee.core.versioned_admin import VersionedAdmin

# As many rows as a list shows. Each takes a transaction, and the browser waits for all of them.
MAX_AT_ONCE = 200
MAX_ROWS_NAMED = 10
NAMELESS = re.compile(r" object \(\d+\)$")  # rows of a many-to-many table
MAX_REASON_LENGTH = 500


class FoldedSearchMixin:
    """A list searched without regard to case and accents. Put it first; search columns of folded text."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return the rows that have each word of the search, and whether rows may come twice."""
        result: tuple[QuerySet[Any], bool] = super().get_search_results(  # type: ignore[misc]
            request, queryset, fold(search_term)
        )
        return result


class OperationForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A form that shows the refusal of its operation as an error."""

    refusal: Refused | None = None
    user: Any = None

    def clean(self) -> dict[str, Any] | None:
        """Add the refusal, if any, to its field."""
        fields = super().clean()
        if self.refusal is not None:
            named = self.refusal.field if isinstance(self.refusal, BadInput) else None
            self.add_error(named if named in self.fields else None, self.refusal.detail)
        return fields


class OperationFormAdmin(VersionedAdmin):
    """A page whose form is an `OperationForm`: a refusal becomes an error of the form."""

    form = OperationForm
    # Why a row stays that others depend on, and what to do instead.
    advice_when_protected = "Delete these first, or leave it as it is."

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the page. After a refusal, which rolls everything back, return the form with it."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Refused as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Return a form class that has the refusal and the user of this request."""
        form = super().get_form(request, *args, **kwargs)
        known = {"refusal": getattr(request, "refusal", None), "user": request.user}
        return type(form.__name__, (form,), known)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Record who changed what. Record nothing when a form was saved as it was."""
        request.is_unchanged = not message  # type: ignore[attr-defined]
        return super().log_change(request, obj, message) if message else None

    def message_user(
        self,
        request: HttpRequest,
        message: Any,
        level: Any = messages.INFO,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Show a message, but do not say that a form was changed which was saved as it was."""
        if getattr(request, "is_unchanged", False) and level == messages.SUCCESS:
            message, level = "Nothing was changed: the form was saved as it was.", messages.INFO
        super().message_user(request, message, level, *args, **kwargs)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what a deletion would take along. What protects a row hides the rights to delete that.

        Nobody may delete bookings. Django would say that the user lacks the right to, and not why.
        Rows that have no page of their own, and no name either, are counted only.
        """
        if found := [_link(other) for row in objs for other in dependents(row)]:
            return [], {}, set(), found
        deleted, counts, lacking, protected = super().get_deleted_objects(objs, request)
        with_page = [row for row in protected if isinstance(row, SafeString)]  # links
        return (
            list(_without_nameless(deleted)),
            counts,
            set() if protected else lacking,
            with_page or protected,
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the page that asks first, or says why the row stays and what to do instead."""
        advice = {"advice": self.advice_when_protected}
        return super().delete_view(request, object_id, advice | (extra_context or {}))


def _link(row: Model) -> str:
    """Return the kind and the name of a row, with a link to its page if it has one."""
    kind, meta = capfirst(row._meta.verbose_name), row._meta
    try:
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[quote(row.pk)])
    except NoReverseMatch:
        return f"{kind}: {row}"
    return format_html('{}: <a href="{}">{}</a>', kind, url, row)


def _without_nameless(rows: Iterable[Any]) -> Iterator[Any]:
    """Yield the rows of a nested list, without those that Django can only name by their id."""
    for row in rows:
        if isinstance(row, list):
            yield list(_without_nameless(row))
        elif not NAMELESS.search(str(row)):
            yield row


class StatusFilter(admin.SimpleListFilter):
    """A filter by a status that the list computes, so that it finds what the list shows."""

    title = "status"
    parameter_name = "status"

    def condition(self, status: str) -> Q:
        """Return the condition for a status."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen status. Raises IncorrectLookupParameters."""
        status = self.value()
        if status is None:
            return queryset
        if status not in dict(self.lookup_choices):
            raise IncorrectLookupParameters
        return queryset.filter(self.condition(status))


def run_for_each(
    page: "admin.ModelAdmin[Any]",
    request: HttpRequest,
    rows: Iterable[Model],
    operation: Callable[[Any], bool | None],
    *,
    record: str,
) -> None:
    """Run an operation for each row, which returns False if it changed nothing.

    Show the user how many rows changed, which were so before, and why others were refused. Each
    change is recorded with `record` and its user in the history of the row.
    """
    done = 0
    for row in rows:
        try:
            changed = operation(row)
        except Refused as refusal:
            page.message_user(request, f"{row}: {refusal.detail}", messages.WARNING)
            continue
        if changed is False:
            page.message_user(request, f"{row}: it was so before. Nothing was changed.")
        else:
            done += 1
            page.log_change(request, row, record)
    page.message_user(request, f"Done: {done}.", messages.SUCCESS if done else messages.INFO)


Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]


class Choice(NamedTuple):
    """What a confirmation page asks: the name of the parameter, the question, and the answers."""

    name: str
    question: str
    answers: Sequence[tuple[str, str]]


def confirm_first(
    verb: str,
    explain: Callable[[QuerySet[Any]], str],
    describe: Callable[[Any], str] = str,
    *,
    reason: str = "",
    is_final: bool = True,
    ask: Callable[[QuerySet[Any]], Choice | None] = lambda rows: None,
) -> Callable[[Action], Action]:
    """Return a decorator for actions: a confirmation page comes first.

    With `reason`, which says when one is needed, the page asks for it: see `posted_reason`. The page
    says of a final action that there is no way back. It may `ask` for a choice.

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
                "choice": ask(rows),
            }
            return _confirmation_page(page, request, list(rows), describe, context)

        return action

    return decorate


def posted_reason(request: HttpRequest) -> str:
    """Return the reason that was typed on the confirmation page, cut to its length there."""
    return request.POST.get("reason", "").strip()[:MAX_REASON_LENGTH]


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
    response = actions.delete_selected(page, request, rows)
    if isinstance(response, TemplateResponse) and response.context_data is not None:
        response.context_data["advice"] = getattr(page, "advice_when_protected", "")
    return response
