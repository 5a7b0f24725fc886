"""How the OpenAPI schema is drawn: beside each operation's own answers, every way it says no."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from marquee.api.auth import IsStaff, IsStaffOrReadOnly, LoggedIn
from marquee.api.errors import CONTENT_TYPE, MAX_ERRORS, TITLES, problem, status_of
from marquee.core.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])

# For answers that a client may have already.
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER,
    description="The `ETag` of the answer you have: answers 304, without a body, if it still holds.",
)  # fmt: skip
NOT_MODIFIED = OpenApiResponse(description="What you have still holds.")

PROBLEM = {
    "type": "object",
    "description": "Problem details (RFC 9457), with a stable `code` and the facts of the case.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri", "examples": ["urn:marquee:problem:invalid"]},
        "title": {"type": "string", "description": "The kind of problem, for people."},
        "status": {"type": "integer", "description": "The HTTP status again."},
        "detail": {"type": "string", "description": "What happened, and what to do instead."},
        "code": {"type": "string", "description": "The kind of problem, for programs."},
        "errors": {
            "type": "array",
            "maxItems": MAX_ERRORS,
            "description": "For bad input: what is wrong with which field.",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {"type": "string", "examples": ["tickets.0.seat"]},
                    "code": {"type": "string", "examples": ["required"]},
                    "detail": {"type": "string"},
                },
            },
        },
    },
    "additionalProperties": True,
}
DETAILS = {
    400: "The body or a parameter is not right; `errors` names each field.",
    401: "There is no token, or it is no longer good.",
    403: "The token is good, but this needs a member of staff.",
    404: "There is no such thing, or it is not yours.",
    409: "Other things depend on it, so it stays.",
    413: "A body is at most 256 KiB.",
    415: "The body is not `application/json`.",
    503: "The database was too busy: send the same again after `Retry-After` seconds.",
}


def refuses(*kinds: type[Refused]) -> Callable[[View], View]:
    """Declare on a view's method which rules may say no, so that the schema tells callers."""

    def declare(view: View) -> View:
        view.refusals = kinds  # type: ignore[attr-defined]
        return view

    return declare


class Operation(AutoSchema):
    """Draws an operation with its refusals."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the security of this operation (its scheme: settings); none where anybody may."""
        return [{"jwt": []}] if self._needs() else []

    def get_serializer_name(self, serializer: Any, direction: str) -> str:
        """Return the name of a shape among the schema's components: Booking, for BookingShape."""
        return type(serializer).__name__.removesuffix("Shape")

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """Return the schema of a shape: a body has no fields but those, as `Strict` refuses others."""
        shape: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return shape | {"additionalProperties": False} if direction == "request" else shape

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for kind in self._refusals():
            self._add(bodies, status_of(kind), kind.code, kind.title, kind.__doc__ or "")
        for status in self._usual():
            self._add(bodies, status, *TITLES[status], DETAILS[status])
        return dict(sorted(bodies.items()))

    def _refusals(self) -> Iterable[type[Refused]]:
        action = getattr(self.view, "action", None) or self.method.lower()
        return getattr(getattr(self.view, action, None), "refusals", ())

    def _needs(self) -> set[type]:
        """Return which permissions guard this operation; empty where anybody may."""
        kinds = {type(one) for one in self.view.get_permissions()}
        if IsStaffOrReadOnly in kinds and self.method == "GET":
            return set()
        if not self.view.get_authenticators():
            return set()
        return kinds & {IsStaffOrReadOnly, IsStaff, LoggedIn}

    def _usual(self) -> Iterable[int]:
        """Yield the statuses that follow from what the operation is."""
        needs = self._needs()
        has_body = self.method in {"POST", "PUT", "PATCH"}  # if only to be refused
        if has_body or "{" not in self.path or self._is_list_view():
            yield 400
        if needs:
            yield 401
        if needs & {IsStaffOrReadOnly, IsStaff}:
            yield 403
        if "{" in self.path:
            yield 404
        if has_body:
            yield from (413, 415)
        if self.method == "DELETE" and needs & {IsStaffOrReadOnly, IsStaff}:
            yield 409
        yield 503

    def _add(self, bodies: dict[str, Any], status: int, code: str, title: str, why: str) -> None:
        """Add one way to say no to the answers, beside others of the same status."""
        detail = " ".join(why.split())
        body = bodies.setdefault(str(status), {"description": "", "content": {}})
        line = f"`{code}`: {detail}"
        body["description"] = "\n\n".join(filter(None, [body["description"], line]))
        media = body["content"].setdefault(
            CONTENT_TYPE, {"schema": self._problem(), "examples": {}}
        )
        media["examples"][code] = {"value": problem(status, code, title, detail)}

    def _problem(self) -> dict[str, str]:
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object="Problem"
        )
        self.registry.register_on_missing(component)
        return component.ref
