"""Who may do what. The rights themselves are listed in `accounts/permissions.py`."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from marquee.accounts.permissions import ROLES, Cinemas, Right, cinemas_of
from marquee.accounts.states import Role
from marquee.core.actor import act_as_staff

if TYPE_CHECKING:  # rest_framework.views imports this module, as the settings name it
    from rest_framework.views import APIView


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
            raise _denied(right)
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
    """Check the right at each of these cinemas. Raises PermissionDenied (403).

    None stands for what belongs to all cinemas.
    """
    cinemas = own_cinemas(request, right)
    if not all(map(cinemas.cover, cinema_ids)):
        raise _denied(right, all_cinemas=None in cinema_ids)


def _denied(right: Right, *, all_cinemas: bool = False) -> PermissionDenied:
    roles = _in_words(role for role in Role if role in ROLES[right])
    where = "all cinemas" if all_cinemas else "this cinema"
    return PermissionDenied(
        f"This needs the role {roles} at {where}. An administrator can give it."
    )


def _in_words(roles: Iterable[Role]) -> str:
    return " or ".join(role.value for role in roles)
