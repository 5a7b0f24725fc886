"""Read environment variables. Each error says what to write instead."""

import os
import re
import stat
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}

# 32 random hexadecimal digits are 128 bits, and have 14 different ones, on average.
MIN_LENGTH, MIN_VARIETY = 32, 8
# Placeholders of templates and tutorials.
PLACEHOLDER = re.compile(
    r"insecure|change.?(me|this|it)|secret|passw|example|your.?key"
    r"|develop|default|placeholder|test.?key|qwerty|qwertz|1qaz2",  # typed by hand
    re.IGNORECASE,
)


def string(name: str, default: str) -> str:
    """Return the variable as it is, or the default if it is not set."""
    return os.environ.get(name, default)


def csv(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list, without empty items."""
    return [word.strip() for word in string(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}: write {name}=1 or {name}=0.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """Return a whole number. Raises ImproperlyConfigured below `minimum` or for anything else."""
    value = os.environ.get(name, str(default))
    if value.isascii() and value.isdigit() and minimum <= int(value):
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number of at least {minimum}.")


def minutes(name: str, default: int) -> float:
    """Return a positive number of minutes, which may have a fraction.

    Raises ImproperlyConfigured for anything else.
    """
    value = os.environ.get(name, str(default))
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII) and float(value):
        return float(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write minutes, such as {name}={default}.")


def secret(name: str, *, fallback: Path | None = None) -> str:
    """Return a secret from NAME, from the file named by NAME_FILE, or from the fallback file.

    Without a fallback it may be missing, and is empty. Raises ImproperlyConfigured, with one
    sentence, for a missing secret, for one that can be guessed, and for a file that everybody may read.
    """
    if value := os.environ.get(name):
        return _strong(value, name)
    file = os.environ.get(f"{name}_FILE")
    if path := Path(file) if file else fallback:
        with suppress(OSError):
            _check_is_private(path)
            if value := path.read_text().strip():
                return _strong(value, str(path))
    if fallback or file:
        raise ImproperlyConfigured(
            f"There is no secret key: set {name} or {name}_FILE, or type `make secret` to make one."
        )
    return ""


def _check_is_private(path: Path) -> None:
    if path.stat().st_mode & stat.S_IROTH:
        raise ImproperlyConfigured(
            f"Every user of this machine may read {path}: type `chmod o-rwx {path}`, and change the key."
        )


def _strong(value: str, where: str) -> str:
    """Return the key. Raises ImproperlyConfigured for one that can be guessed."""
    if (
        len(value) < MIN_LENGTH
        or len(set(value)) < MIN_VARIETY
        or len({ord(b) - ord(a) for a, b in pairwise(value)}) < MIN_VARIETY  # abcdef…
        or any(value[size:] == value[:-size] for size in range(1, len(value) // 2 + 1))
        or PLACEHOLDER.search(value)
    ):
        raise ImproperlyConfigured(
            f"The key in {where} can be guessed: make one of at least {MIN_LENGTH} random characters,"
            " by `python -c 'import secrets; print(secrets.token_urlsafe(50))'`."
        )
    return value
