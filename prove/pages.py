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
REFUSED = "by_page"
STATUSES = {"confirm": "confirmed", "cancel": "cancelled", "exchange": ""}
PATHS = {
    "book": "/shows/{show}/",
    "confirm": "/checkout/{reference}/",
    "cancel": "/bookings/{reference}/cancel/",
    "exchange": "/bookings/{reference}/seats/",
}


def new_key(rng: random.Random) -> str:
    """Return a key as a form has one."""
    return str(UUID(int=rng.getrandbits(128), version=4))


def path_of(one: Operation) -> str:
    """Return the path of the page whose form stands for an operation."""
    return PATHS[one.verb].format(show=one.show, reference=one.reference)


def get(one: Operation, session: str) -> bytes:
    """Return the request for the page that a form is on."""
    return _request("GET", one.facts["path"], session)


def post(one: Operation, session: str, token: str) -> bytes:
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
    return _request("POST", path_of(one), session, urlencode(fields))


def _request(method: str, path: str, session: str, form: str = "") -> bytes:
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: localhost",
        f"Cookie: sessionid={session}; csrftoken={CSRF_COOKIE}",
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
    to = reply.header("location")
    facts = one.facts
    if one.verb == "page":
        one.status = (
            200 if reply.status < 400 else reply.status
        )  # others lead on to where the booking is
    elif one.verb == "book" and (found := CHECKOUT.match(to)):
        one.status = 201
        facts |= {"reference": found.group(1).upper(), "status": "held"}
        facts.setdefault("replayed", False)
    elif one.verb in STATUSES and (found := BOOKING.match(to)):
        one.status = 200
        facts |= {"reference": found.group(1).upper(), "status": STATUSES[one.verb]}
    if one.status >= 300:
        missing = "not_found" if one.reference else ""  # each show has its page
        one.code = {404: missing, 409: REFUSED, 410: REFUSED}.get(one.status, "")
        facts["retry_after"] = reply.header("retry-after")
