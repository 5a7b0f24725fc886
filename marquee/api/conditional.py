"""Conditional requests (RFC 9110, 13): `If-Match` refuses a change of what has changed meanwhile.

The ETag of a detail is a digest of its body. Where a part of the body changes without staff, as the
seats left of a show do, the ETag has two parts: a digest of the rest, a dot, and a digest of all. `If-Match`
compares the first part only, or no show could be changed while it sells (docs/decisions/0017).
"""

from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest
from django.utils.http import parse_etags
from rest_framework.request import Request

from marquee.core.errors import PreconditionFailed

Result = TypeVar("Result")
Check = Callable[[], None]


def run_if_match(
    request: HttpRequest | Request,
    *,
    etag: Callable[[], str | None],
    change: Callable[[], Result],
    guard: Callable[..., Result],
) -> Result:
    """Run a change; if the request has `If-Match`, only while what it changes has one of these ETags.

    `etag` returns the current ETag, or None if the row is gone. `guard` runs a check and a change in one
    transaction, where nothing else can change the row. Refuses with PreconditionFailed.
    """
    tags = if_match(request)
    if tags is None:
        return change()
    return guard(check=lambda: check_etag(etag(), tags), change=change)


def if_match(request: HttpRequest | Request) -> list[str] | None:
    """Return the ETags of `If-Match`, or None without that header. What is no ETag is left out."""
    header = request.META.get("HTTP_IF_MATCH")
    return None if header is None else parse_etags(header)


def check_etag(current: str | None, tags: list[str]) -> None:
    """Refuse with PreconditionFailed unless one of the tags is the current one. Weak ones never are."""
    if current is not None and ("*" in tags or _state(current) in map(_state, tags)):
        return
    raise PreconditionFailed(
        "This was changed since you read it. Read it again, and send its `ETag` in `If-Match`.",
        etag=current,
    )


def _state(etag: str) -> str:
    """Return the part of an ETag that `If-Match` compares, with the quotation mark before it."""
    return etag.rstrip('"').partition(".")[0]
