"""Keyed hashes of what must be recognised again and not be kept readable: e-mail and network addresses."""

from functools import lru_cache

from django.utils.crypto import salted_hmac


@lru_cache(maxsize=10_000)
def keyed_hash(purpose: str, text: str) -> int:
    """Return a number that stands for a text: the same for the same text, purpose and SECRET_KEY.

    64 bits of an HMAC-SHA256, always negative: as a key of advisory locks it never meets the id of a
    show, and it fits a `bigint` column. Another SECRET_KEY makes other numbers.
    """
    digest = salted_hmac(f"marquee.{purpose}", text, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], signed=True) | -(1 << 63)
