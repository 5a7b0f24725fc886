"""The admin site: a request that its pages cannot read gets a 400, never a 500.

Django's admin passes much of a query to the database and to forms unchecked: `?starts_at__year=9999` or
`add/?movie=x` ended in a 500. All pages pass through this site, also pages added later.
"""

import re
from collections.abc import Callable
from copy import copy
from http import HTTPStatus
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ERROR_FLAG, SEARCH_VAR
from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
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
from django.utils import timezone

from marquee.core.actor import acting_as_staff
from marquee.core.admin import delete_selected
from marquee.core.errors import Busy, Refused
from marquee.core.transactions import REMOVED

View = Callable[..., HttpResponseBase]

MAX_SEARCH_LENGTH = 200
MAX_EMAIL_LENGTH = 254  # the limit of the API
# Django would build up to 2,000 forms for a number forged in a hidden field: 10 s.
MAX_ROWS = 100
ROW_COUNTS = ("-TOTAL_FORMS", "-INITIAL_FORMS")
MARKETING = re.compile("utm_.*|fbclid|gclid|gbraid|wbraid|dclid|msclkid|twclid|igshid|mc_[ce]id")
# Django, or our middleware, turns these into responses.
HANDLED = (
    BadRequest,
    Busy,
    Http404,
    PermissionDenied,
    SuspiciousOperation,
    OperationalError,
    InterfaceError,
)


class MarqueeAdminSite(admin.AdminSite):
    """An admin site that checks each request before Django's page runs."""

    # The catalog sets it: core does not know the cinemas.
    office_zone: ClassVar[Callable[[], str]] = staticmethod(lambda: "UTC")
    # The accounts set it: core does not know who may do what.
    may_enter: ClassVar[Callable[[HttpRequest], bool]] = staticmethod(lambda request: False)
    # Likewise, what becomes of a login on the admin's own page: it may need a second factor.
    after_login: ClassVar[Callable[[HttpRequest, HttpResponse], HttpResponse]] = staticmethod(
        lambda request, response: response
    )

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.add_action(delete_selected, "delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is an administrator: nobody else sees Django's admin (DESIGN 9)."""
        return type(self).may_enter(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Return the login page. Refuse an overlong e-mail address, which the page would show again."""
        if len(request.POST.get("username", "")) > MAX_EMAIL_LENGTH:
            raise BadRequest("No e-mail address is so long.")
        return type(self).after_login(request, super().login(request, extra_context))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 (Django's)
        """Return a view for staff only that refuses what it cannot read with a 400.

        What belongs to no cinema, such as when somebody logged in, it shows by the office's clock. The
        audit log records what the view changes.
        """

        def checked_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            _drop_marketing(request)
            _check_request(request, getattr(view, "__self__", None))
            user: Any = request.user
            with acting_as_staff(user.pk), timezone.override(type(self).office_zone()):
                return _respond(view, request, *args, **kwargs)

        return super().admin_view(checked_view, cacheable)


def _drop_marketing(request: HttpRequest) -> None:
    """Remove what newsletters and social networks add to URLs: Django would take it for a filter."""
    if any(MARKETING.fullmatch(name) for name in request.GET):
        kept = [
            (name, values) for name, values in request.GET.lists() if not MARKETING.fullmatch(name)
        ]
        query: Any = QueryDict(mutable=True)
        for name, values in kept:
            query.setlist(name, values)
        request.META = request.META | {"QUERY_STRING": query.urlencode()}
        request.GET = query


def _check_request(request: HttpRequest, page: Any) -> None:
    """Refuse with a 400 what no page can read, before the view runs."""
    if "\0" in request.path:
        raise BadRequest("There is a NUL in the URL.")
    # SQLite's regular expressions are Python's: catastrophic backtracking blocks a thread for hours.
    if any(name.endswith("regex") for name in request.GET):
        raise BadRequest("Lists are not searched by regular expressions.")
    if any(len(request.GET.get(name, "")) > MAX_SEARCH_LENGTH for name in (SEARCH_VAR, "term")):
        raise BadRequest(f"A search has at most {MAX_SEARCH_LENGTH} characters.")
    announced = [value for name, value in request.POST.items() if name.endswith(ROW_COUNTS)]
    if any(_exceeds_max_rows(rows) for rows in announced):
        raise BadRequest(f"A form has at most {MAX_ROWS} rows.")
    if isinstance(page, admin.ModelAdmin):
        _check_ids(page.opts.pk, request.POST.getlist(ACTION_CHECKBOX_NAME))


def _exceeds_max_rows(rows: Any) -> bool:
    """Return whether a form announces too many rows. The form itself refuses other text."""
    try:
        return int(rows) > MAX_ROWS
    except ValueError:
        return False


def _check_ids(key: Any, ids: list[str]) -> None:
    """Refuse ids of chosen rows that no row can have."""
    try:
        for row_id in ids:
            key.run_validators(key.to_python(row_id))
    except ValidationError as error:
        raise BadRequest("What was chosen are no rows of this list.") from error
    if any("\0" in row_id for row_id in ids):
        raise BadRequest("There is a NUL in what was chosen.")


def _respond(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Return the rendered page. Refuse with a 400 if the request, not our code, is at fault."""
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
        if request.method in {"GET", "HEAD"} and isinstance(error, REMOVED):
            return _render(view, request, *args, **kwargs)  # a row went between two statements
        if isinstance(error, ObjectDoesNotExist):
            return _refused(request, error)
        raise


def _render(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Return the rendered page. Django runs the queries of lists and forms while it renders."""
    response = view(request, *args, **kwargs)
    if isinstance(response, SimpleTemplateResponse):
        _render_response(response, request)
    if _is_query_dropped(response):
        raise BadRequest("There is no such filter, or it does not take such a value.")
    return response


def _render_response(response: SimpleTemplateResponse, request: HttpRequest) -> None:
    """Render a page. A form shown again may have a value that its field cannot render."""
    try:
        response.render()
    except ValueError as error:
        if request.method == "POST":
            raise BadRequest("A field has a value that it cannot show.") from error
        raise


def _is_query_dropped(response: HttpResponseBase) -> bool:
    """Return whether Django dropped the query of a list, or shows it as an error of the database."""
    if response.status_code == HTTPStatus.FOUND:
        return response["Location"].endswith(f"?{ERROR_FLAG}=1")
    return getattr(response, "template_name", None) == "admin/invalid_setup.html"


def _is_fault_of_query(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> bool:
    """Return whether the page opens without its query, and fails with it."""
    return _renders(view, _without_query(request), *args, **kwargs) and not _renders(
        view, _as_get(request), *args, **kwargs
    )


def _renders(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> bool:
    try:
        _render(view, request, *args, **kwargs)
    except Exception:  # noqa: BLE001 (any error means that the page does not open)
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
    """Redirect to the page with the refusal, or with a note that another user was faster."""
    detail = error.detail if isinstance(error, Refused) else "Somebody changed this meanwhile."
    messages.error(request, f"{detail} Nothing was changed.")
    return HttpResponseRedirect(request.get_full_path())
