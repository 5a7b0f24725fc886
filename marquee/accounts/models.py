"""Who you are: users by e-mail, the refresh tokens they hold, and the counters that limit guesses."""

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Lower

from marquee.core.keyed_hash import keyed_hash


def normalise_email(email: str) -> str:
    """Return an address as it is stored and looked up: trimmed, in lower case."""
    return email.strip().lower()


def address_key(email: str) -> int:
    """Return the keyed hash of an address, however it is spelled: see `AddressKey`."""
    return keyed_hash("address", _mailbox(normalise_email(email)))


def _mailbox(email: str) -> str:
    """Return one spelling for all of an address: nothing quoted, the domain as DNS has it."""
    local, _, domain = email.rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local.strip('"'), flags=re.DOTALL)
    with suppress(UnicodeError):  # too long for DNS, say: then it is nobody else's either
        domain = domain.encode("idna").decode()
    return f"{local}@{domain}"


class UserManager(BaseUserManager["User"]):
    """Makes users; `createsuperuser` calls it."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new, saved user. Without a password, nobody can log in as them."""
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new user with every staff right."""
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a user by address, whatever its case. Raises User.DoesNotExist."""
        return self.get(email=normalise_email(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff. The e-mail address is the login."""

    email = models.EmailField(
        "e-mail address",
        max_length=254,
        unique=True,
        error_messages={"unique": "There is an account with this address already."},
    )
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # Goes up by one when every token handed out so far must stop working at once.
    token_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    _password: str | None  # Django's own: a new password, until it is saved

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "account"
        # Unique in lower case, and only lower case: unique without regard to case.
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="account_email_in_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.email

    @classmethod
    def normalize_username(cls, username: str) -> str:
        """Return an address as forms and `createsuperuser` are to store it."""
        return normalise_email(username)

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save, and call every token back with a new password, without one, and when inactive.

        Whoever changes these, the admin or a shell, so calls tokens back without knowing of them.
        """
        with transaction.atomic(savepoint=False):
            self._save(update_fields, **options)
            if update_fields is None or "email" in update_fields:
                AddressKey.add(self)

    def _save(self, update_fields: Iterable[str] | None, **options: Any) -> None:
        new_password = self._password is not None or not self.has_usable_password()
        calls_back = new_password or not self.is_active
        if self._state.adding or (update_fields is not None and not calls_back):
            super().save(update_fields=update_fields, **options)
            return
        # Never from memory, which may be older than the row: tokens called back would live again.
        self.token_epoch = F("token_epoch") + int(calls_back)
        if update_fields is not None:
            update_fields = {*update_fields, "token_epoch"}
        super().save(update_fields=update_fields, **options)
        self.refresh_from_db(fields=["token_epoch"])


class AddressKey(models.Model):
    """A keyed hash of an address that an account has, or once had: it outlives the account.

    Accounts that share one belong to one customer, as far as limits count. Only ever added to.
    """

    pk = models.CompositePrimaryKey("user_id", "key")
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="address_keys", db_index=False
    )
    key = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "address_key"

    def __str__(self) -> str:
        return f"{self.user_id}:{self.key}"

    @staticmethod
    def add(*users: User) -> None:
        """Remember the addresses that accounts have now. Adding one twice changes nothing."""
        rows = [AddressKey(user=user, key=address_key(user.email)) for user in users]
        AddressKey.objects.bulk_create(rows, ignore_conflicts=True)


class RefreshToken(models.Model):
    """One refresh token, known by the hash of its id. Spent once; a family descends from a login."""

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(db_index=True)
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_token"

    def __str__(self) -> str:
        return f"{self.user_id}:{self.family}"


class AttemptCount(models.Model):
    """How often something limited was tried in the minute that ends at `expires_at`."""

    key = models.CharField(max_length=120, primary_key=True)
    attempts = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "attempt_count"

    def __str__(self) -> str:
        return f"{self.key}: {self.attempts}"
