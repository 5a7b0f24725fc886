"""How often something may be tried a minute: counted exactly, by the database, in one statement.

A count commits by itself, before the work that it limits: call it outside of any transaction.
"""

from collections.abc import Mapping
from hashlib import sha256
from ipaddress import IPv6Address, ip_address
from math import ceil

from django.conf import settings
from django.db import connection

from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import AttemptCount, normalise_email
from marquee.core.clock import DatabaseNow

# One client may try several addresses: a family, an office. One that tries many is guessing.
ADDRESSES_A_CLIENT = 5
PREFIXES = (64, 56, 48)

# The database's clock, as Django stores it, read once: PostgreSQL's moves on within a statement,
# SQLite's does not.
_CLOCK = {
    "postgresql": {
        "now": "excluded.expires_at - interval '1 minute'",
        "end": "clock_timestamp() + interval '1 minute'",
        "left": "extract(epoch FROM expires_at - clock_timestamp())",
    },
    "sqlite": {
        "now": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "end": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+1 minute')",
        "left": "(julianday(expires_at) - julianday('now')) * 86400",
    },
}
_COUNT = """
INSERT INTO attempt_count AS kept (key, attempts, expires_at) VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    attempts = CASE WHEN kept.expires_at <= {now} THEN 1 ELSE kept.attempts + 1 END,
    expires_at =
        CASE WHEN kept.expires_at <= {now} THEN excluded.expires_at ELSE kept.expires_at END
RETURNING key, attempts, {left}
"""


def count_log_in(*, email: str, client: str) -> None:
    """Count an attempt to log in, by address and client, and by client. Refuses TooManyAttempts."""
    most = settings.LOGIN_LIMIT
    one = _key("login", normalise_email(email), client)
    _count({one: most, _key("logins", client): most * ADDRESSES_A_CLIENT})


def count_sign_up(*, client: str) -> None:
    """Count an attempt to sign up, by client. Refuses with TooManyAttempts."""
    _count({_key("signup", client): settings.SIGNUP_LIMIT})


def count_old_password(*, user_id: int) -> None:
    """Count a guess at the password of somebody logged in. Refuses with TooManyAttempts."""
    _count({_key("password", str(user_id)): settings.LOGIN_LIMIT})


def client_of(meta: Mapping[str, str]) -> str:
    """Return whom a request counts for, by its WSGI environment: an IPv4 address or an IPv6 /64."""
    return networks_of(meta)[0]


def networks_of(meta: Mapping[str, str]) -> list[str]:
    """Return the networks that a request comes from, narrow to wide: one IPv4 address, or IPv6's three.

    Providers give a home a /56 and an office a /48: who has one of them has 256 or 65,536 /64s.

    Each proxy of ours adds whom it heard from at the right of X-Forwarded-For. What stands further
    left was written by the client, and is not believed.
    """
    peer = meta.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXIES
    if 0 < proxies <= len(hops):
        return _networks(hops[-proxies]) or _networks(peer) or [peer]
    return _networks(peer) or [peer]


def tidy() -> int:
    """Delete the counts of minutes that are over; return how many."""
    return AttemptCount.objects.filter(expires_at__lt=DatabaseNow()).delete()[0]


def _networks(address: str) -> list[str]:
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
    return [f"{int(ip) >> (128 - bits):x}/{bits}" for bits in PREFIXES]


def _key(*parts: str) -> str:
    """Return a short key of fixed length, which does not keep addresses in readable form."""
    return f"{parts[0]}:{sha256('|'.join(parts).encode()).hexdigest()}"


def _count(limits: Mapping[str, int]) -> None:
    """Count one attempt for each key that has a limit; 0 is none. Refuses with TooManyAttempts."""
    keys = sorted(key for key, most in limits.items() if most)  # sorted: two rows, no deadlock
    if not keys:
        return
    clock = _CLOCK[connection.vendor]
    rows = ", ".join([f"(%s, 1, {clock['end']})"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(rows=rows, **clock), keys)
        waits = [left for key, attempts, left in cursor.fetchall() if attempts > limits[key]]
    if waits:
        seconds = max(1, ceil(max(waits)))
        raise TooManyAttempts(f"Try again in {seconds} seconds.", retry_after=seconds)
