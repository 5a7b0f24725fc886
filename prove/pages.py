"""The forms of the pages, as a browser sends them: with a session, a CSRF token, and a form's key.

A customer is logged in there by a session, and opens a page before it sends its form; or sends a form of
a page that is open already: from another tab, or by Back. An operation that was sent so has a `form`: the
key in the form of a hold, else the page's name. Pages say no codes: a refusal is `by_page`.
"""

import random
import re
from urllib.parse import urlencode
from uuid import UUID

from prove.history import Operation
from prove.http_client import Response

CSRF_COOKIE = "p" * 32  # a browser's own: forms have it, masked anew in each page
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
KEY = re.compile(r'name="key" value="([^"]+)"')
TOTAL = re.compile(r'name="expected_total" value="(\d+)"')
CHECKOUT = re.compile(r"^/checkout/(\w+)/")
BOOKING = re.compile(r"^/bookings/(\w+)/")
OPEN_FIRST = 0.4  # so many open the page before they send its form
ROLE = re.compile(r'name="roles-0-id" value="(\d+)"')
REFERENCE = re.compile(r"/(?:checkout|bookings)/(\w{8})/")
REFUSED = "by_page"
PASSWORD = "correct horse battery staple"  # of databases that live for an hour
READS = {"look", "list"}  # pages that are only opened
AT_CHECKOUT = {"extend", "release"}
STATUSES = {"confirm": "confirmed", "cancel": "cancelled", "exchange": ""}
PATHS = {
    "book": "/shows/{show}/",
    "confirm": "/checkout/{reference}/",
    "extend": "/checkout/{reference}/extend/",
    "release": "/checkout/{reference}/release/",
    "log_in": "/log-in/",
    "look": "/bookings/{reference}/",
    "list": "/bookings/",
    "cancel": "/bookings/{reference}/cancel/",
    "exchange": "/bookings/{reference}/seats/",
}


def new_key(rng: random.Random) -> str:
    """Return a key as a form has one."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def path_of(one: Operation) -> str:
    """Return the path that an operation goes to."""
    return PATHS[one.verb].format(show=one.show, reference=one.reference)


def page_of(one: Operation) -> str:
    """Return the path of the page that has the form of an operation."""
    return (
        PATHS["confirm"].format(reference=one.reference)
        if one.verb in AT_CHECKOUT
        else path_of(one)
    )


def get(path: str, cookies: str) -> bytes:
    """Return the request for a page."""
    return _request("GET", path, cookies)


def post(one: Operation, cookies: str, token: str) -> bytes:
    """Return the form that stands for an operation."""
    fields = [("csrfmiddlewaretoken", token)]
    if one.verb == "confirm":
        fields += [("expected_total", one.facts["total"])]
    if one.verb == "exchange":
        fields += [("seat", label) for label, _ in one.ticket_requests]
    if one.verb == "book":
        fields += [("key", one.form), ("expected_total", ""), ("gap", "keep")]
        for label, type_ in one.ticket_requests:
            fields += [("seat", label), (f"type-{label}", type_)]
    if email := one.facts.get("email"):
        fields += [("name", "Visitor"), ("email", email), ("password", PASSWORD)]
    return _request("POST", path_of(one), cookies, urlencode(fields))


def account_page(user: int) -> str:
    """Return the path of an account in Django's admin."""
    return f"/admin/accounts/user/{user}/change/"


def role_of(page: Response) -> str:
    """Return the key of the role that an account's page shows; blank if it has none. Raises RuntimeError."""
    if "roles-INITIAL_FORMS" not in str(page.body):
        raise RuntimeError(f"No page of an account: {page.status} {page.head!r}")
    return _found(ROLE, page)


def change_role(one: Operation, cookies: str) -> bytes:
    """Return the form that gives a role at all cinemas, or takes the one that there is."""
    role = one.facts["role"]
    fields = [
        ("csrfmiddlewaretoken", CSRF_COOKIE), ("_save", "Save"), ("is_active", "on"), ("is_staff", "on"),
        ("email", one.facts["email"]), ("name", one.facts["name"]), ("roles-TOTAL_FORMS", "1"),
        ("roles-INITIAL_FORMS", "1" if role else "0"), ("roles-0-user", one.facts["account"]),
    ]  # fmt: skip
    if role:
        fields += [("roles-0-id", role), ("roles-0-DELETE", "on")]
    else:
        fields += [("roles-0-role", "manager"), ("roles-0-cinema", "")]
    return _request("POST", account_page(one.facts["account"]), cookies, urlencode(fields))


def _request(method: str, path: str, cookies: str, form: str = "") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: {cookies}; csrftoken={CSRF_COOKIE}",
        f"Content-Length: {len(form)}",
    ]
    if form:
        lines.append("Content-Type: application/x-www-form-urlencoded")
    return "\r\n".join([*lines, "", form]).encode()


def must_open(one: Operation) -> bool:
    """Return whether only the page knows what the form says: a checkout shows the total."""
    return one.verb == "confirm"


def fill_in(one: Operation, page: Response) -> bool:
    """Fill the form of a page in; return whether it has one."""
    if one.verb == "confirm":
        one.facts["total"] = _found(TOTAL, page)
        return bool(one.facts["total"])
    key = _found(KEY, page)
    # A form that is sent again, as by a double click, keeps its key.
    if one.verb == "book" and key and not one.facts.get("replayed"):
        one.form = key
    return True


def read_token(page: Response) -> str:
    """Return the CSRF token of a page; blank if it has no form."""
    return _found(TOKEN, page)


def _found(pattern: re.Pattern[str], page: Response) -> str:
    match = pattern.search(str(page.body))
    return match.group(1) if match else ""


def note(one: Operation, reply: Response) -> None:
    """Keep of a page's response what the checker needs: redirects say that a form did what it asks for."""
    one.status, found = _outcome(one, reply)
    if found:
        one.facts |= {"reference": found, "status": STATUSES.get(one.verb, "held")}
        one.facts.setdefault("replayed", False)
    if one.verb == "confirm" and (again := CHECKOUT.match(reply.header("location"))):
        one.facts["again"] = again.group(1).upper()
    if one.status >= 300:
        missing = "not_found" if one.reference else ""  # each show has its page
        one.code = {302: REFUSED, 404: missing, 409: REFUSED, 410: REFUSED}.get(one.status, "")
        one.facts["retry_after"] = reply.header("retry-after")
    if references := {reference.upper() for reference in REFERENCE.findall(str(reply.body))}:
        one.facts["shown"] = sorted(references)


def _outcome(one: Operation, reply: Response) -> tuple[int, str]:
    """Return the status that the API would have answered, and the reference of the booking led to."""
    to, status = reply.header("location"), reply.status
    if one.verb == "book" and (found := CHECKOUT.match(to)):
        return 201, found.group(1).upper()
    if one.verb in STATUSES and (found := BOOKING.match(to)):
        return 200, found.group(1).upper()
    # Other pages lead on to where the booking is by now. A hold is given back to the seats' page.
    leads_on = one.verb in {"page", "log_in", *READS} or (one.verb == "release" and "/shows/" in to)
    return (200 if leads_on and status < 400 else status), ""
