"""Rate limits, counted exactly by the database in one statement.

A count commits on its own before the work that it limits, so count outside of any transaction.
`networks` are the networks of the client: `client_networks(request.META)`.
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
# Wider networks have multiples of the limit of an IPv4 address or /64: a home's /56, an office's /48.
NETWORK_FACTORS = (1, 2, 4)
# Several people share an IP address, so limits by client are multiples of limits by account.
SESSIONS_PER_ACCOUNT, SESSIONS_PER_CLIENT, EMAILS_PER_CLIENT = 5, 10, 4

# The database's clock, in the format that Django stores. PostgreSQL's is the start of the statement.
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
        # Its days are floats: 3600 seconds would be 3600.00002.
        "left": "round((julianday(expires_at) - julianday('now')) * 86400, 3)",
        "given": "%s",
    },
}
_INCREMENT_SQL = """
INSERT INTO attempt_count AS stored (key, attempts, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN stored.expires_at <= {now} THEN 1 ELSE stored.attempts + 1 END,
    expires_at =
        CASE WHEN stored.expires_at <= {now} THEN excluded.expires_at ELSE stored.expires_at END
RETURNING key, attempts, {left}, CAST(expires_at AS text)
"""
# An upsert, too: it locks its rows in the order of the keys, like the one above. A count that expired
# meanwhile started again without this attempt, and stays as it is.
_DECREMENT_SQL = """
INSERT INTO attempt_count AS stored (key, attempts, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE
        WHEN stored.expires_at = excluded.expires_at AND stored.attempts > 0 THEN stored.attempts - 1
        ELSE stored.attempts END,
    expires_at =
        CASE WHEN stored.expires_at < excluded.expires_at THEN excluded.expires_at ELSE stored.expires_at END
"""


class Limit(NamedTuple):
    """How many attempts are allowed within a period; 0 is no limit."""

    key: str
    maximum: int
    seconds: int = MINUTE


class Count(NamedTuple):
    """The attempts counted for a limit, including this one and concurrent ones."""

    limit: Limit
    attempts: int
    seconds_left: float
    expires_at: str

    def exceeds(self, times: int = 1) -> bool:
        """Return whether the attempts exceed the limit, or a multiple of it."""
        return self.attempts > self.limit.maximum * times


def is_first(what: str, *, seconds: int = HOUR) -> bool:
    """Return whether nobody asked this about the same thing within so long: true for one of several."""
    return not any(
        count.exceeds() for count in increment([Limit(hashed_key("once", what), 1, seconds)])
    )


def check_signup_limit(*, networks: Sequence[str]) -> None:
    """Count a sign-up by client. Refuses with TooManyAttempts."""
    check_limits(limits_by_network("signup", networks, settings.SIGNUP_LIMIT))


def check_signup_mail_limit(*, address: str) -> None:
    """Count a sign-up by address within an hour: each sends a mail there, whoever deletes the account in between.

    Mails that others ask for count apart, and keep nobody from signing up. Refuses with TooManyAttempts.
    """
    check_limits([Limit(hashed_key("signups", f"to {address}"), settings.VERIFY_LIMIT, HOUR)])


def check_guest_limit(*, networks: Sequence[str]) -> None:
    """Count a new guest by client. Refuses with TooManyAttempts."""
    check_limits(limits_by_network("guest", networks, settings.GUEST_LIMIT))


def check_refresh_limit(*, user_id: int, family: UUID, networks: Sequence[str]) -> None:
    """Count a refresh by session, account and client.

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
    """Count a new session of an account. Refuses with TooManyAttempts."""
    check_limits([_session_limit(user_id)])


def check_profile_limit(*, user_id: int) -> None:
    """Count a change of name or e-mail address by account. Refuses with TooManyAttempts."""
    check_limits([Limit(hashed_key("profile", str(user_id)), settings.PROFILE_LIMIT)])


def check_email_change_limit(*, user_id: int, address: str, networks: Sequence[str]) -> None:
    """Count a request for another e-mail address by account, address and client.

    Each sends a mail to an address that may be a stranger's. Refuses with TooManyAttempts.
    """
    _check_mail_limit("email", settings.EMAIL_CHANGE_LIMIT, networks, f"{user_id}", f"to {address}")


def check_verification_limit(*, user_id: int, address: str, networks: Sequence[str]) -> None:
    """Count a request for a mail that verifies an address, likewise. Refuses with TooManyAttempts."""
    _check_mail_limit("verify", settings.VERIFY_LIMIT, networks, f"{user_id}", f"to {address}")


def check_closing_limit(*, user_id: int, address: str, networks: Sequence[str]) -> None:
    """Count a request for a mail that deletes a guest's data, likewise. Refuses with TooManyAttempts."""
    _check_mail_limit("close", settings.VERIFY_LIMIT, networks, f"{user_id}", f"to {address}")


def check_guest_mail_limit(*, address: str, networks: Sequence[str]) -> None:
    """Count the mail that a new guest gets where it must verify its address, by address and client.

    It counts with the mails that others ask to verify the address. Refuses with TooManyAttempts.
    """
    _check_mail_limit("verify", settings.VERIFY_LIMIT, networks, f"to {address}")


def check_reset_limit(*, address: str, networks: Sequence[str]) -> None:
    """Count a request for a mail that resets a password, by address and client.

    Refuses with TooManyAttempts, whether or not an account has the address.
    """
    _check_mail_limit("reset", settings.RESET_LIMIT, networks, f"to {address}")


def _check_mail_limit(name: str, maximum: int, networks: Sequence[str], *owners: str) -> None:
    """Count a mail that somebody asks for: by client, and by each owner of a limit, within an hour.

    Count by client first: a client over its limit then adds no rows for made-up e-mail addresses.
    """
    limits = limits_by_network(f"{name}s", networks, maximum * EMAILS_PER_CLIENT, seconds=HOUR)
    by_client = increment(limits)
    if any(count.exceeds() for count in by_client):
        refuse(by_client)
    by_owner = increment([Limit(hashed_key(name, owner), maximum, HOUR) for owner in owners])
    if any(count.exceeds() for count in by_owner):
        refuse([*by_client, *by_owner])


def client_networks(meta: Mapping[str, str]) -> list[str]:
    """Return the networks of a request, narrow to wide: one for IPv4, three for IPv6.

    Providers give a home a /56 and an office a /48, which have 256 and 65,536 /64s.

    Each proxy of ours appends its peer to X-Forwarded-For. The client wrote the entries further left,
    so we do not trust them.
    """
    peer = meta.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if 0 < proxies <= len(hops):
        return _ip_networks(hops[-proxies]) or _ip_networks(peer) or [peer]
    return _ip_networks(peer) or [peer]


def delete_expired() -> int:
    """Delete expired counts; return how many."""
    return AttemptCount.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]


def limits_by_network(
    name: str, networks: Sequence[str], maximum: int, *parts: str, seconds: int = MINUTE
) -> list[Limit]:
    """Return a limit for each network of a client. Wider networks have higher limits."""
    return [
        Limit(hashed_key(name, *parts, network), maximum * times, seconds)
        for network, times in zip(networks, NETWORK_FACTORS, strict=False)  # IPv4 has one
    ]


def hashed_key(*parts: str) -> str:
    """Return a key of fixed length that hides e-mail addresses and networks."""
    return f"{parts[0]}:{sha256('|'.join(parts).encode()).hexdigest()}"


def check_limits(limits: Sequence[Limit]) -> None:
    """Count one attempt. Over a limit, take it back and refuse with TooManyAttempts."""
    counts = increment(limits)
    if any(count.exceeds() for count in counts):
        refuse(counts)


def increment(limits: Sequence[Limit]) -> list[Count]:
    """Count one attempt for each limit, and return the counts."""
    limits = sorted(limit for limit in limits if limit.maximum)  # sorted: several rows, no deadlock
    if not limits:
        return []
    clock = _CLOCK_SQL[connection.vendor]
    rows = ", ".join(f"(%s, 1, {clock['end'].format(seconds=limit.seconds)})" for limit in limits)
    with connection.cursor() as cursor:
        cursor.execute(_INCREMENT_SQL.format(rows=rows, **clock), [limit.key for limit in limits])
        counted = {row[0]: row[1:] for row in cursor.fetchall()}
    return [Count(limit, *counted[limit.key]) for limit in limits]


def decrement(counts: Sequence[Count], *, remember: str = "", days: int = 0) -> None:
    """Take an attempt back from its counts. Remember a key, with no attempts, for some days."""
    clock = _CLOCK_SQL[connection.vendor]
    rows = {count.limit.key: (clock["given"], [count.expires_at]) for count in counts}
    if remember:
        rows[remember] = (clock["end"].format(seconds=days * DAY), [])
    if not rows:
        return
    values = ", ".join(f"(%s, 0, {rows[key][0]})" for key in sorted(rows))
    parameters = [value for key in sorted(rows) for value in (key, *rows[key][1])]
    with connection.cursor() as cursor:
        cursor.execute(_DECREMENT_SQL.format(rows=values), parameters)


def is_remembered(key: str) -> bool:
    """Return whether a key is remembered and has not expired."""
    return AttemptCount.objects.filter(key=key, expires_at__gt=DatabaseNow()).exists()


def refuse(counts: Sequence[Count], refusal: type[TooManyAttempts] = TooManyAttempts) -> None:
    """Take an attempt back, and refuse it with TooManyAttempts, or with a kind of it."""
    decrement(counts)
    raise too_many_attempts(counts, refusal)


def too_many_attempts(
    counts: Sequence[Count], refusal: type[TooManyAttempts] = TooManyAttempts
) -> TooManyAttempts:
    """Return the refusal for counts of which at least one exceeds its limit."""
    seconds = max(1, ceil(max(count.seconds_left for count in counts if count.exceeds())))
    return refusal(f"Try again in {seconds} seconds.", retry_after=seconds)


def _session_limit(user_id: int) -> Limit:
    maximum = settings.REFRESH_LIMIT * SESSIONS_PER_ACCOUNT
    return Limit(hashed_key("sessions", str(user_id)), maximum)


def _ip_networks(address: str) -> list[str]:
    """Return the networks of an IP address, or none for other text. The narrowest of IPv6 is a /64.

    Clients choose the lower half of an IPv6 address freely.
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
