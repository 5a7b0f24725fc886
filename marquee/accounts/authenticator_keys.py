"""Seal the keys of authenticator apps: whoever has the database alone cannot compute codes.

By AES-GCM with a key from SECOND_FACTOR_KEY, bound to the account: copied to the row of another it opens nothing.
"""

import logging
from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)

# What begins a sealed key. Keys in clear are hex.
SEALED = "1:"
NONCE_BYTES = 12


def seal(key: str, *, user_id: int) -> str:
    """Return a key, 20 bytes in hex, as it is stored: 67 characters, of 80 that the column has."""
    nonce = token_bytes(NONCE_BYTES)
    sealed = _cipher().encrypt(nonce, bytes.fromhex(key), _owner(user_id))
    return SEALED + urlsafe_b64encode(nonce + sealed).decode()


def unseal(stored: str, *, user_id: int) -> str | None:
    """Return a stored key in hex; None, and a warning in the log, if this installation did not seal it."""
    try:
        data = urlsafe_b64decode(stored.removeprefix(SEALED))
        return _cipher().decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], _owner(user_id)).hex()
    except (InvalidTag, ValueError):
        logger.warning(
            "The key of an authenticator app of account %s cannot be read: SECOND_FACTOR_KEY, or "
            "SECRET_KEY without it, is another than when it was added.",
            user_id,
        )
        return None


def _cipher() -> AESGCM:
    secret = settings.SECOND_FACTOR_KEY
    return AESGCM(
        salted_hmac("marquee.authenticator", "", secret=secret, algorithm="sha256").digest()
    )


def _owner(user_id: int) -> bytes:
    return str(user_id).encode()
