"""Short codes that people read out and machines scan."""

import secrets

# Crockford's base 32: no I, L, O or U, so a code survives being read out over a counter.
_ALPHABET = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BYTE_TO_CHAR = _ALPHABET * 8  # each of its 32 characters for as many of the 256 bytes
_LOOKALIKES = str.maketrans("ILOabcdefghijklmnopqrstuvwxyz", "110ABCDEFGH1JK1MN0PQRSTUVWXYZ")

REFERENCE_LENGTH = 8
TICKET_CODE_LENGTH = 16


def _random(length: int) -> str:
    """Return `length` random characters of five bits each."""
    return secrets.token_bytes(length).translate(_BYTE_TO_CHAR).decode("ascii")


def new_reference() -> str:
    """Return a booking reference: 8 characters, 40 bits. Unique by its key, not by luck."""
    return _random(REFERENCE_LENGTH)


def new_ticket_code() -> str:
    """Return what is admitted at the door: 16 characters, 80 bits, not to be guessed."""
    return _random(TICKET_CODE_LENGTH)


def normalise(code: str) -> str:
    """Return a typed code as we write it: upper case, and I, L, O read as 1, 1, 0 (Crockford)."""
    return code.translate(_LOOKALIKES)
