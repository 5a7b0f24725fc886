"""Accounts in the back office. Refresh tokens are no page: there is nothing to read in a hash."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse_lazy

from marquee.accounts import guesses, limits, operations
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import User


class NewAccount(AdminUserCreationForm):  # type: ignore[type-arg]  # generic for mypy alone
    """An account with its first password."""

    class Meta:
        model = User
        fields = ("email", "name")


class Account(UserChangeForm):  # type: ignore[type-arg]  # generic for mypy alone
    """An account as staff may change it."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type] = {}  # of Django's, for a user name that we do not have


class OwnPassword(AdminPasswordChangeForm):
    """A new password for oneself; the old one is guessed within the limits of logging in."""

    def __init__(self, *args: Any, networks: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.networks = networks

    def clean_old_password(self) -> str:
        """Return the old password. Raises ValidationError if it is another, or tried too often."""
        old: str = self.cleaned_data["old_password"]
        try:
            right = guesses.is_password(user=self.user, password=old, networks=self.networks)
        except TooManyAttempts as refusal:
            raise ValidationError(refusal.detail) from None
        if not right:
            raise ValidationError(self.error_messages["password_incorrect"])
        return old


class OwnPasswordView(PasswordChangeView):
    """The back office's page for it, in place of Django's, which checks without a limit."""

    form_class = OwnPassword
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Tell the form who is asking."""
        return super().get_form_kwargs() | {"networks": limits.networks_of(self.request.META)}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add what every page of the back office shows."""
        return super().get_context_data(**context) | admin.site.each_context(self.request)


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Finds people by address or name; deactivating one or a new password logs them out everywhere.

    Nobody is deleted by row, as bookings stay: the action forgets who it was instead.
    """

    form = Account
    add_form = NewAccount
    list_display = ("email", "name", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    readonly_fields = ("last_login", "created_at")
    filter_horizontal = ("groups", "user_permissions")
    actions = ("delete_accounts",)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("May log in", {"fields": ("is_active",)}),
        ("Staff", {"fields": ("is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Dates", {"fields": ("created_at", "last_login")}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody may delete the row."""
        return False

    @admin.action(
        description="Delete for good: forget address and name, keep the bookings",
        permissions=["change"],
    )
    def delete_accounts(self, request: HttpRequest, accounts: QuerySet[User]) -> None:
        """Delete the chosen accounts as their owners can."""
        for user in accounts:
            operations.delete_account(user=user)
        self.message_user(request, "Their names and addresses are forgotten.")
