"""E-mail addresses: how we store them, and which of them are one mailbox. Pure: no database."""

import re
import unicodedata
from contextlib import suppress

import idna

# What SMTP transports (RFC 5321), with the domain as in DNS.
MAX_LENGTH = 254


def normalise_email(email: str) -> str:
    """Return an e-mail address as we store it: composed (NFC), trimmed, in lower case."""
    return unicodedata.normalize("NFC", email.strip().lower())


def is_one_address(email: str) -> bool:
    """Return whether a valid address is plain: no quoted text that could be read as another address.

    By RFC 5321 `"bob@example.com,x"@example.org` is one address; to a careless reader it is two. Nor
    has it the IP address of a mail server. And mail reaches it: Django lets a long s (U+017F) stand before the
    @, which folds to an s. Such an account would have the mailbox of somebody whom no mail of ours reaches. No
    domain ends in .invalid (RFC 2606), so the accounts there are those that are closed.
    """
    local, _, domain = email.rpartition("@")
    quoted = re.fullmatch(r'"(.*)"', local, flags=re.DOTALL)
    is_plain = quoted is None or re.fullmatch(r"[\w!#$%&'*+/=?^`{|}~.-]+", quoted[1])
    return bool(is_plain) and "[" not in domain and local.isascii() and _is_mailable(email)


def _is_mailable(email: str) -> bool:
    """Return whether there can be such a domain, and SMTP transports the address."""
    if len(email) > MAX_LENGTH:  # to compose a long text takes the square of its length
        return False
    key = mailbox_key(email)
    return len(key) <= MAX_LENGTH and not key.endswith(".invalid")


def mailbox_key(email: str) -> str:
    """Return the same text for every spelling of a mailbox.

    Case, form, quotes and blanks around it do not count, and the domain is as DNS has it (IDNA).
    Dots and tags such as +news do: only the provider knows whether they are the same mailbox.
    """
    local, at, domain = normalise_email(email).rpartition("@")
    if local.startswith('"'):
        local = re.sub(r"\\(.)", r"\1", local.strip('"'), flags=re.DOTALL)
    return unicodedata.normalize("NFC", local.casefold()) + at + _ascii_domain(domain)


def _ascii_domain(domain: str) -> str:
    """Return a domain as in DNS; one that DNS cannot have, folded."""
    with suppress(UnicodeError):  # idna.IDNAError is one
        return idna.encode(domain, uts46=True).decode()
    with suppress(UnicodeError):  # IDNA 2003 also knows symbols, which some registries sold
        return domain.encode("idna").decode()
    return domain.casefold()
