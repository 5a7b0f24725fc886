"""Read environment variables. Each error says what to write instead."""

import ipaddress
import os
import re
import stat
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}

MAX_INTEGER = 2**31 - 1  # PostgreSQL's, for its timeouts
MAX_MINUTES = 10_080  # a week
# A host name, with a dot before it for its subdomains, or an IP address; `*` is every host.
HOST = re.compile(r"\.?[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]|\*", re.IGNORECASE)
# A wildcard is for CSRF_TRUSTED_ORIGINS, whose check Django makes.
ORIGIN = re.compile(r"https?://[a-z0-9_.*\[\]:-]+", re.IGNORECASE)
# One address, or a name and one address. A name with characters that need quotes stands in quotes.
ADDR_SPEC = r"[^\s<>@,;:\"()\[\]\\]+@[a-z0-9]([a-z0-9.-]*[a-z0-9])?"
MAILBOX = re.compile(
    rf"{ADDR_SPEC}|([^\x00-\x1f\x7f<>@,;:\"()\[\]\\]+|\"[^\x00-\x1f\x7f\"\\]+\") <{ADDR_SPEC}>",
    re.IGNORECASE,
)
MAIL_BACKENDS = {
    "console": "marquee.mail.console.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
}
ENGINES = {"django.db.backends.sqlite3", "django.db.backends.postgresql"}

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


@contextmanager
def exit_with_sentence() -> Iterator[None]:
    """Exit with the message alone, without a traceback, when a setting is wrong."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.exit(f"Marquee does not start. {error}")


def choice(name: str, default: str, choices: Collection[str]) -> str:
    """Return one of some words, in upper case. Raises ImproperlyConfigured for another one."""
    value = string(name, default).upper()
    if value in choices:
        return value
    raise ImproperlyConfigured(f"{name} is {value!r}: write one of {', '.join(choices)}.")


def some(name: str, default: str, choices: Collection[str]) -> frozenset[str]:
    """Return some words, or none, separated by commas. Raises ImproperlyConfigured for another one."""
    words = csv(name, default)
    if unknown := [word for word in words if word not in choices]:
        raise ImproperlyConfigured(
            f"{name} has {_shortened(unknown[0])}: write some of {', '.join(choices)}, separated by commas, "
            f"or {name}= for none."
        )
    return frozenset(words)


def hosts(name: str, default: str) -> list[str]:
    """Return host names. Raises ImproperlyConfigured for none, a URL, or a name with a port."""
    names = csv(name, default)
    if not names:
        raise ImproperlyConfigured(f"{name} is empty: write a name, such as {name}={default}.")
    for host in names:
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(
                f"{name} has {_without_login(host)!r}: write the name alone, such as {name}=box.example.org, "
                "without https:// before it, and without a port or a path behind it."
            )
    return names


def is_local(host: str) -> bool:
    """Return whether a host name or an IP address is this machine's, and no other machine reaches it."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def host(name: str, default: str) -> str:
    """Return one host name. Raises ImproperlyConfigured as `hosts` does, and for several."""
    found = hosts(name, default)
    if len(found) != 1:
        raise ImproperlyConfigured(f"{name} has {len(found)} names: write one.")
    return found[0]


def origins(name: str) -> list[str]:
    """Return origins of web pages. Raises ImproperlyConfigured without a scheme, or with a path."""
    urls = csv(name)
    for url in urls:
        if not ORIGIN.fullmatch(url):
            raise ImproperlyConfigured(
                f"{name} has {_without_login(url)!r}: write the scheme and the host, such as "
                f"{name}=https://box.example.org, without a path or a slash behind them."
            )
    return urls


def origin(name: str, default: str) -> str:
    """Return one origin of web pages. Raises ImproperlyConfigured as `origins` does, and for several."""
    found = origins(name) or [default]
    if len(found) > 1:
        raise ImproperlyConfigured(f"{name} has {len(found)} addresses: write one.")
    return found[0]


def database(name: str, default: str) -> str:
    """Return the URL of a database that Marquee can use. Raises ImproperlyConfigured.

    The message has no part of the URL, which may have a password.
    """
    url = string(name, default) or default
    try:
        parsed = dj_database_url.parse(url)
        urlsplit(url).port  # noqa: B018 (raises for a port that is no number)
    except (ValueError, KeyError):
        parsed = {}
    if parsed.get("ENGINE") not in ENGINES or not parsed.get("NAME"):
        raise ImproperlyConfigured(
            f"{name} cannot be read: write sqlite:///directory/file.sqlite3 or "
            "postgres://user:password@host:5432/name. In the password, write %40 for @, %2F for /, "
            "%3A for :, %23 for # and %3F for ?."
        )
    if url != default and parsed["ENGINE"].endswith("sqlite3"):
        _check_directory_of(Path(str(parsed["NAME"])), name)
    return url


def _check_directory_of(file: Path, name: str) -> None:
    if str(file) != ":memory:" and not file.absolute().parent.is_dir():
        raise ImproperlyConfigured(
            f"{name} names a file in {file.absolute().parent}, and there is no such directory: make it first."
        )


def flag(name: str, *, default: bool) -> bool:
    """Return a yes-or-no variable. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name)
    if value is None:
        return default
    if value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}: write {name}=1 or {name}=0.")


def integer(name: str, default: int, *, minimum: int = 0, maximum: int = MAX_INTEGER) -> int:
    """Return a whole number in a range. Raises ImproperlyConfigured for anything else."""
    value = os.environ.get(name, str(default))
    if re.fullmatch("[0-9]{1,20}", value) and minimum <= int(value) <= maximum:
        return int(value)
    raise ImproperlyConfigured(
        f"{name} is {_shortened(value)}: write a whole number of at least {minimum}, and at most {maximum}."
    )


def _without_login(url: str) -> str:
    """Return what was written for a host or an origin; the user and password of a whole URL are not for the log."""
    return re.sub("(?<=//).*@", "…@", url)


def _shortened(value: str) -> str:
    return repr(value if len(value) <= 40 else f"{value[:40]}…")


def minutes(name: str, default: int) -> float:
    """Return a positive number of minutes, which may have a fraction.

    Raises ImproperlyConfigured for anything else.
    """
    value = os.environ.get(name, str(default))
    is_number = re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII)
    if is_number and 0 < float(value) <= MAX_MINUTES:
        return float(value)
    raise ImproperlyConfigured(
        f"{name} is {_shortened(value)}: write minutes, such as {name}={default}, at most {MAX_MINUTES}."
    )


def secret(name: str, *, fallback: Path | None = None) -> str:
    """Return a secret from NAME, from the file named by NAME_FILE, or from the fallback file.

    Without a fallback it may be missing, and is empty. Raises ImproperlyConfigured, with one
    sentence, for a missing secret, for one that can be guessed, and for a file that everybody may read or change.
    """
    if value := os.environ.get(name):
        return _strong(value, name)
    file = os.environ.get(f"{name}_FILE")
    if path := Path(file) if file else fallback:
        return _strong(_read_secret(path, name), str(path))
    return ""


def password(name: str) -> str:
    """Return a password that somebody else chose, from NAME or from the file named by NAME_FILE.

    Raises ImproperlyConfigured for a file without one, and for one that everybody may read.
    """
    if value := os.environ.get(name):
        return value
    if not (file := os.environ.get(f"{name}_FILE")):
        return ""
    value, why = _read_private(Path(file))
    if value:
        return value
    raise ImproperlyConfigured(f"{name}_FILE names {file}, {why}: write the password into it.")


def prefixed(prefix: str) -> dict[str, str]:
    """Return all variables whose names begin with a prefix, without it: each a password, or its file.

    Raises ImproperlyConfigured as `password` does.
    """
    names = {name.removesuffix("_FILE") for name in os.environ if name.startswith(prefix)}
    return {name.removeprefix(prefix): password(name) for name in names}


def mail_backend(name: str, default: str) -> str:
    """Return the class that sends mail, by `console`, `smtp` or its path. Raises ImproperlyConfigured."""
    value = string(name, default)
    path = MAIL_BACKENDS.get(value, value)
    module, _, attribute = path.rpartition(".")
    if module and attribute.isidentifier() and _is_module(module):
        return path
    raise ImproperlyConfigured(
        f"{name} is {_shortened(value)}: write console, smtp, or the path of a class that is installed, "
        "such as anymail.backends.mailgun.EmailBackend."
    )


def _is_module(path: str) -> bool:
    try:
        return find_spec(path) is not None
    except (ImportError, ValueError):
        return False


def mailbox(name: str, default: str) -> str:
    """Return one address, which may have a name. Raises ImproperlyConfigured."""
    value = string(name, default)
    if not value and not default:
        return value
    if MAILBOX.fullmatch(value):
        return value
    raise ImproperlyConfigured(
        f"{name} is {_shortened(value)}: write one address, such as box@example.org, or with a name, "
        "such as Gartenbau <box@example.org>."
    )


def _read_secret(path: Path, name: str) -> str:
    """Return the key in a file. Raises ImproperlyConfigured, and says how to make one."""
    value, why = _read_private(path)
    if value:
        return value
    raise ImproperlyConfigured(
        f"There is no secret key in {path}, {why}: set {name} or {name}_FILE, or type `make secret` "
        "to make one in var/secret_key."
    )


def _read_private(path: Path) -> tuple[str, str]:
    """Return the secret in a file, and why there is none. Raises ImproperlyConfigured."""
    try:
        _check_is_private(path)
        value = path.read_text().strip()
        why = "which is empty"
    except FileNotFoundError:
        value, why = "", "which does not exist"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        value, why = "", f"which cannot be read ({reason})"
    return value, why


def _check_is_private(path: Path) -> None:
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ImproperlyConfigured(
            f"Every user of this machine may read or change {path}: type `chmod o-rwx {path}`, and change the "
            "key."
        )
    for directory in {path.absolute().parent, path.resolve().parent}:
        mode = directory.stat().st_mode
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
            raise ImproperlyConfigured(
                f"Every user of this machine may replace {path}: type `chmod o-w {directory}`, and change the "
                "key."
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
