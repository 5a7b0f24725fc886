"""Check passwords within rate limits, also for clients that share a network with the account's owner.

Three limits apply, each the same for every e-mail address, whether an account has it or not:

- *an address from a client*: LOGIN_LIMIT wrong passwords a minute. Beyond it, no password is checked.
- *a client*: ADDRESSES_PER_CLIENT times as many for all addresses. Beyond it, the client is crowded.
- *an address*: LOGIN_CEILING wrong ones an hour from all clients. Beyond it, the address is worn out.

Others than the owner can exhaust the last two. So staff can still log in from a crowded client, and
users who logged in from a network before can still do so when their address is worn out: both within a
reserve of their own. That must not reveal who is staff, or who logged in from where. So beyond these
two limits every wrong password gets the same refusal after the same statements and one hash.

Attempts are counted before the password is checked, so that a burst gets no more checks than the limit
has left. An attempt with the right password is taken back.
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
# We still hash for a crowded client, up to this multiple: about one core's worth.
MAX_HASHES = 60
# How many days we remember that a user logged in from a network.
KNOWN_DAYS = 30
# Users without a reserve count on one of these rows: several, so that they rarely wait for each other.
DUMMY_COUNTERS = 16


def authenticate(*, email: str, password: str, networks: Sequence[str]) -> User | None:
    """Return the active account with this address and password, or None.

    Refuses with TooManyAttempts. Takes as long for an unknown address as for a wrong password.
    """
    email = normalise_email(email)
    # Without a password, Django hashes once all the same, so the timing is equal.
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
    """Return whether the password of a logged-in user is right. Refuses with TooManyAttempts."""
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
    """Count by client first, so that a crowded client adds no rows for made-up addresses."""
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
    """Count on the user's reserve. Without a reserve, count on a dummy row, and return None."""
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
    """Return whether this counts the attempts of all clients within an hour."""
    return one.limit.seconds == HOUR


def _known_client_key(user: User, networks: Sequence[str]) -> str:
    """Return the key that remembers a login from a client's widest network."""
    return hashed_key("known", str(user.pk), networks[-1])


def _dummy_counter(user: User) -> str:
    """Return the name of a dummy row for users without a reserve: one of a few."""
    return f"blank {sha256(user.email.encode()).digest()[0] % DUMMY_COUNTERS}"
