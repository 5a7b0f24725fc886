"""The address of a mail, so that nothing in it can be another header or recipient. Pure: no database."""

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from marquee.core.text import find_problem


class Undeliverable(ValueError):
    """No mail can go to this address, however often it is tried. The text says why, for staff."""


def deliverable(address: str) -> str:
    """Return an address as SMTP transports it: one address, with its domain as in DNS (IDNA).

    Raises Undeliverable for several addresses, a name beside the address, and letters before the @
    that need SMTPUTF8, which few mail servers speak.
    """
    local, _at, domain = address.strip().rpartition("@")
    if find_problem(address) is not None or not address.strip():
        raise Undeliverable("The address holds characters that nobody sees.")
    if not local.isascii():
        raise Undeliverable("The part before the @ needs SMTPUTF8: write it with ASCII letters.")
    plain = f"{local}@{_domain(domain)}"
    try:
        validate_email(plain)
    except ValidationError:
        raise Undeliverable("This is not one e-mail address.") from None
    return plain


def _domain(domain: str) -> str:
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except UnicodeError:  # idna.IDNAError is one
        raise Undeliverable("DNS knows no such domain.") from None
