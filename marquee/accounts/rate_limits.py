"""How often something may be tried: counted exactly, by the database, in one statement.

A count commits by itself, before the work that it limits: call it outside of any transaction.
`networks` are whom a request counts for: `client_networks(request.META)`.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection

from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import AttemptCount
from marquee.core.clock import DatabaseNow

MINUTE, HOUR, DAY = 60, 3600, 86_400
IPV6_PREFIXES = (64, 56, 48)
# What the networks of a client may do, beside its own address or /64: a home's /56, an office's /48.
NETWORK_FACTORS = (1, 2, 4)
# Several people share an address: so many times what one of them may.
SESSIONS_PER_ACCOUNT, SESSIONS_PER_CLIENT, EMAILS_PER_CLIENT = 5, 10, 4

# The database's clock, as Django stores it. PostgreSQL's is that of the statement, read once.
_CLOCK_SQL = {
    "postgresql": {
        "now": "statement_timestamp()",
        "end": "statement_timestamp() + interval '{seconds} seconds'",
        "left": "extract(epoch FROM expires_at - statement_timestamp())",
        "given": "%s::timestamptz",
    },
    "sqlite": {
        "now": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "end": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+{seconds} seconds')",
        "left": "(julianday(expires_at) - julianday('now')) * 86400",
        "given": "%s",
    },
}
_INCREMENT_SQL = """
INSERT INTO attempt_count AS kept (key, attempts, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN kept.expires_at <= {now} THEN 1 ELSE kept.attempts + 1 END,
    expires_at =
        CASE WHEN kept.expires_at <= {now} THEN excluded.expires_at ELSE kept.expires_at END
RETURNING key, attempts, {left}, CAST(expires_at AS text)
"""
# An upsert as well: it locks its rows in the order of the keys, as the one above does. A count whose
# time was over meanwhile began anew without this attempt, and stays as it is.
_DECREMENT_SQL = """
INSERT INTO attempt_count AS kept (key, attempts, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE
        WHEN kept.expires_at = excluded.expires_at AND kept.attempts > 0 THEN kept.attempts - 1
        ELSE kept.attempts END,
    expires_at =
        CASE WHEN kept.expires_at < excluded.expires_at THEN excluded.expires_at ELSE kept.expires_at END
"""


class Limit(NamedTuple):
    """How often something may be tried within a time; 0 is no limit."""

    key: str
    maximum: int
    seconds: int = MINUTE


class Count(NamedTuple):
    """What was counted for a limit, this attempt and those under way among them."""

    limit: Limit
    attempts: int
    seconds_left: float
    expires_at: str

    def exceeds(self, times: int = 1) -> bool:
        """Return whether it is more than so many times the limit."""
        return self.attempts > self.limit.maximum * times


def check_signup_limit(*, networks: Sequence[str]) -> None:
    """Count an attempt to sign up, by client. Refuses with TooManyAttempts."""
    check_limits(limits_by_network("signup", networks, settings.SIGNUP_LIMIT))


def check_refresh_limit(*, user_id: int, family: UUID, networks: Sequence[str]) -> None:
    """Count the use of a refresh token, by session, account and client.

    Refuses with TooManyAttempts.
    """
    maximum = settings.REFRESH_LIMIT
    check_limits(
        [
            Limit(hashed_key("refresh", family.hex), maximum),
            _session_limit(user_id),
            *limits_by_network("refreshes", networks, maximum * SESSIONS_PER_CLIENT),
        ]
    )


def check_session_limit(*, user_id: int) -> None:
    """Count a new session of an account, which is a row, too. Refuses with TooManyAttempts."""
    check_limits([_session_limit(user_id)])


def check_profile_limit(*, user_id: int) -> None:
    """Count a change of name or address, by account. Refuses with TooManyAttempts."""
    check_limits([Limit(hashed_key("profile", str(user_id)), settings.PROFILE_LIMIT)])


def check_email_change_limit(*, user_id: int, networks: Sequence[str]) -> None:
    """Count an address that somebody wants as theirs, by account and by client.

    The answer tells whether there is an account with it. Refuses with TooManyAttempts.
    """
    maximum = settings.EMAIL_CHANGE_LIMIT
    by_client = limits_by_network("emails", networks, maximum * EMAILS_PER_CLIENT, seconds=HOUR)
    check_limits([Limit(hashed_key("email", str(user_id)), maximum, HOUR), *by_client])


def client_networks(meta: Mapping[str, str]) -> list[str]:
    """Return the networks that a request comes from, narrow to wide: one IPv4 address, or IPv6's three.

    Providers give a home a /56 and an office a /48: who has one of them has 256 or 65,536 /64s.

    Each proxy of ours adds whom it heard from at the right of X-Forwarded-For. What stands further
    left was written by the client, and is not believed.
    """
    peer = meta.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if 0 < proxies <= len(hops):
        return _ip_networks(hops[-proxies]) or _ip_networks(peer) or [peer]
    return _ip_networks(peer) or [peer]


def delete_expired() -> int:
    """Delete the counts whose time is over; return how many."""
    return AttemptCount.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]


def limits_by_network(
    name: str, networks: Sequence[str], maximum: int, *parts: str, seconds: int = MINUTE
) -> list[Limit]:
    """Return a limit for each network of a client, wider ones for wider networks."""
    return [
        Limit(hashed_key(name, *parts, network), maximum * times, seconds)
        for network, times in zip(networks, NETWORK_FACTORS, strict=False)  # IPv4 has one
    ]


def hashed_key(*parts: str) -> str:
    """Return a short key of fixed length, which does not keep addresses in readable form."""
    return f"{parts[0]}:{sha256('|'.join(parts).encode()).hexdigest()}"


def check_limits(limits: Sequence[Limit]) -> None:
    """Count one attempt, unless a limit is reached: then it refuses with TooManyAttempts."""
    counts = increment(limits)
    if any(one.exceeds() for one in counts):
        refuse(counts)


def increment(limits: Sequence[Limit]) -> list[Count]:
    """Count one attempt for each of the limits, and return how many there are now."""
    limits = sorted(limit for limit in limits if limit.maximum)  # sorted: several rows, no deadlock
    if not limits:
        return []
    clock = _CLOCK_SQL[connection.vendor]
    rows = ", ".join(f"(%s, 1, {clock['end'].format(seconds=one.seconds)})" for one in limits)
    with connection.cursor() as cursor:
        cursor.execute(_INCREMENT_SQL.format(rows=rows, **clock), [one.key for one in limits])
        counted = {row[0]: row[1:] for row in cursor.fetchall()}
    return [Count(one, *counted[one.key]) for one in limits]


def decrement(counts: Sequence[Count], *, remember: str = "", days: int = 0) -> None:
    """Take back what was counted for an attempt; and keep a key, with no attempts, for some days."""
    clock = _CLOCK_SQL[connection.vendor]
    rows = {one.limit.key: (clock["given"], [one.expires_at]) for one in counts}
    if remember:
        rows[remember] = (clock["end"].format(seconds=days * DAY), [])
    if not rows:
        return
    values = ", ".join(f"(%s, 0, {rows[one][0]})" for one in sorted(rows))
    parameters = [value for one in sorted(rows) for value in (one, *rows[one][1])]
    with connection.cursor() as cursor:
        cursor.execute(_DECREMENT_SQL.format(rows=values), parameters)


def is_remembered(one: str) -> bool:
    """Return whether a key was kept, and its time is not over."""
    return AttemptCount.objects.filter(key=one, expires_at__gt=DatabaseNow()).exists()


def refuse(counts: Sequence[Count]) -> None:
    """Take back an attempt that is not let through, and refuse it with TooManyAttempts."""
    decrement(counts)
    raise too_many_attempts(counts)


def too_many_attempts(counts: Sequence[Count]) -> TooManyAttempts:
    """Return the refusal for counts of which one or more are over the limit."""
    seconds = max(1, ceil(max(one.seconds_left for one in counts if one.exceeds())))
    return TooManyAttempts(f"Try again in {seconds} seconds.", retry_after=seconds)


def _session_limit(user_id: int) -> Limit:
    maximum = settings.REFRESH_LIMIT * SESSIONS_PER_ACCOUNT
    return Limit(hashed_key("sessions", str(user_id)), maximum)


def _ip_networks(address: str) -> list[str]:
    """Return the networks of an address, none if it is no address; of IPv6 a /64 is the least.

    The other half of an IPv6 address is the client's own to choose.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return []
    if not isinstance(ip, IPv6Address):
        return [str(ip)]
    if ip.ipv4_mapped:
        return [str(ip.ipv4_mapped)]
    return [f"{int(ip) >> (128 - bits):x}/{bits}" for bits in IPV6_PREFIXES]
