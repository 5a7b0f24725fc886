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

from marquee.accounts.models import User
from marquee.accounts.states import FactorKind
from marquee.core.sql import fetch_all

ADMINISTRATOR = "administrator"
TABLES: dict[FactorKind, Any] = {
    FactorKind.AUTHENTICATOR: TOTPDevice,
    FactorKind.PASSKEY: WebAuthnCredential,
}
ALL_TABLES = (*TABLES.values(), StaticDevice, WebAuthnUserHandle)

HAS_FACTOR_SQL = """
    SELECT 1 FROM otp_totp_totpdevice WHERE user_id = {user}
    UNION ALL SELECT 1 FROM django_otp_webauthn_webauthncredential WHERE user_id = {user}
"""
DEMANDED_SQL = """
    EXISTS (SELECT 1 FROM account AS bound WHERE bound.id = {user} AND bound.is_active AND bound.is_staff AND (
        (bound.is_superuser AND {administrator}) OR EXISTS (
            SELECT 1 FROM staff_role AS held WHERE held.user_id = bound.id AND held.role IN ({roles}))))
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
    return bool(fetch_all(HAS_FACTOR_SQL.format(user="%(user)s"), {"user": user_id}))


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
    return bool(settings.REQUIRE_SECOND_FACTOR) and _holds(_demanded_sql("%(user)s"), user.pk)


def is_missing(user: User) -> bool:
    """Return whether an account must have a factor, and has none."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and _holds(missing_sql("%(user)s"), user.pk)


def missing_sql(user: str) -> str:
    """Return the condition that an account must have a factor, and has none. `user` is SQL for its id."""
    if not settings.REQUIRE_SECOND_FACTOR:
        return "FALSE"
    return f"({_demanded_sql(user)} AND NOT EXISTS ({HAS_FACTOR_SQL.format(user=user)}))"


def _demanded_sql(user: str) -> str:
    demanded: frozenset[str] = settings.REQUIRE_SECOND_FACTOR
    roles = ", ".join(f"'{role}'" for role in sorted(demanded))
    administrator = "TRUE" if ADMINISTRATOR in demanded else "FALSE"
    return DEMANDED_SQL.format(user=user, administrator=administrator, roles=roles)


def _holds(condition: str, user_id: int) -> bool:
    return bool(fetch_all(f"SELECT 1 WHERE {condition}", {"user": user_id}))
