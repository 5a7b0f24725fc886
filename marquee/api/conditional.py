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
IF_MATCH, IF_NONE_MATCH = "HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"
HEADERS = frozenset({IF_MATCH, IF_NONE_MATCH})


def run_if_match(
    request: HttpRequest | Request,
    *,
    etag: Callable[[], str | None],
    change: Callable[[], Result],
    guard: Callable[..., Result],
) -> Result:
    """Run a change; with `If-Match` or `If-None-Match`, only if the row is as these say.

    `etag` returns the current ETag, or None if the row is gone. `guard` runs a check and a change in one
    transaction, where nothing else can change the row. Refuses with PreconditionFailed.
    """
    if not has_precondition(request):
        return change()
    return guard(check=lambda: check_etag(request, etag()), change=change)


def has_precondition(request: HttpRequest | Request) -> bool:
    """Return whether a change is to be compared with the version that is there."""
    return not HEADERS.isdisjoint(request.META)


def check_etag(request: HttpRequest | Request, current: str | None) -> None:
    """Refuse with PreconditionFailed unless `If-Match` has the current ETag, and `If-None-Match` has not.

    `If-Match` compares strongly, `If-None-Match` weakly (RFC 9110, 13.1). What is no ETag matches nothing.
    """
    wanted, unwanted = (request.META.get(name) for name in (IF_MATCH, IF_NONE_MATCH))
    if wanted is not None and not _matches(parse_etags(wanted), current):
        raise PreconditionFailed(
            "This was changed since you read it. Read it again, and send its `ETag` in `If-Match`.",
            etag=current,
        )
    weak = [tag.removeprefix("W/") for tag in parse_etags(unwanted or "")]
    if _matches(weak, current):
        raise PreconditionFailed("This is there already, as `If-None-Match` says.", etag=current)


def check_no_precondition(request: Request) -> None:
    """Refuse with PreconditionFailed an `If-Match` for a change that compares no ETags.

    To ignore it would overwrite what the client wants to protect.
    """
    if IF_MATCH in request.META:
        raise PreconditionFailed(
            "This operation compares no `ETag`: send it without `If-Match`.", etag=None
        )


def _matches(tags: list[str], current: str | None) -> bool:
    return current is not None and ("*" in tags or _state(current) in map(_state, tags))


def _state(etag: str) -> str:
    """Return the part of an ETag that changes compare, with the quotation mark before it."""
    return etag.rstrip('"').partition(".")[0]
