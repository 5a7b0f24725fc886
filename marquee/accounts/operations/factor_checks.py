"""Ask for the second factor: a code of an authenticator app, a recovery code, or a passkey."""

import logging
import re
import time
from base64 import b32encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from typing import Any, TypeVar

import orjson
from django.db import DataError, IntegrityError
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.helpers import WebAuthnHelper
from webauthn.helpers.exceptions import WebAuthnException

from marquee.accounts import authenticator_keys, code_limits, locks, rate_limits, second_factors
from marquee.accounts.errors import BadPasskey, SecondFactorRequired, WrongCode
from marquee.accounts.models import User
from marquee.accounts.operations.events import CUSTOMER, record_event
from marquee.accounts.states import AccountEventKind
from marquee.core.transactions import transactional

logger = logging.getLogger(__name__)
Found = TypeVar("Found")
TIMED_CODE = re.compile("[0-9]{6}")
# A code of the step before or after is good, too: clocks differ, and typing takes time.
TOLERANCE = 1
# How long a browser may take to answer. A session lives for days: who finds it open later has no password.
QUESTION_SECONDS = 600
# What people type or paste between the groups of a code.
BETWEEN_GROUPS = re.compile(r"[\s-]")
WRONG_CODE = "This is no code of the account, or it was used already: wait for the next one."
CODE_MISSING = (
    "This account has a second factor. Send the same again with `code`: six digits of the "
    "authenticator app, or a recovery code."
)
PASSKEYS_ALONE = (
    "The second factor of this account is a passkey, which works on the website alone: log in at /log-in/. "
    "To log in here, add an authenticator app at /account/second-factor/, and send its `code`. A recovery "
    "code works now."
)
# What the libraries raise for an answer that is not what a browser sends.
UNREADABLE = (
    WebAuthnException,
    OTPWebAuthnApiError,
    AttributeError,
    DataError,
    IntegrityError,
    LookupError,
    TypeError,
    ValueError,
)


def check_login_code(*, user: User, code: str | None, networks: Sequence[str]) -> None:
    """Check the second factor of a login that gave the right password, if the account has one.

    Refuses with SecondFactorRequired without a code, and as `check_code` does.
    """
    if not second_factors.has_factor(user.pk):
        return
    if code is None:
        has_app = second_factors.has_authenticator(user.pk)
        raise SecondFactorRequired(CODE_MISSING if has_app else PASSKEYS_ALONE)
    check_code(user=user, code=code, networks=networks)


def check_code(*, user: User, code: str, networks: Sequence[str]) -> None:
    """Use up a code of an authenticator app, or a recovery code. Each works once.

    Refuses as `within_limits` does.
    """
    within_limits(user, code, networks, lambda: _spend(user, code) or None)


def within_limits(
    user: User, code: str, networks: Sequence[str], find: Callable[[], Found | None]
) -> Found:
    """Return what a code gives, and count it if that is nothing. After several, a mail tells the owner.

    The password was right before. Refuses with TooManyCodes, TooManyAttempts or WrongCode.
    """
    is_timed = TIMED_CODE.fullmatch(normal_code(code))
    kind = code_limits.APP if is_timed else code_limits.RECOVERY
    counts = code_limits.count(user_id=user.pk, kind=kind, networks=networks)
    found = find()
    if found is None:
        if counts.are_suspicious():
            _warn(user)
        raise WrongCode(WRONG_CODE, field="code")
    counts.take_back()
    return found


def passkey_question(*, user: User) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return what a browser needs to ask for a passkey, and the state that `check_passkey` needs."""
    helper = WebAuthnHelper(None)
    return for_a_while(helper.authenticate_begin(user=user, require_user_verification=False))


def check_passkey(*, user: User, state: Mapping[str, Any] | None, answer: str) -> None:
    """Check a browser's answer, as JSON, to a question, which takes one. Refuses with BadPasskey."""

    @transactional
    def check() -> None:
        locks.lock(user)
        WebAuthnHelper(None).authenticate_complete(user, state, orjson.loads(answer))

    with one_answer(state):
        check()


def for_a_while(
    asked: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return a question and its state, which says until when `one_answer` lets it be answered."""
    question, state = asked
    return question, {**state, "until": time.time() + QUESTION_SECONDS}


@contextmanager
def one_answer(state: Mapping[str, Any] | None) -> Iterator[None]:
    """Let a challenge be answered once, and in time. Refuses with BadPasskey, for an unreadable answer, too."""
    if (
        state is None
        or state.get("until", 0) < time.time()
        or not rate_limits.is_first(f"challenge {state['challenge']}")
    ):
        raise BadPasskey(
            "There is no such question, or it was answered already, or too late.", field=""
        )
    try:
        yield
    except UNREADABLE:
        raise BadPasskey("This passkey is not one of the account.", field="") from None


def normal_code(code: str) -> str:
    """Return a code without what stands between its groups, in lower case."""
    return BETWEEN_GROUPS.sub("", code).lower()


def recovery_hash(code: str) -> str:
    """Return the hash of a recovery code: 80 random bits, hashed to the 16 characters of the column."""
    return b32encode(sha256(normal_code(code).encode()).digest()[:10]).decode()


def _warn(user: User) -> None:
    """Have the owner get a mail, and the log a line: once a day."""
    if _add_warning(user):
        logger.warning(
            "Account %s: several wrong codes of the second factor, after the right password. "
            "A mail tells its owner.",
            user.pk,
        )


@transactional
def _add_warning(user: User) -> bool:
    """Add the event that is mailed, with the count that allows one a day; return whether it is the first."""
    is_first = code_limits.is_first_today(user.pk)
    if is_first:  # nobody knows by whom
        record_event(kind=AccountEventKind.WRONG_CODES, user=user, by=CUSTOMER)
    return is_first


@transactional
def _spend(user: User, code: str) -> bool:
    """Mark a code as used; return whether it was good. The lock lets one use of several win."""
    account, typed = locks.lock(user), normal_code(code)
    if TIMED_CODE.fullmatch(typed):
        return any(_spend_timed(app, typed) for app in TOTPDevice.objects.filter(user=account))
    hashed = recovery_hash(typed)
    return any(codes.verify_token(hashed) for codes in StaticDevice.objects.filter(user=account))


def _spend_timed(app: TOTPDevice, code: str) -> bool:
    """Note the step of a code that is right, so that neither it nor an older one is good again."""
    key = authenticator_keys.unseal(app.key, user_id=app.user_id)
    step = step_of(key, code, after=app.last_t) if key else None
    if step is None:
        return False
    app.last_t = step
    app.set_last_used_timestamp(commit=False)
    app.save(update_fields=["last_t", "last_used_at"])
    return True


def step_of(key: str, code: str, *, after: int = -1) -> int | None:
    """Return the step of time whose code of a key, in hex, this is now; None for one not `after` that step."""
    typed = normal_code(code)
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time()
    if TIMED_CODE.fullmatch(typed) and totp.verify(int(typed), TOLERANCE, min_t=after + 1):
        return int(totp.t())
    return None
