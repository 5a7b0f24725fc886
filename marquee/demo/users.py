"""The demo's users: two accounts to log in with, and customers without a password."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils.text import slugify

from marquee.accounts.models import User
from marquee.core.codes import new_ticket_code

STAFF, CUSTOMER = "staff@example.com", "customer@example.com"
FIRST_NAMES = (
    "Aiko", "Amara", "Anna", "Ben", "Chiara", "Daniel", "Elif", "Emma", "Felix", "Grace",
    "Haruto", "Ines", "Jakob", "Kenji", "Leyla", "Marie", "Noah", "Priya", "Sofia", "Yuki",
)  # fmt: skip
LAST_NAMES = (
    "Bauer", "Brown", "Clarke", "Costa", "Evans", "Fischer", "Gruber", "Hughes", "Ito", "Kaya",
    "Khan", "Kobayashi", "Moser", "Nakamura", "Novak", "Okafor", "Patel", "Sato", "Wagner", "Young",
)  # fmt: skip


def passwords_file() -> Path:
    """Return the path of the file with the two accounts and their passwords.

    Each database has users of its own, and so a file of its own.
    """
    database = settings.DATABASES["default"]
    if connection.vendor == "sqlite":
        return settings.VAR_DIR / "demo_accounts.txt"
    where = "-".join(str(database[part]) for part in ("HOST", "PORT", "NAME"))
    return settings.VAR_DIR / f"demo_accounts_{slugify(where)}.txt"


def read_passwords() -> str:
    """Return the text of the file: one account a line."""
    try:
        return passwords_file().read_text()
    except FileNotFoundError:
        return f"They are not stored: `manage.py changepassword {STAFF}` sets another password.\n"


def create_login_accounts() -> None:
    """Create the two accounts, unless they exist, with random passwords.

    When the database has another superuser, do not create the demo's. The file is written first: a
    password without an account is better than an account without a known password.
    """
    missing = {STAFF, CUSTOMER} - set(
        User.objects.filter(email__in=[STAFF, CUSTOMER]).values_list("email", flat=True)
    )
    if User.objects.filter(is_superuser=True).exists():
        missing.discard(STAFF)
    if not missing:
        return
    passwords = {email: new_ticket_code() for email in sorted(missing, reverse=True)}
    _write_passwords(passwords)
    if STAFF in passwords:
        User.objects.create_superuser(STAFF, passwords[STAFF], name="Demo staff")
    if CUSTOMER in passwords:
        User.objects.create_user(CUSTOMER, passwords[CUSTOMER], name="Demo customer")


def _write_passwords(passwords: dict[str, str]) -> None:
    """Replace the passwords of the same accounts in the file, which only its owner may read."""
    path = passwords_file()
    known = path.read_text().splitlines() if path.exists() else []
    lines = [line for line in known if not line.startswith(tuple(passwords))]
    lines += [f"{email:<22}{password}" for email, password in passwords.items()]
    path.parent.mkdir(exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("\n".join(lines) + "\n")


def customers(count: int, *, since: datetime) -> Sequence[int]:
    """Return the ids of this many customers. Missing customers are added, without a password."""
    names = [_name(number) for number in range(count)]
    names_by_email = {_email(name, number): name for number, name in enumerate(names)}
    known = set(User.objects.filter(email__in=names_by_email).values_list("email", flat=True))
    User.objects.bulk_create(
        User(email=email, name=name, password=make_password(None))
        for email, name in names_by_email.items()
        if email not in known
    )
    # Customers signed up before they booked. auto_now_add allows only the current time at first.
    User.objects.filter(email__in=names_by_email.keys() - known).update(created_at=since)
    keys = dict(User.objects.filter(email__in=names_by_email).values_list("email", "id"))
    return [keys[email] for email in names_by_email]


def _name(number: int) -> str:
    turn, first = divmod(number, len(FIRST_NAMES))
    return f"{FIRST_NAMES[first]} {LAST_NAMES[turn % len(LAST_NAMES)]}"


def _email(name: str, number: int) -> str:
    """Return an e-mail address at a domain without mail (RFC 2606)."""
    turn = number // (len(FIRST_NAMES) * len(LAST_NAMES))
    return f"{name.lower().replace(' ', '.')}{turn or ''}@example.com"
