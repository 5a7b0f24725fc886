"""Admin pages of accounts. Refresh tokens have no page: staff cannot use their hashes.

Only administrators see these pages, and give roles there. `booking/admin.py` registers the page of
users, as closing an account cancels bookings.
"""

from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.forms import AdminPasswordChangeForm as DjangoOwnPasswordChangeForm
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    AdminUserCreationForm,
)
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from marquee.accounts import operations, password_checks, rate_limits
from marquee.accounts.admin_guests import GUEST_FIELDSETS, KindFilter
from marquee.accounts.admin_history import account_history
from marquee.accounts.admin_second_factor import SecondFactorAdmin, ask_for_factor
from marquee.accounts.errors import LastSuperuser, OwnPassword, TooManyAttempts
from marquee.accounts.forms import LimitedPasswordsMixin, LoginForm
from marquee.accounts.models import StaffRole, User
from marquee.accounts.permissions import may_enter_admin
from marquee.accounts.states import AccountEventKind, Role
from marquee.audit.admin import NAMED
from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.admin import FoldedSearchMixin, OperationForm, OperationFormAdmin
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.site import MarqueeAdminSite
from marquee.core.validators import validate_one_address


class UserCreationForm(LimitedPasswordsMixin, AdminUserCreationForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A new account with its first password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django's text is about single sign-on and LDAP, which we do not have.
        self.fields["usable_password"].help_text = "If disabled, nobody can log in to the account."

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """Return the e-mail address. Raises ValidationError if its mailbox has an account."""
        email: str = normalise_email(self.cleaned_data["email"])
        validate_one_address(email)
        if User.objects.filter(email_key=mailbox_key(email)).exists():
            raise ValidationError("There is an account with this address already.", code="unique")
        return email


class UserChangeForm(OperationForm, DjangoUserChangeForm):  # type: ignore[type-arg]  # generic for mypy alone
    """An account that staff change."""

    class Meta:
        model = User
        fields = "__all__"
        field_classes: dict[str, type] = {}  # Django's names a username, which we do not have

    def clean_email(self) -> str | None:
        """Return the e-mail address; a guest has none. Raises ValidationError unless it is plain."""
        email: str | None = self.cleaned_data["email"]
        if email and "email" in self.changed_data:
            validate_one_address(email)
        return email


class OwnPasswordChangeForm(LimitedPasswordsMixin, DjangoOwnPasswordChangeForm):
    """The user's own new password. Wrong old passwords count towards the rate limits."""

    def __init__(self, *args: Any, networks: Sequence[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.networks = networks

    def clean_old_password(self) -> str:
        """Return the old password. Raises ValidationError if it is wrong, or after too many attempts."""
        old: str = self.cleaned_data["old_password"]
        try:
            right = password_checks.check_password(
                user=self.user, password=old, networks=self.networks
            )
        except TooManyAttempts as refusal:
            raise ValidationError(refusal.detail) from None
        if not right:
            raise ValidationError(self.error_messages["password_incorrect"])
        return old

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 (Django's)
        """Set the password by the operation."""
        operations.set_password(user=self.user, password=self.cleaned_data["new_password1"])
        return self.user


class OwnPasswordChangeView(PasswordChangeView):
    """The admin page of this form. Django's own page has no rate limit."""

    form_class = OwnPasswordChangeForm
    success_url = reverse_lazy("admin:password_change_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add the networks of the request."""
        return super().get_form_kwargs() | {
            "networks": rate_limits.client_networks(self.request.META)
        }

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Add the context that every admin page needs."""
        return super().get_context_data(**context) | admin.site.each_context(self.request)


class SetPasswordForm(LimitedPasswordsMixin, AdminPasswordChangeForm):  # type: ignore[type-arg]  # generic for mypy alone
    """A new password for another account, or none."""

    user: User

    def __init__(self, *args: Any, staff: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.staff = staff

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 (Django's)
        """Set or remove the password by the operation."""
        if self.cleaned_data["set_usable_password"]:
            password = self.cleaned_data["password1"]
            operations.set_password(user=self.user, password=password, staff=self.staff)
        else:
            operations.remove_password(user=self.user, staff=self.staff)
        return self.user


class RoleInline(admin.TabularInline):  # type: ignore[type-arg]  # generic for mypy alone
    """The roles of a member of staff: given and taken, never changed."""

    model = StaffRole
    extra = 1
    verbose_name = "role"
    verbose_name_plural = "Roles: at one cinema, or at all where none is named"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: to change a role, delete it and add another."""
        return False


class UserAdmin(SecondFactorAdmin, FoldedSearchMixin, OperationFormAdmin, DjangoUserAdmin):  # type: ignore[type-arg]  # generic for mypy alone
    """Users by e-mail address or name. Deactivation and a new password log them out everywhere.

    Rows are never deleted, as bookings stay. An action erases the personal data instead.
    """

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = SetPasswordForm
    list_display = (
        "shown_address",
        "sorted_name",
        "is_guest",
        "is_active",
        "is_staff",
        "created_at",
    )
    list_filter = (KindFilter, "is_active", "is_staff", "is_superuser", "roles__role")
    search_fields = ("search_text",)
    search_help_text = "An e-mail address, or a name."
    ordering = ("email",)
    readonly_fields = (
        "last_login",
        "created_at",
        "email_verified_at",
        "pending_email",
        "second_factor",
        "history",
    )
    filter_horizontal = ()
    inlines = (RoleInline,)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        ("Address", {"fields": ("email_verified_at", "pending_email")}),
        ("May log in", {"fields": ("is_active",)}),
        ("Staff", {"fields": ("is_staff", "is_superuser")}),
        ("Second factor", {"fields": ("second_factor",)}),
        ("Dates", {"fields": ("created_at", "last_login")}),
        ("History", {"fields": ("history",)}),
    )
    add_fieldsets = (
        (None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),
    )

    @admin.display(description="e-mail address", ordering="email")
    def shown_address(self, user: User) -> str:
        """Return the address of an account or a guest."""
        return user.address or "(forgotten)"

    @admin.display(description="guest", boolean=True)
    def is_guest(self, user: User) -> bool:
        """Return whether this is a guest."""
        return user.is_guest

    @admin.display(description="name", ordering="sort_name")
    def sorted_name(self, user: User) -> str:
        """Return the name; the list sorts it as a person would."""
        return user.name

    @admin.display(description="history")
    def history(self, user: User) -> str:
        """Return the newest events of the account as a table."""
        return account_history(user)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Return the fields: a guest has no login."""
        return GUEST_FIELDSETS if obj and obj.is_guest else super().get_fieldsets(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False for a guest, who has nothing to change."""
        return obj is None or not obj.is_guest

    def get_inlines(self, request: HttpRequest, obj: User | None) -> Any:
        """Return the roles; guests and new accounts have none."""
        return [] if obj is None or obj.is_guest else super().get_inlines(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: Any) -> None:
        """Give and take the roles by the operations."""
        formset.save(commit=False)
        # The form of a row that is deleted has none of its values.
        deleted = [row.pk for row in formset.deleted_objects]
        for role in StaffRole.objects.filter(pk__in=deleted).select_related("user"):
            operations.take_role(user=role.user, role=Role(role.role), cinema_id=role.cinema_id)
        for role in formset.new_objects:
            operations.give_role(user=role.user, role=Role(role.role), cinema_id=role.cinema_id)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Return False: rows are never deleted."""
        return False

    def user_change_password(
        self,
        request: HttpRequest,
        id: str,  # noqa: A002 (Django's)
        form_url: str = "",
    ) -> HttpResponse:
        """Return the page, or redirect to it with the refusal, or to that of one's own password."""
        page: Any = copy(self)
        # Django calls the form without the request, so we tell it who is logged in.
        staff: Any = request.user
        page.change_password_form = partial(self.change_password_form, staff=staff)
        parent: Any = super(UserAdmin, page)
        try:
            return cast("HttpResponse", parent.user_change_password(request, id, form_url))
        except LastSuperuser as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(request.get_full_path())
        except OwnPassword as refusal:
            messages.error(request, refusal.detail)
            return HttpResponseRedirect(reverse("admin:password_change"))

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Save a new account, or change an account by the operation."""
        actor: Any = request.user
        if not change:
            super().save_model(request, obj, form, change)
            kind = AccountEventKind.SIGNED_UP
            operations.record_event(kind=kind, user=obj, email=obj.address, staff=actor)
            record(Action.ADDED, Subject.ACCOUNT, obj.pk)
            return
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        operations.change_account(actor=actor, user=obj, changes=changes)


NAMED["account"] = User
MarqueeAdminSite.may_enter = staticmethod(may_enter_admin)
MarqueeAdminSite.after_login = staticmethod(ask_for_factor)
# Secrets of second factors are nobody's but their owners': the libraries' own pages show them.
admin.site.unregister([StaticDevice, TOTPDevice])
admin.site.login_form = LoginForm
admin.site.unregister(Group)
