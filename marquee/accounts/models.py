"""Users by e-mail address, their history, links and logins, and the counters of rate limits."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from marquee.accounts import rules
from marquee.accounts.states import AccountEventKind, LinkPurpose, Role
from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.derived import DerivedTextField
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.keyed_hash import keyed_hash
from marquee.core.text import opaque_string
from marquee.core.validators import validate_line

# Closed accounts get an address that nobody can have: .invalid is never a domain (RFC 2606).
CLOSED_DOMAIN = "deleted.invalid"


def address_key(email: str) -> int:
    """Return the keyed hash of an e-mail address, the same for all its spellings: see `AddressKey`."""
    return keyed_hash("address", mailbox_key(email))


class MailboxKeyField(models.CharField):  # type: ignore[type-arg]  # generic for mypy alone
    """The `mailbox_key` of the column `email`: set for a new row, and kept in step while it is set.

    It is NULL where an older account has the mailbox, and where the account is closed. Such an
    account logs in by its exact spelling.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **options | {"max_length": 400, "null": True, "unique": True, "editable": False}
        )

    def pre_save(self, model_instance: Any, add: Any) -> str | None:
        """Compute the key, unless an existing row has none; set it, and return it."""
        key: str | None = getattr(model_instance, self.attname)
        if model_instance.email is None:  # a guest
            key = None
        elif add or key is not None:
            key = mailbox_key(model_instance.email)
        setattr(model_instance, self.attname, key)
        return key


class UserManager(BaseUserManager["User"]):
    """The manager of users, which `createsuperuser` calls, too."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create and return a user. Without a password the account has no login."""
        fields |= {"name": rules.stored_name(fields.get("name", ""))}
        user = self.model(email=normalise_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new superuser, whom the audit log has if an operator adds it."""
        rights = {"is_staff": True, "is_superuser": True}
        with transaction.atomic(using=self._db):
            user = self.create_user(email, password, **rights | fields)
            given = dict.fromkeys(rights, (None, True))
            record(Action.ADDED, Subject.ACCOUNT, user.pk, changes=given)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user that logs in by an e-mail address. Raises User.DoesNotExist."""
        if user := self.find_by_email(username or ""):
            return user
        raise self.model.DoesNotExist

    def find_by_email(self, email: str) -> "User | None":
        """Return the user that logs in by an e-mail address, in any spelling; None if there is none.

        Old accounts whose addresses are spellings of one mailbox log in by exactly their own.
        """
        spellings = {email.strip().lower(), normalise_email(email)}
        found = self.filter(Q(email__in=spellings) | Q(email_key=mailbox_key(email)))
        typed = email.strip().lower()
        exactness = {user: (user.email == typed, user.email in spellings) for user in found}
        return max(exactness, key=exactness.__getitem__, default=None)


class User(AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff. The e-mail address is the login; a guest has none."""

    email = models.EmailField(  # noqa: DJ001 (unique, or none)
        "e-mail address",
        max_length=254,
        unique=True,
        null=True,
        error_messages={"unique": "There is an account with this address already."},
    )
    email_key = MailboxKeyField()
    # When the owner proved, by a link from a mail, to read what is sent to the address.
    email_verified_at = models.DateTimeField(null=True, editable=False)
    # The address that replaces `email` once its owner has proved to read it.
    pending_email = models.EmailField(max_length=254, blank=True, editable=False)
    # Where a guest gets mail. Several guests may have one, and so may an account.
    contact_email = models.EmailField("contact address", max_length=254, blank=True)
    # Whether this guest keeps the bookings of a closed account: it is forgotten sooner.
    was_account = models.BooleanField(default=False, editable=False)
    # The browser, by its signed cookie, that this guest booked in. Until a guest says who it is, it is
    # provisional: it has neither name nor address.
    visitor = models.UUIDField(null=True, editable=False)
    # The language of mails and pages: one of LANGUAGES, or blank for that of the request.
    language = models.CharField(max_length=10, blank=True)
    name = models.CharField(max_length=rules.NAME_LENGTH, validators=[validate_line])
    sort_name = DerivedTextField(key="sort", sources=["name"])
    search_text = DerivedTextField(key="search", sources=["name", "email", "contact_email"])
    is_active = models.BooleanField(default=True)
    # Whether this is an administrator or has a role. Without it, roles give no right.
    is_staff = models.BooleanField(default=False)
    # Incremented to revoke every token and browser session so far.
    token_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    _password: str | None  # Django's: a new password that is not saved yet

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        db_table = "account"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="account_email_in_lower_case"
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(is_staff=False, is_superuser=False),
                name="account_guest_has_no_rights",
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=True) | Q(contact_email="", was_account=False),
                name="account_contact_address_only_of_guests",
            ),
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(email_key__isnull=True),
                name="account_guest_has_no_mailbox",
            ),
            models.CheckConstraint(
                condition=Q(visitor__isnull=True) | Q(email__isnull=True),
                name="account_visitor_only_of_guests",
            ),
            models.UniqueConstraint(
                fields=["visitor"],
                condition=Q(visitor__isnull=False, contact_email="", is_active=True),
                name="account_one_provisional_guest_of_a_visitor",
            ),
        ]
        indexes = [
            # The guests that the worker will erase.
            models.Index(
                fields=["created_at"],
                condition=Q(email__isnull=True) & ~Q(contact_email=""),
                name="account_guest_with_address",
            ),
            models.Index(
                fields=["visitor"],
                condition=Q(visitor__isnull=False),
                name="account_by_visitor",
            ),
        ]

    def __str__(self) -> str:
        return self.address or f"Guest {self.pk}"

    @property
    def address(self) -> str:
        """Where mail to this customer goes: an account's address or a guest's; blank for nowhere."""
        return self.contact_email if self.email is None else self.email

    @property
    def is_guest(self) -> bool:
        """Whether this is a guest: it has bookings and tokens, but no login."""
        return self.email is None

    @property
    def is_email_verified(self) -> bool:
        """Whether the owner proved, by a link from a mail, to read what is sent to the address."""
        return self.email_verified_at is not None

    @property
    def is_closed(self) -> bool:
        """Whether the account or guest was closed for good, and its personal data erased."""
        if self.email is None:
            return not (self.contact_email or self.is_active)
        return self.email.endswith(f"@{CLOSED_DOMAIN}")

    @classmethod
    def normalize_username(cls, username: Any) -> Any:
        """Return an e-mail address as forms and `createsuperuser` store it; None stays None."""
        return username and normalise_email(username)

    def set_password(self, raw_password: str | None) -> None:
        """Set a password, in the form that is the same however it is typed (RFC 8265).

        Raises ValueError for one that is too long, which no validator lets through.
        """
        if raw_password is None:
            self.set_unusable_password()
        elif rules.is_password_too_long(raw_password):
            raise ValueError(rules.PASSWORD_TOO_LONG)
        else:
            super().set_password(opaque_string(raw_password))

    def set_unusable_password(self) -> None:
        """Remove the password. Saving that revokes every token, as a new password does."""
        super().set_unusable_password()
        self._password = ""

    def check_password(self, raw_password: str | None) -> bool:
        """Return whether the password is right: in its normal form, or as typed, which was hashed before.

        Then the hash of the normal form replaces the old one, unless the password changed meanwhile. A
        password that is too long is wrong, without a hash, for every account.
        """
        if raw_password and rules.is_password_too_long(raw_password):
            return False
        normal = raw_password and opaque_string(raw_password)
        if super().check_password(normal):
            return True
        if normal == raw_password or not super().check_password(raw_password):
            return False
        self._replace_hash(normal)
        return True

    def _replace_hash(self, password: str | None) -> None:
        before, self.password = self.password, make_password(password)
        User.objects.filter(pk=self.pk, password=before).update(password=self.password)

    def get_session_auth_hash(self) -> str:
        """Return what a browser session must hold: what revokes tokens ends browser sessions, too."""
        return f"{super().get_session_auth_hash()}:{self.token_epoch}"

    def save(self, *, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """Save the user. Revoke every token when the password changes, and when the user is inactive.

        A change of address that was asked for before is dropped then, too. So the admin and a shell do
        all this whenever they change these fields. A guest, who has no password, keeps its tokens.
        """
        with transaction.atomic(savepoint=False):
            self._save(update_fields, **options)
            if update_fields is None or {"email", "contact_email"} & set(update_fields):
                AddressKey.add(self)

    def _save(self, update_fields: Iterable[str] | None, **options: Any) -> None:
        if update_fields is not None:
            update_fields = {*update_fields, *_computed(update_fields)}
        revokes_tokens = self._password is not None or not self.is_active
        if self._state.adding or (update_fields is not None and not revokes_tokens):
            super().save(update_fields=update_fields, **options)
            return
        # In SQL, because our value may be older than the row: revoked tokens would become valid again.
        self.token_epoch = F("token_epoch") + int(revokes_tokens)
        if revokes_tokens:
            self.pending_email = ""
        if update_fields is not None:
            update_fields = {*update_fields, "token_epoch", "pending_email"}
        super().save(update_fields=update_fields, **options)
        self.refresh_from_db(fields=["token_epoch"])


def _computed(fields: Iterable[str]) -> set[str]:
    """Return the columns that are computed from these."""
    computed = {
        "contact_email": {"search_text"},
        "email": {"email_key", "search_text"},
        "name": {"sort_name", "search_text"},
    }
    return {column for field in fields for column in computed.get(field, ())}


class StaffRole(models.Model):
    """A role of a member of staff at a cinema, or at all cinemas: `cinema` is null (DESIGN 9)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="roles")
    cinema = models.ForeignKey(
        "catalog.Cinema", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = models.CharField(max_length=7, choices=Role.choices)

    class Meta:
        db_table = "staff_role"
        ordering = ["user_id", "role", "cinema_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "cinema", "role"], name="staff_role_once_a_cinema"
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(cinema__isnull=True),
                name="staff_role_once_for_all_cinemas",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="staff_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} at {self.cinema or 'all cinemas'}"


class AddressKey(models.Model):
    """A keyed hash of an e-mail address that an account has or had. It outlives the account's deletion.

    For limits, accounts that share a hash belong to one customer. Rows are added, never changed.
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
        """Add the current e-mail addresses of accounts and guests. Existing rows stay."""
        rows = [
            AddressKey(user=user, key=address_key(user.address)) for user in users if user.address
        ]
        AddressKey.objects.bulk_create(rows, ignore_conflicts=True)


class AccountEvent(models.Model):
    """An event in the history of an account, and a reason to send mail (DESIGN 4): append-only.

    It is written in the transaction of the change. `by` and `actor` are as in `BookingEvent`.
    """

    Kind = AccountEventKind

    # Whoever asks for a new password by an unknown address has no account.
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField(db_index=True)
    # The address that the event is about, such as the new or the old one; erased in time.
    email = models.EmailField(max_length=254, blank=True)
    # The language of the request, for the mail.
    language = models.CharField(max_length=10, blank=True)
    by = models.CharField(max_length=8, blank=True)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "account_event"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(kind="reset_asked"),
                name="account_event_of_an_account",
            ),
        ]
        indexes = [
            models.Index(fields=["at"], condition=~Q(email=""), name="account_event_with_address"),
        ]

    def __str__(self) -> str:
        return AccountEventKind(self.kind).label


class AccountLink(models.Model):
    """A link in a mail, stored as the hash of its token. It is used once, until `expires_at`.

    It is made when its mail is sent, and works while `email` is the address that it was sent to.
    """

    Purpose = LinkPurpose

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="links")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    email = models.EmailField(max_length=254)
    # The account's epoch by then: a new password since then ends a link to set one.
    token_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "account_link"

    def __str__(self) -> str:
        return f"{self.user_id}:{self.purpose}"


class LoginSession(models.Model):
    """One login: by tokens, whose `family` is its id, or of a browser, whose session holds the id.

    It has ended if its epoch is not the user's, or at `expires_at`: see `login_sessions.live`.
    """

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_sessions")
    # As the client says, for its owner to recognise: "Mozilla/5.0 …", "Europe/Vienna".
    user_agent = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=64, blank=True)
    token_epoch = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "login_session"

    def __str__(self) -> str:
        return f"{self.user_id}:{self.id}"


class RefreshToken(models.Model):
    """One refresh token, stored as the hash of its id. It is used once. A login begins a family.

    A use derives the next token from the id of the token and these times, so it can be repeated.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="refresh_tokens")
    family = models.UUIDField(db_index=True)
    issued_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    spent_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "refresh_token"

    def __str__(self) -> str:
        return f"{self.user_id}:{self.family}"


class AttemptCount(models.Model):
    """The number of attempts for a limit in the period that ends at `expires_at`."""

    key = models.CharField(max_length=120, primary_key=True)
    attempts = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "attempt_count"

    def __str__(self) -> str:
        return f"{self.key}: {self.attempts}"
