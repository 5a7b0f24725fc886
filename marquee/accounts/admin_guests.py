"""Guests in the list of users: they have no login, and staff change nothing of them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from marquee.accounts.models import User

GUEST_FIELDSETS = (
    (None, {"fields": ("contact_email", "name", "email_verified_at", "was_account")}),
    ("Dates", {"fields": ("is_active", "created_at")}),
)


class KindFilter(admin.SimpleListFilter):
    """Users by kind."""

    title = "kind"
    parameter_name = "kind"
    CONDITIONS: ClassVar[dict[str, Q]] = {
        "account": Q(email__isnull=False),
        "guest": Q(email=None, was_account=False),
        "kept": Q(email=None, was_account=True),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the kinds."""
        return [
            ("account", "Accounts"),
            ("guest", "Guests"),
            ("kept", "Guests that keep the bookings of a deleted account"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the users of the chosen kind."""
        condition = self.CONDITIONS.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)
