"""Hash e-mail addresses and networks with a key: we recognise them, but do not store them in clear."""

from functools import lru_cache

from django.utils.crypto import salted_hmac


@lru_cache(maxsize=10_000)
def keyed_hash(purpose: str, text: str) -> int:
    """Return the keyed hash of a text: the same for the same text, purpose and SECRET_KEY.

    The hash is 64 bits of an HMAC-SHA256 and fits a `bigint` column. It is negative: as the key of an
    advisory lock it never equals the id of a show. Another SECRET_KEY gives other hashes.
    """
    digest = salted_hmac(f"marquee.{purpose}", text, algorithm="sha256").digest()
    return int.from_bytes(digest[:8], signed=True) | -(1 << 63)
