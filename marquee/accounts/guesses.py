"""How often a password may be guessed, by clients that share an address with the people it is of.

Three limits say stop, each the same for every address, whether there is an account with it or not:

- *an address from a client*: LOGIN_LIMIT wrong passwords a minute. No password is looked at beyond it.
- *a client*: ADDRESSES_A_CLIENT times as many, whatever the addresses. Beyond it the client is crowded.
- *an address*: LOGIN_CEILING wrong ones an hour, from whatever clients. Beyond it, it is worn out.

The last two are reached by others than the owner. So staff are let in though the client is crowded,
and whoever has logged in from there before, though the address is worn out: within a reserve of their
own. Nobody may learn by that who is staff, or who has been there. So beyond these two limits a wrong
password gets the same refusal as any other, after the same statements, and one hash for everybody.

Attempts are counted before the password is looked at, so that of a burst no more are looked at than
the limit has left; one with the right password is given back.
"""

from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings

from marquee.accounts import rate_limits
from marquee.accounts.models import User, normalise_email
from marquee.accounts.rate_limits import (
    HOUR,
    Count,
    Limit,
    hashed_key,
    increment,
    limits_by_network,
)

# One client may try several addresses: a family, an office. One that tries many is guessing.
ADDRESSES_PER_CLIENT = 5
# A crowded client is hashed for, still: up to about one core's worth, and then no more.
MAX_HASHES = 60
# How long a client is known as one that somebody has logged in from.
KNOWN_DAYS = 30
# The counts of those who have no reserve: several, so that they wait for each other no more than others.
DUMMY_COUNTERS = 16


def authenticate(*, email: str, password: str, networks: Sequence[str]) -> User | None:
    """Return the active account that the address and the password belong to, or None.

    Refuses with TooManyAttempts. Takes as long for an unknown address as for a wrong password.
    """
    email = normalise_email(email)
    # Nobody has no password, and Django hashes once for an account without one as well.
    user = User.objects.filter(email=email).first() or User(email=email)
    counts = _count_attempt(email, networks)
    over = [one for one in counts if one.exceeds()]
    reserve = _count_reserve(user, networks, over) if over else []
    right = user.check_password(password) and user.is_active
    if over and (not right or reserve is None or any(one.exceeds() for one in reserve)):
        raise rate_limits.too_many_attempts(over)
    if not right:
        return None
    known = _known_client_key(user, networks) if settings.LOGIN_CEILING else ""
    rate_limits.decrement([*counts, *(reserve or [])], remember=known, days=KNOWN_DAYS)
    return user


def check_password(*, user: User, password: str, networks: Sequence[str]) -> bool:
    """Return whether it is the password of somebody logged in. Refuses with TooManyAttempts."""
    counts = increment(_account_limits("password", str(user.pk), networks))
    over = [one for one in counts if one.exceeds()]
    known = bool(over) and rate_limits.is_remembered(_known_client_key(user, networks))
    if any(not (known and _is_hourly(one)) for one in over):
        rate_limits.refuse(counts)
    right = user.check_password(password)
    if right:
        rate_limits.decrement(counts)
    return right


def _count_attempt(email: str, networks: Sequence[str]) -> list[Count]:
    """Count by client first: one that is crowded writes no more rows for addresses it thinks up."""
    maximum = settings.LOGIN_LIMIT * ADDRESSES_PER_CLIENT
    client = increment(limits_by_network("logins", networks, maximum))
    if any(one.exceeds(MAX_HASHES) for one in client):
        rate_limits.refuse(client)
    if any(one.exceeds() for one in client):
        return client
    address = increment(_account_limits("login", email, networks))
    if any(one.exceeds() and not _is_hourly(one) for one in address):
        rate_limits.refuse([*client, *address])
    return [*client, *address]


def _count_reserve(
    user: User, networks: Sequence[str], over: Sequence[Count]
) -> list[Count] | None:
    """Count for the reserve of somebody who has one; for anybody else something alike, and None."""
    worn_out = any(_is_hourly(one) for one in over)
    crowded = not all(_is_hourly(one) for one in over)
    known = rate_limits.is_remembered(_known_client_key(user, networks))
    has_one = bool(user.pk) and (user.is_staff or not crowded) and (known or not worn_out)
    counts = increment(
        _account_limits("reserve", str(user.pk) if has_one else _dummy_counter(user), networks)
    )
    return [one for one in counts if not (known and _is_hourly(one))] if has_one else None


def _account_limits(name: str, who: str, networks: Sequence[str]) -> list[Limit]:
    ceiling = Limit(hashed_key(f"{name}-hour", who), settings.LOGIN_CEILING, HOUR)
    return [*limits_by_network(name, networks, settings.LOGIN_LIMIT, who), ceiling]


def _is_hourly(one: Count) -> bool:
    """Return whether it counts what all clients tried in an hour."""
    return one.limit.seconds == HOUR


def _known_client_key(user: User, networks: Sequence[str]) -> str:
    """Return the key that says that somebody has logged in from there: the widest network."""
    return hashed_key("known", str(user.pk), networks[-1])


def _dummy_counter(user: User) -> str:
    """Return whose counts those without a reserve write: of a few, so that the rows stay few."""
    return f"blank {sha256(user.email.encode()).digest()[0] % DUMMY_COUNTERS}"
