"""Django's sessions of browsers, each of which is in the list of its user's logins.

`SESSION_ENGINE` names this module. What a browser session holds of the list is in its own data, because
Django changes its key at each change of a password.
"""

import time
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db import Error
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from marquee.accounts import login_sessions
from marquee.accounts.models import User
from marquee.core.clock import DatabaseNow

ENTRY = "login_session"
# How often at most we write that a session was used. Then it also begins to count its days anew.
NOTED_EVERY_SECONDS = 300
# Whether the login of this session had a second factor.
VERIFIED = "verified"
# Who gave the right password, and has yet to give the second factor. Nobody is logged in until then.
WAITING, WAITING_SECONDS = "waiting_for_factor", 600


class SessionStore(DatabaseStore):
    """Django's sessions in the database. One that ends leaves the list of logins."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return Django's own table."""
        return Session

    def flush(self) -> None:
        """End the session: at log-out, at the login of another user, and when it was revoked."""
        if session := _entry(self).get("id"):
            login_sessions.remove(UUID(session))
        super().flush()


def note_use(request: HttpRequest) -> None:
    """Note that a user's browser session was used, and begin its entry in the list.

    An error of the database is left to the next request: the response is ready.
    """
    session = request.session
    with suppress(Error):  # also while it is read: pages about errors do without it
        if session.accessed and SESSION_KEY in session and _is_due(session):
            _note(request)


def entry_of(session: SessionBase) -> UUID | None:
    """Return the entry of a browser's session in the list of logins, if it has one yet."""
    entry = _entry(session).get("id")
    return UUID(entry) if entry else None


def is_verified(session: SessionBase) -> bool:
    """Return whether the login of this session had a second factor."""
    return session.get(VERIFIED) is True


def mark_verified(session: SessionBase) -> None:
    """Note that the login had a second factor. The session goes on under a new key."""
    session.pop(WAITING, None)
    session.cycle_key()
    session[VERIFIED] = True


def wait_for_factor(request: HttpRequest, user: User) -> None:
    """Remember, in a session of its own, who gave the right password. Whoever was logged in is logged out."""
    logout(request)
    request.session[WAITING] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": time.time() + WAITING_SECONDS,
    }


def waiting_user(session: SessionBase) -> User | None:
    """Return who has yet to give the second factor; None if nobody, too late, or the account changed."""
    waiting = session.get(WAITING)
    if not waiting or waiting["until"] < time.time():
        return None
    user = User.objects.filter(pk=waiting["user"], is_active=True).first()
    if user and constant_time_compare(user.get_session_auth_hash(), waiting["hash"]):
        return user
    return None


def delete_expired() -> int:
    """Delete the expired sessions of browsers; return how many."""
    return Session.objects.filter(expire_date__lt=DatabaseNow()).delete()[0]


def _entry(session: SessionBase) -> dict[str, Any]:
    entry: dict[str, Any] = session.get(ENTRY) or {}
    return entry


def _is_due(session: SessionBase) -> bool:
    """Return whether the session has no entry yet, or its last note is old or of another epoch."""
    entry = _entry(session)
    is_fresh = time.time() - entry.get("noted", 0) < NOTED_EVERY_SECONDS
    return not is_fresh or entry.get("hash") != session.get(HASH_SESSION_KEY)


def _note(request: HttpRequest) -> None:
    user, session = request.user, request.session
    if not user.is_authenticated:  # the account is inactive or gone
        return
    entry = _entry(session).get("id") or uuid4().hex
    login_sessions.note(
        session=UUID(entry),
        user=user,
        device=login_sessions.device_of(request.META),
        expires_at=timezone.now() + timedelta(seconds=session.get_expiry_age()),
    )
    session[ENTRY] = {"id": entry, "noted": time.time(), "hash": session[HASH_SESSION_KEY]}
