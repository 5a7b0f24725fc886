"""Booking references and ticket codes."""

import secrets

# Crockford's base 32: without I, L, O and U, people do not misread a code.
_ALPHABET = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BYTE_TO_CHAR = _ALPHABET * 8  # maps each of the 256 bytes, and each character equally often
# People type codes in groups. Deleted: hyphens, dashes, the minus sign, and soft hyphens.
_SEPARATORS = "-\u2010\u2011\u2012\u2013\u2014\u2212\u00ad"
_LOOKALIKES = str.maketrans(
    "ILOabcdefghijklmnopqrstuvwxyz", "110ABCDEFGH1JK1MN0PQRSTUVWXYZ", _SEPARATORS
)
# A booking reference as people type it, for URLs: see `normalise`.
TYPED_REFERENCE = "[0-9A-Za-z](?:[ -]*[0-9A-Za-z]){7}"

REFERENCE_LENGTH = 8
TICKET_CODE_LENGTH = 16


def _random(length: int) -> str:
    """Return `length` random characters of five bits each."""
    return secrets.token_bytes(length).translate(_BYTE_TO_CHAR).decode("ascii")


def new_reference() -> str:
    """Return a booking reference: 8 characters, 40 bits. A unique key, not chance, keeps it unique."""
    return _random(REFERENCE_LENGTH)


def new_ticket_code() -> str:
    """Return a ticket code: 16 characters, 80 bits, so that nobody can guess one."""
    return _random(TICKET_CODE_LENGTH)


def normalise(code: str) -> str:
    """Return a typed code in its canonical form.

    That is upper case, without spaces and dashes, and with I, L, O read as 1, 1, 0 (Crockford).
    """
    return "".join(code.split()).translate(_LOOKALIKES)
