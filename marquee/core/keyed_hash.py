"""Keyed hashes of e-mail and network addresses, which we recognise but do not store in clear."""

from functools import lru_cache

from django.utils.crypto import salted_hmac


@lru_cache(maxsize=10_000)
def keyed_hash(purpose: str, text: str) -> int:
    """Return the keyed hash of a text: the same for the same text, purpose and SECRET_KEY.

    64 bits of an HMAC-SHA256, always negative, so that as an advisory lock's key it never equals the
    id of a show. It fits a `bigint` column. Another SECRET_KEY gives other numbers.
    """
    digest = salted_hmac(f"marquee.{purpose}", text, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], signed=True) | -(1 << 63)
