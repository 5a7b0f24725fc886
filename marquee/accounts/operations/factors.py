"""Add, remove and reset second factors. The first one ends all other logins: they had none."""

from base64 import b32encode
from collections.abc import Mapping, Sequence
from secrets import token_bytes
from typing import Any

import orjson
from django.db.models import F
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.helpers import WebAuthnHelper

from marquee.accounts import authenticator_keys, code_limits, locks, second_factors
from marquee.accounts.errors import NoSuchFactor, OwnSecondFactor
from marquee.accounts.models import User
from marquee.accounts.operations.events import STAFF, record_event
from marquee.accounts.operations.factor_checks import (
    TOLERANCE,
    for_a_while,
    one_answer,
    recovery_hash,
    step_of,
    within_limits,
)
from marquee.accounts.operations.passwords import confirm_password
from marquee.accounts.states import AccountEventKind, FactorKind
from marquee.audit.log import record
from marquee.audit.states import Action, Subject
from marquee.core.transactions import transactional

RECOVERY_CODES = 10


def add_authenticator(
    *,
    user: User,
    key: str,
    code: str,
    name: str,
    password: str,
    networks: Sequence[str],
    language: str = "",
) -> list[str]:
    """Add an authenticator app that has the key, 20 bytes in hex, as a code of it proves.

    Return the recovery codes if it is the first factor, else none. All other logins end then. Refuses as
    `confirm_password` and `within_limits` do, or with AccountClosed if the account changed meanwhile.
    """
    confirm_password(user=user, password=password, networks=networks)
    step = within_limits(user, code, networks, lambda: step_of(key, code))

    @transactional
    def add() -> list[str]:
        codes = _prepare(user)
        sealed = authenticator_keys.seal(key, user_id=user.pk)
        TOTPDevice.objects.create(
            user=user, name=name, key=sealed, tolerance=TOLERANCE, last_t=step
        )
        _record(
            AccountEventKind.FACTOR_ADDED, user, _named(FactorKind.AUTHENTICATOR, name), language
        )
        return codes

    return add()


def passkey_to_make(
    *, user: User, password: str, networks: Sequence[str]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what a browser needs to make a passkey, and the state that `add_passkey` needs.

    Refuses as `confirm_password` does.
    """
    confirm_password(user=user, password=password, networks=networks)
    return for_a_while(WebAuthnHelper(None).register_begin(user))


def add_passkey(
    *, user: User, state: Mapping[str, Any] | None, answer: str, name: str, language: str = ""
) -> list[str]:
    """Add the passkey that a browser has made, by its answer as JSON.

    Return the recovery codes if it is the first factor, else none. All other logins end then. Refuses with
    BadPasskey, or with AccountClosed if the account changed meanwhile.
    """

    @transactional
    def add() -> list[str]:
        codes = _prepare(user)
        passkey = WebAuthnHelper(None).register_complete(user, state, orjson.loads(answer))
        passkey.name = name
        passkey.save(update_fields=["name"])
        _record(AccountEventKind.FACTOR_ADDED, user, _named(FactorKind.PASSKEY, name), language)
        return codes

    with one_answer(state):
        return add()


def renew_recovery_codes(
    *, user: User, password: str, networks: Sequence[str], language: str = ""
) -> list[str]:
    """Return new recovery codes, which replace all others. Nobody can read them again.

    Refuses as `confirm_password` does, with NoSuchFactor without a factor, or with AccountClosed if the
    account changed meanwhile.
    """
    confirm_password(user=user, password=password, networks=networks)

    @transactional
    def renew() -> list[str]:
        locks.lock_unchanged(user)
        if not second_factors.has_factor(user.pk):
            raise NoSuchFactor("Recovery codes come with the first factor: add one.")
        _record(AccountEventKind.FACTOR_ADDED, user, "New recovery codes", language)
        return _new_codes(user)

    return renew()


def remove_factor(
    *,
    user: User,
    kind: FactorKind,
    factor_id: int,
    password: str,
    networks: Sequence[str],
    language: str = "",
) -> None:
    """Remove a factor; with the last one the recovery codes.

    Refuses as `confirm_password` does, with NoSuchFactor, or with AccountClosed if the account changed
    meanwhile.
    """
    confirm_password(user=user, password=password, networks=networks)

    @transactional
    def remove() -> None:
        locks.lock_unchanged(user)
        factor = second_factors.TABLES[kind].objects.filter(user=user, pk=factor_id).first()
        if factor is None:
            raise NoSuchFactor("This factor is not there any more.")
        factor.delete()
        if not second_factors.has_factor(user.pk):
            erase_factors(user)
        _record(AccountEventKind.FACTOR_REMOVED, user, _named(kind, factor.name), language)

    remove()


@transactional
def reset_second_factor(*, user: User, staff: User | None = None) -> None:
    """Remove all factors of an account as `staff`, or as its operator, and end all its logins.

    Its wrong codes are forgotten: they would keep the owner from adding another app.

    Refuses with OwnSecondFactor one's own: that needs the password, as `remove_factor` does.
    """
    if staff == user:
        raise OwnSecondFactor("Remove your own factors at /account/second-factor/.")
    locks.lock(user)
    erase_factors(user)
    code_limits.forget(user.pk)
    User.objects.filter(pk=user.pk).update(token_epoch=F("token_epoch") + 1)
    reset = AccountEventKind.FACTOR_RESET
    record_event(kind=reset, user=user, email=user.address, staff=staff, by=STAFF)
    record(Action.SECOND_FACTOR_RESET, Subject.ACCOUNT, user.pk)


def erase_factors(user: User) -> None:
    """Delete all factors and recovery codes of an account, in the caller's transaction."""
    for table in second_factors.ALL_TABLES:
        table.objects.filter(user=user).delete()


def _prepare(user: User) -> list[str]:
    """Lock an account that gets a factor. Before the first, end its logins and return recovery codes.

    `user.token_epoch` is the new one then, which the session that asks must have. Refuses with AccountClosed.
    """
    locks.lock_unchanged(user)
    if second_factors.has_factor(user.pk):
        return []
    locks.unchanged(user).update(token_epoch=F("token_epoch") + 1)
    user.token_epoch += 1
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    codes = [_random_code() for _ in range(RECOVERY_CODES)]
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    StaticToken.objects.bulk_create(
        StaticToken(device=device, token=recovery_hash(code)) for code in codes
    )
    return codes


def _random_code() -> str:
    """Return 80 random bits in four groups of four characters."""
    code = b32encode(token_bytes(10)).decode().lower()
    return "-".join(code[start : start + 4] for start in range(0, 16, 4))


def _named(kind: FactorKind, name: str) -> str:
    return f"{kind.label}: {name}"


def _record(kind: AccountEventKind, user: User, reason: str, language: str) -> None:
    record_event(kind=kind, user=user, email=user.address, language=language, reason=reason)
