"""Who may do what."""

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

if TYPE_CHECKING:  # rest_framework.views imports this module, as the settings name it
    from rest_framework.views import APIView


class IsStaff(BasePermission):
    """Members of staff, according to the database: the token does not say who is staff."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the user is staff."""
        return bool(request.user.is_authenticated and request.user.is_staff)


class IsStaffOrReadOnly(IsStaff):
    """Anybody may read; only staff may write."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Return whether the request only reads, or the user is staff."""
        return request.method in SAFE_METHODS or super().has_permission(request, view)
