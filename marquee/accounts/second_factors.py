"""The second factors of accounts: which there are, who has one, and who must have one (DESIGN 9).

A factor is an authenticator app or a passkey. Recovery codes replace one that is lost; they come with the
first factor and go with the last. The tables are those of django-otp and django-otp-webauthn.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.models import WebAuthnCredential, WebAuthnUserHandle

from marquee.accounts.models import StaffRole, User
from marquee.accounts.states import FactorKind
from marquee.core.sql import fetch_all

ADMINISTRATOR = "administrator"
TABLES: dict[FactorKind, Any] = {
    FactorKind.AUTHENTICATOR: TOTPDevice,
    FactorKind.PASSKEY: WebAuthnCredential,
}
ALL_TABLES = (*TABLES.values(), StaticDevice, WebAuthnUserHandle)

HAS_FACTOR_SQL = """
    SELECT 1 FROM otp_totp_totpdevice WHERE user_id = %(user)s
    UNION ALL SELECT 1 FROM django_otp_webauthn_webauthncredential WHERE user_id = %(user)s
"""


class Factor(NamedTuple):
    """A factor as its owner recognises it."""

    kind: FactorKind
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


def has_factor(user_id: int) -> bool:
    """Return whether an account has a factor, by one query."""
    return bool(fetch_all(HAS_FACTOR_SQL, {"user": user_id}))


def has_passkey(user_id: int) -> bool:
    """Return whether an account has a passkey."""
    return bool(WebAuthnCredential.objects.filter(user=user_id).exists())


def has_authenticator(user_id: int) -> bool:
    """Return whether an account has an authenticator app."""
    return bool(TOTPDevice.objects.filter(user=user_id).exists())


def factors_of(user: User) -> Iterator[Factor]:
    """Yield the factors of an account, the oldest of each kind first."""
    columns = ("pk", "name", "created_at", "last_used_at")
    for kind, table in TABLES.items():
        for row in table.objects.filter(user=user).order_by("pk").values_list(*columns):
            yield Factor(kind, *row)


def recovery_codes_left(user: User) -> int:
    """Return how many recovery codes of an account are unused."""
    return int(StaticToken.objects.filter(device__user=user).count())


def is_demanded(user: User) -> bool:
    """Return whether an account must have a factor, by its roles: `REQUIRE_SECOND_FACTOR`."""
    demanded: frozenset[str] = settings.REQUIRE_SECOND_FACTOR
    if not demanded or not (user.is_active and user.is_staff):
        return False
    if user.is_superuser and ADMINISTRATOR in demanded:
        return True
    roles = demanded - {ADMINISTRATOR}
    return bool(roles) and StaffRole.objects.filter(user=user, role__in=roles).exists()


def is_missing(user: User) -> bool:
    """Return whether an account must have a factor, and has none."""
    return is_demanded(user) and not has_factor(user.pk)
