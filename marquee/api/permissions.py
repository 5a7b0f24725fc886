"""Who may do what. The rights themselves are listed in `accounts/permissions.py`."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from marquee.accounts import permissions

if TYPE_CHECKING:  # rest_framework.views imports this module, as the settings name it
    from rest_framework.views import APIView


class IsStaff(BasePermission):
    """Members of staff with a right that the view names: one of its `rights` suffices.

    The database says who is staff and may do what; the token does not.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the user is staff. Raises PermissionDenied without the right."""
        user: Any = request.user
        if not (user.is_authenticated and user.is_staff):
            return False
        rights: tuple[str, ...] = view.rights  # type: ignore[attr-defined]
        if not permissions.has_any(user, rights):
            raise missing(rights, "or")
        return True


class IsStaffOrReadOnly(IsStaff):
    """Anybody may read; only staff with the right may write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the request only reads, or the user may write."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)


def require_all(request: Request, *rights: str) -> None:
    """Check that the user has further rights. Raises PermissionDenied (403)."""
    if not permissions.has_all(request.user, rights):
        raise missing(rights, "and")


def missing(rights: tuple[str, ...], word: str) -> PermissionDenied:
    """Return the 403 that names the rights: one of them suffices (`or`), or all are needed (`and`)."""
    noun = "permissions" if word == "and" and len(rights) > 1 else "permission"
    return PermissionDenied(
        f"This needs the {noun} {f' {word} '.join(rights)}. An administrator can grant that."
    )
