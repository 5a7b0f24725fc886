"""The history of an account on its page in the back office."""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from marquee.accounts.models import AccountEvent, User

MAX_EVENTS = 100


def account_history(user: User) -> SafeString:
    """Return the newest events of an account as a table: what, when, which address, by whom, and why."""
    events = user.events.select_related("actor").order_by("-pk")[:MAX_EVENTS]
    cells = "<td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
    rows = format_html_join("", f"<tr>{cells}</tr>", map(_cells, events))
    names = "<th>What</th><th>When</th><th>Address</th><th>By</th><th>Reason</th>"
    table = f"<table><thead><tr>{names}</tr></thead><tbody>{{}}</tbody></table>"
    return format_html(table, rows) if rows else format_html("{}", "Nothing yet.")


def _cells(event: AccountEvent) -> tuple[str, str, str, str, str]:
    at = date_format(timezone.localtime(event.at), "DATETIME_FORMAT")
    by = f"Staff: {event.actor}" if event.by == "staff" and event.actor else event.by.capitalize()
    return str(event), at, event.email, by, event.reason
