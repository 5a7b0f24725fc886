"""What the documentation of several resources shares: the decorator, and conditional requests."""

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from marquee.core.errors import Refused

ViewMethod = TypeVar("ViewMethod", bound=Callable[..., Any])

# For responses that carry an ETag.
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER,
    description="The `ETag` of the response you have: returns 304, without a body, if it is still current.",
)  # fmt: skip
# For what can be changed: `MarqueeAutoSchema` adds these.
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 201],
    description="The version of what the body has: for `If-Match` and `If-None-Match`.",
)  # fmt: skip
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER,
    description=(
        "The `ETag` of the version that you have read: refuses with 412 if it has changed since. Weak "
        "ETags never match; `*` matches any version."
    ),
)  # fmt: skip
NOT_MODIFIED = OpenApiResponse(description="The response you have is still current.")


def operation(
    *, refusals: tuple[type[Refused], ...] = (), **schema: Any
) -> Callable[[ViewMethod], ViewMethod]:
    """Return a decorator that documents a view's method: `extend_schema`, and which rules may refuse."""

    def document(method: ViewMethod) -> ViewMethod:
        documented = extend_schema(**schema)(method)
        documented.refusals = refusals  # type: ignore[attr-defined]  # read by MarqueeAutoSchema
        return documented

    return document
