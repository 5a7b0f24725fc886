"""The back office as a whole: whatever is sent to one of its pages is read, or refused with a 400.

Django's admin hands much of a query to the database and to forms as it came: `?starts_at__year=9999`
or `add/?movie=x` ended in a 500. All its pages pass here, so those that are added later do, too.
"""

from collections.abc import Callable
from copy import copy
from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    SuspiciousOperation,
    ValidationError,
)
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import SimpleTemplateResponse

from marquee.core.admin import delete_selected
from marquee.core.errors import Refused

View = Callable[..., HttpResponseBase]

MAX_SEARCH_LENGTH = 200
MAX_ADDRESS_LENGTH = 254  # as the API has it
# Django would make up to 2,000 forms for a number that somebody wrote into a hidden field: 10 s.
MAX_ROWS = 100
ROW_COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS")
# What Django, or a middleware of ours, turns into a page.
HANDLED = (
    BadRequest,
    Http404,
    PermissionDenied,
    SuspiciousOperation,
    OperationalError,
    InterfaceError,
)


class Site(admin.AdminSite):
    """The back office."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.add_action(delete_selected, "delete_selected")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Return the page to log in at. It shows an address again, which strangers would make long."""
        if len(request.POST.get("username", "")) > MAX_ADDRESS_LENGTH:
            raise BadRequest("No address is so long.")
        return super().login(request, extra_context)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 (Django's)
        """Return a page that is for staff only, and refuses what it cannot read."""

        def readable(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            _check_request(request, getattr(view, "__self__", None))
            return _respond(view, request, *args, **kwargs)

        return super().admin_view(readable, cacheable)


def _check_request(request: HttpRequest, page: Any) -> None:
    """Refuse what no page could read, before anything is done."""
    if "\0" in request.path:
        raise BadRequest("There is a NUL in the address.")
    # SQLite's regular expressions are Python's: one that backtracks keeps a thread for hours.
    if any(name.endswith("regex") for name in request.GET):
        raise BadRequest("Lists are not searched by regular expressions.")
    if any(len(request.GET.get(name, "")) > MAX_SEARCH_LENGTH for name in (SEARCH_VAR, "term")):
        raise BadRequest(f"A search has at most {MAX_SEARCH_LENGTH} characters.")
    announced = [value for name, value in request.POST.items() if name.endswith(ROW_COUNTS)]
    if any(_is_too_many(rows) for rows in announced):
        raise BadRequest(f"A form has at most {MAX_ROWS} rows.")
    if isinstance(page, admin.ModelAdmin):
        _check_ids(page.opts.pk, request.POST.getlist(ACTION_CHECKBOX_NAME))


def _is_too_many(rows: Any) -> bool:
    """Say whether a form announces too many rows. What is no number is for the form to refuse."""
    try:
        return int(rows) > MAX_ROWS
    except ValueError:
        return False


def _check_ids(key: Any, ids: list[str]) -> None:
    """Refuse ids of chosen rows that cannot be ids at all."""
    try:
        for one in ids:
            key.run_validators(key.to_python(one))
    except ValidationError as error:
        raise BadRequest("What was chosen are no rows of this list.") from error
    if any("\0" in one for one in ids):
        raise BadRequest("There is a NUL in what was chosen.")


def _respond(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Return the page, rendered; or refuse, where what was sent is at fault, and not our code."""
    try:
        return _render(view, request, *args, **kwargs)
    except HANDLED:
        raise
    except (IntegrityError, Refused) as error:
        return _refused(request, error)
    except (DataError, OverflowError) as error:
        raise BadRequest("No column holds such a value.") from error
    except Exception as error:
        if _is_fault_of_query(view, request, *args, **kwargs):
            raise BadRequest("The query cannot be read.") from error
        raise


def _render(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Return the page with its lists and forms, which Django reads only as it renders them."""
    response = view(request, *args, **kwargs)
    if isinstance(response, SimpleTemplateResponse):
        _show(response, request)
    if _is_lost(response):
        raise BadRequest("There is no such filter, or it does not take such a value.")
    return response


def _show(response: SimpleTemplateResponse, request: HttpRequest) -> None:
    """Render a page. A form that is sent back, as nothing was stored, may have what no field shows."""
    try:
        response.render()
    except ValueError as error:
        if request.method == "POST":
            raise BadRequest("A field has a value that it cannot show.") from error
        raise


def _is_lost(response: HttpResponseBase) -> bool:
    """Say whether Django drops the query of a list, or blames the database for it."""
    if response.status_code == HTTPStatus.FOUND:
        return response["Location"].endswith(f"?{ERROR_FLAG}=1")
    return getattr(response, "template_name", None) == "admin/invalid_setup.html"


def _is_fault_of_query(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> bool:
    """Say whether the page opens without its query, and does not with it."""
    return _opens(view, _without_query(request), *args, **kwargs) and not _opens(
        view, _as_get(request), *args, **kwargs
    )


def _opens(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> bool:
    try:
        _render(view, request, *args, **kwargs)
    except Exception:  # noqa: BLE001 (whatever it was, the page does not open)
        return False
    return True


def _as_get(request: HttpRequest) -> HttpRequest:
    other = copy(request)
    other.method, other.POST = "GET", QueryDict()
    return other


def _without_query(request: HttpRequest) -> HttpRequest:
    other = _as_get(request)
    other.META = request.META | {"QUERY_STRING": ""}
    other.GET = QueryDict()
    return other


def _refused(request: HttpRequest, error: Exception) -> HttpResponseBase:
    """Return to the page with what a rule, or somebody who was faster, says against the change."""
    detail = error.detail if isinstance(error, Refused) else "Somebody changed this meanwhile."
    messages.error(request, f"{detail} Nothing was changed.")
    return HttpResponseRedirect(request.get_full_path())
