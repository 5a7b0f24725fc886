"""Who may do what. The rights themselves are listed in `accounts/permissions.py`."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from marquee.accounts.permissions import ROLES, Cinemas, Right, Where, cinemas_of
from marquee.accounts.states import Role
from marquee.catalog.models import Cinema
from marquee.core.actor import act_as_staff

if TYPE_CHECKING:  # rest_framework.views imports this module, as the settings name it
    from rest_framework.views import APIView

AT = {Where.OWN: "its cinema", Where.ALL: "all cinemas", Where.ANY: "any cinema"}
# A refusal names so many cinemas at most.
MAX_NAMED = 3


class IsStaff(BasePermission):
    """Members of staff with the view's `right` at some cinema. The view checks the cinema: `require`.

    The database says who has which role; the token does not. From then on the audit log records what
    this request changes.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the user is logged in. Raises PermissionDenied without the right."""
        if not request.user.is_authenticated:
            return False
        right: Right = view.right  # type: ignore[attr-defined]
        if not own_cinemas(request, right):
            raise _denied(right, AT[where_of(view)])
        act_as_staff(request.user.pk)
        return True


class IsStaffOrReadOnly(IsStaff):
    """Anybody may read; only staff with the right may write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the request only reads, or the user may write."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)


def own_cinemas(request: Request, right: Right) -> Cinemas:
    """Return the cinemas at which the user of a request has a right. It reads them once a request."""
    asked: Any = request
    if not hasattr(asked, "staff_cinemas"):
        asked.staff_cinemas = {}
    if right not in asked.staff_cinemas:
        asked.staff_cinemas[right] = cinemas_of(asked.user, right)
    cinemas: Cinemas = asked.staff_cinemas[right]
    return cinemas


def require(request: Request, right: Right, *cinema_ids: int | None) -> None:
    """Check the right at each of these cinemas. Raises PermissionDenied (403), which names the others.

    None stands for what belongs to all cinemas.
    """
    cinemas = own_cinemas(request, right)
    others = {cinema_id for cinema_id in cinema_ids if not cinemas.cover(cinema_id)}
    if others:
        raise _denied(right, AT[Where.ALL] if None in others else _names(others))


def where_of(view: Any) -> Where:
    """Return where a view's action needs its role: a view names what is not `OWN` in `where`."""
    where: Where = getattr(view, "where", {}).get(getattr(view, "action", None), Where.OWN)
    return where


def needed(right: Right, at: str) -> str:
    """Return which role a right needs, and where, in words."""
    return f"the role {' or '.join(role for role in Role if role in ROLES[right])} at {at}"


def _denied(right: Right, at: str) -> PermissionDenied:
    return PermissionDenied(f"This needs {needed(right, at)}. An administrator can give it.")


def _names(cinema_ids: Collection[Any]) -> str:
    rows = Cinema.objects.filter(pk__in=cinema_ids).order_by("sort_name", "pk")[:MAX_NAMED]
    more = len(cinema_ids) - MAX_NAMED
    return " and at ".join([*map(str, rows), *([f"{more} more"] if more > 0 else [])])
