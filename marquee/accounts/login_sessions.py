"""The list of a user's logins: by tokens, or in browsers.

It only shows. What ends a login is the user's `token_epoch`, which tokens and browser sessions carry.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, QuerySet
from django.utils import timezone
from ua_parser import parse_os, parse_user_agent

from marquee.accounts.models import LoginSession, User
from marquee.core.clock import DatabaseNow

MAX_USER_AGENT_LENGTH = 300


class Device(NamedTuple):
    """What a client says about itself, for its owner to recognise. Nothing is decided by it."""

    user_agent: str = ""
    time_zone: str = ""


UNKNOWN_DEVICE = Device()


def device_of(meta: Mapping[str, str], time_zone: str = "") -> Device:
    """Return the device that a request comes from, by its headers."""
    return Device(_clean(meta.get("HTTP_USER_AGENT", "")), time_zone)


def _clean(user_agent: str) -> str:
    """Return a header without characters that nobody sees, of limited length."""
    visible = (char if char.isprintable() else " " for char in user_agent)
    return " ".join("".join(visible).split())[:MAX_USER_AGENT_LENGTH].rstrip()


def note(*, session: UUID, user: User, device: Device, expires_at: datetime) -> None:
    """Add a login to the list, or note that it was used now, in one statement.

    The time zone of its beginning stays.
    """
    now = timezone.now()
    row = LoginSession(
        id=session,
        user=user,
        user_agent=device.user_agent,
        time_zone=device.time_zone,
        token_epoch=user.token_epoch,
        created_at=now,
        last_seen_at=now,
        expires_at=expires_at,
    )
    LoginSession.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["user_agent", "token_epoch", "last_seen_at", "expires_at"],
    )


def remove(session: UUID) -> None:
    """Remove a login that has ended from the list."""
    LoginSession.objects.filter(pk=session).delete()


def live(user: User) -> QuerySet[LoginSession]:
    """Return the user's logins that have not ended, the last used first."""
    current = LoginSession.objects.filter(user=user, token_epoch=user.token_epoch)
    return current.filter(expires_at__gt=DatabaseNow()).order_by("-last_seen_at", "-id")


def succeeding(device: Device, *, user: User, session: UUID | None) -> Device:
    """Return the device with the time zone of the login that a new one replaces."""
    if session is None:
        return device
    replaced = LoginSession.objects.filter(pk=session, user=user).first()
    return device._replace(time_zone=replaced.time_zone) if replaced else device


def delete_ended() -> int:
    """Delete the logins that have ended; return how many."""
    expired = LoginSession.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]
    revoked = LoginSession.objects.exclude(token_epoch=F("user__token_epoch")).delete()[0]
    return expired + revoked


class DeviceParts(NamedTuple):
    """A browser or another client, and the system that it runs on; blank where it does not say."""

    client: str
    system: str


@lru_cache(maxsize=1000)
def device_parts(user_agent: str) -> DeviceParts:
    """Return what a device says that it is, such as "Firefox" and "Linux".

    Not which device it is: the expressions for that take ten times as long for a text that none of them knows.
    """
    found = parse_user_agent(user_agent), parse_os(user_agent)
    return DeviceParts(*(part.family if part else "" for part in found))


def device_name(user_agent: str) -> str | None:
    """Return a name of a device for people, such as "Firefox on Linux"; None if there is none."""
    return " on ".join(part for part in device_parts(user_agent) if part) or None
