"""Small readers of the environment: each says what to type when a value is missing or wrong."""

import os
import re
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def text(name: str, default: str) -> str:
    """Return the variable as it stands, or the default when it is not set."""
    return os.environ.get(name, default)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated variable as a list, blanks left out."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}: write {name}=1 or {name}=0.")


def number(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole number. Raises ImproperlyConfigured below `least` or for anything else."""
    value = os.environ.get(name, str(default))
    if value.isascii() and value.isdigit() and least <= int(value):
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number of at least {least}.")


def minutes(name: str, default: int) -> float:
    """Return a length of time in minutes, which may have a fraction, and is more than none.

    Raises ImproperlyConfigured for anything else.
    """
    value = os.environ.get(name, str(default))
    if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII) and float(value):
        return float(value)
    raise ImproperlyConfigured(f"{name} is {value!r}: write minutes, such as {name}={default}.")


def secret(name: str, *, fallback: Path) -> str:
    """Return a secret from NAME, from the file named by NAME_FILE, or from the fallback file.

    Raises ImproperlyConfigured, in one sentence, when there is none.
    """
    if value := os.environ.get(name):
        return value
    path = Path(os.environ.get(f"{name}_FILE") or fallback)
    try:
        if value := path.read_text().strip():
            return value
    except OSError:
        pass
    raise ImproperlyConfigured(
        f"There is no secret key: set {name} or {name}_FILE, or type `make secret` to make one."
    )
