"""Check passwords within rate limits, so that guessing is slow and owners can still log in.

Three limits apply, the same for every e-mail address, whether an account has it or not:

- *an e-mail address from a client*: LOGIN_LIMIT wrong passwords a minute. Beyond it, we check none.
- *a client*: ADDRESSES_PER_CLIENT times as many, over all e-mail addresses.
- *an e-mail address*: LOGIN_CEILING wrong passwords an hour, from all clients.

Other people can exhaust the last two limits. So beyond a client's limit staff can still log in, and
beyond the hourly limit users can from networks where they logged in before. Both have a reserve: a
limit of their own. A guesser must not learn who is staff, or who logged in from where. So beyond these
two limits every wrong password gets the same refusal, after the same statements and one hash.

We count an attempt before we check its password, so that parallel attempts cannot exceed the limit. An
attempt with the right password is taken back.
"""

from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings

from marquee.accounts import hashers, rate_limits
from marquee.accounts.models import User
from marquee.accounts.rate_limits import (
    HOUR,
    Count,
    Limit,
    hashed_key,
    increment,
    limits_by_network,
)
from marquee.core.email_addresses import mailbox_key

# A client may try several e-mail addresses: a family, an office. A client that tries many is guessing.
ADDRESSES_PER_CLIENT = 5
# Beyond its limit a client still causes hashes, up to this multiple: about the work of one core.
MAX_HASHES = 60
# How many days we remember that a user logged in from a network.
KNOWN_DAYS = 30
# Users without a reserve count on one of these rows: several, so that they rarely wait for each other.
DUMMY_COUNTERS = 16


@hashers.place()
def authenticate(*, email: str, password: str, networks: Sequence[str]) -> User | None:
    """Return the active account with this e-mail address and password, or None.

    Refuses with TooManyAttempts or Busy. An unknown e-mail address takes as long as a wrong password.
    """
    address = mailbox_key(email)
    # Where the user has no password, Django hashes anyway, so the time is the same.
    user = User.objects.find_by_email(email) or User(email=address)
    counts = _count_attempt(address, networks)
    exceeded = [count for count in counts if count.exceeds()]
    reserve = _count_reserve(user, networks, exceeded) if exceeded else []
    is_right = user.check_password(password) and user.is_active
    if exceeded and (not is_right or reserve is None or any(count.exceeds() for count in reserve)):
        raise rate_limits.too_many_attempts(exceeded)
    if not is_right:
        return None
    known = _known_client_key(user, networks) if settings.LOGIN_CEILING else ""
    rate_limits.decrement([*counts, *(reserve or [])], remember=known, days=KNOWN_DAYS)
    return user


@hashers.place()
def check_password(*, user: User, password: str, networks: Sequence[str]) -> bool:
    """Return whether the password of a logged-in user is right.

    Refuses with TooManyAttempts or Busy.
    """
    counts = increment(_account_limits("password", str(user.pk), networks))
    exceeded = [count for count in counts if count.exceeds()]
    known = bool(exceeded) and rate_limits.is_remembered(_known_client_key(user, networks))
    if any(not (known and _is_hourly(count)) for count in exceeded):
        rate_limits.refuse(counts)
    is_right = user.check_password(password)
    if is_right:
        rate_limits.decrement(counts)
    return is_right


def _count_attempt(email: str, networks: Sequence[str]) -> list[Count]:
    """Return the counts of an attempt, by client and by e-mail address.

    Count by client first: a client over its limit then adds no rows for made-up e-mail addresses.
    """
    maximum = settings.LOGIN_LIMIT * ADDRESSES_PER_CLIENT
    client = increment(limits_by_network("logins", networks, maximum))
    if any(count.exceeds(MAX_HASHES) for count in client):
        rate_limits.refuse(client)
    if any(count.exceeds() for count in client):
        return client
    address = increment(_account_limits("login", email, networks))
    if any(count.exceeds() and not _is_hourly(count) for count in address):
        rate_limits.refuse([*client, *address])
    return [*client, *address]


def _count_reserve(
    user: User, networks: Sequence[str], exceeded: Sequence[Count]
) -> list[Count] | None:
    """Count on the user's reserve. Without a reserve, count on a dummy row, and return None."""
    over_hourly_limit = any(_is_hourly(count) for count in exceeded)
    over_client_limit = not all(_is_hourly(count) for count in exceeded)
    known = rate_limits.is_remembered(_known_client_key(user, networks))
    has_reserve = (
        bool(user.pk)
        and (user.is_staff or not over_client_limit)
        and (known or not over_hourly_limit)
    )
    owner = str(user.pk) if has_reserve else _dummy_counter(user)
    counts = increment(_account_limits("reserve", owner, networks))
    if not has_reserve:
        return None
    return [count for count in counts if not (known and _is_hourly(count))]


def _account_limits(name: str, owner: str, networks: Sequence[str]) -> list[Limit]:
    ceiling = Limit(hashed_key(f"{name}-hour", owner), settings.LOGIN_CEILING, HOUR)
    return [*limits_by_network(name, networks, settings.LOGIN_LIMIT, owner), ceiling]


def _is_hourly(count: Count) -> bool:
    """Return whether this counts the attempts of all clients within an hour."""
    return count.limit.seconds == HOUR


def _known_client_key(user: User, networks: Sequence[str]) -> str:
    """Return the key that remembers a login from a client's widest network."""
    return hashed_key("known", str(user.pk), networks[-1])


def _dummy_counter(user: User) -> str:
    """Return the name of one of the few dummy rows for users without a reserve."""
    return f"blank {sha256(user.address.encode()).digest()[0] % DUMMY_COUNTERS}"
