"""Generate the OpenAPI schema: each operation's responses, and every way it may be refused."""

from collections.abc import Iterable
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from rest_framework.permissions import IsAuthenticated

from marquee.accounts.errors import AccessTokenExpired, SecondFactorRequired
from marquee.accounts.permissions import Audience
from marquee.api.docs import front, problems
from marquee.api.docs.operations import ETAG, IF_MATCH, IF_NONE_MATCH, NOT_MODIFIED
from marquee.api.docs.problems import DETAILS
from marquee.api.exceptions import CONTENT_TYPE, TITLES, problem_details, status_of
from marquee.api.negotiation import IgnoreAcceptNegotiation
from marquee.api.permissions import AT, IsStaff, IsStaffOrReadOnly, needed, where_of
from marquee.core.errors import PreconditionFailed, Refused

STAFF = {IsStaff, IsStaffOrReadOnly}


class MarqueeAutoSchema(AutoSchema):
    """Describes an operation together with its refusals."""

    def get_auth(self) -> list[dict[str, Any]]:
        """Return the security of this operation (its scheme: settings); none for public ones."""
        return [{"jwt": []}] if self._required_permissions() else []

    def get_operation(self, *arguments: Any, **named: Any) -> Any:
        """Return the operation. Its description begins with the role that it needs, if it needs one."""
        view: Any = self.view
        found = super().get_operation(*arguments, **named)
        if found and self._audience() == Audience.STAFF:
            role = needed(view.right, AT[where_of(view)])
            found["description"] = f"Needs {role}. {found.get('description', '')}".rstrip()
        return found

    def get_extensions(self) -> dict[str, Any]:
        """Return `x-access`, from which docs/permissions.md is written: whom the operation is for.

        For staff, also the right, where its role is needed, and whether rows of other cinemas are a 404.
        """
        view: Any = self.view
        audience = self._audience()
        access: dict[str, Any] = {"audience": audience.value}
        if audience == Audience.STAFF:
            access |= {"right": view.right.value, "where": where_of(view).value}
            access["hides_others"] = not getattr(view, "reads_are_public", True)
        return super().get_extensions() | {"x-access": access}

    def _audience(self) -> Audience:
        permissions = self._required_permissions()
        if permissions & STAFF:
            return Audience.STAFF
        if not permissions:
            return Audience.ANYONE
        audience: Audience = getattr(self.view, "audience", Audience.ACCOUNT)
        return audience

    def get_serializer_name(self, serializer: Any, direction: str) -> str:
        """Return a serializer's component name: Movie, for MovieSerializer and MovieWriteSerializer."""
        return type(serializer).__name__.removesuffix("Serializer").removesuffix("Write")

    def _map_basic_serializer(self, serializer: Any, direction: str) -> dict[str, Any]:
        """Return the schema of a serializer; request bodies allow no other fields."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return schema | {"additionalProperties": False} if direction == "request" else schema

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for refusal in (*self._refusals(), *self._standard_refusals()):
            self._add(
                bodies, status_of(refusal), refusal.code, refusal.title, refusal.__doc__ or ""
            )
        for status in self._standard_statuses():
            self._add(bodies, status, *TITLES[status], DETAILS[status])
        if self.method == "GET" and self._is_one_of("etag_actions"):
            bodies["304"] = {"description": NOT_MODIFIED.description}
        bodies |= {
            status: {"$ref": f"#/components/responses/{name}"}
            for status, name in front.STATUSES.items()
        }
        return dict(sorted(bodies.items()))

    def _refusals(self) -> Iterable[type[Refused]]:
        action = getattr(self.view, "action", None) or self.method.lower()
        return getattr(getattr(self.view, action, None), "refusals", ())

    def get_override_parameters(self) -> list[Any]:
        """Return the headers of conditional requests, where the operation has any."""
        parameters = [IF_MATCH] if self._is_one_of("if_match_actions") else []
        if self._is_one_of("etag_actions"):
            parameters += [ETAG, *([IF_NONE_MATCH] if self.method == "GET" else [])]
        return parameters

    def _is_one_of(self, actions: str) -> bool:
        """Return whether the view lists this action, or this method, in an attribute."""
        action = getattr(self.view, "action", None) or self.method.lower()
        return action in getattr(self.view, actions, ())

    def _standard_refusals(self) -> Iterable[type[Refused]]:
        """Yield the refusals that follow from the permissions and the method.

        An `If-Match` where nothing compares it is refused, too: `check_no_precondition`.
        """
        if self._required_permissions():
            yield AccessTokenExpired
        if self._required_permissions() & STAFF:
            yield SecondFactorRequired
        if self.method != "GET":
            yield PreconditionFailed

    def _required_permissions(self) -> set[type]:
        """Return the permissions that guard this operation; empty if it is public."""
        permissions = {type(permission) for permission in self.view.get_permissions()}
        if IsStaffOrReadOnly in permissions and self.method == "GET":
            return set()
        if not self.view.get_authenticators():
            return set()
        return permissions & (STAFF | {IsAuthenticated})

    def _standard_statuses(self) -> Iterable[int]:
        """Yield the statuses that follow from the method, the path and the permissions."""
        permissions = self._required_permissions()
        has_body = self.method in {"POST", "PUT", "PATCH"}  # even if it must be empty
        yield 400  # unknown query parameters are refused everywhere
        if permissions:
            yield 401
        if permissions & STAFF:
            yield 403
        if "{" in self.path:
            yield 404
        if has_body:
            yield from (413, 415)
        if self.method == "DELETE" and permissions & STAFF:
            yield 409
        if not issubclass(self.view.content_negotiation_class, IgnoreAcceptNegotiation):
            yield 406
        yield 503

    def _add(self, bodies: dict[str, Any], status: int, code: str, title: str, why: str) -> None:
        """Add a refusal to the responses, beside others of the same status."""
        reason = " ".join(why.split())
        body = bodies.setdefault(str(status), {"description": "", "content": {}})
        line = f"`{code}`: {reason}"
        body["description"] = "\n\n".join(filter(None, [body["description"], line]))
        media = body["content"].setdefault(CONTENT_TYPE, {"schema": {}, "examples": {}})
        value = problem_details(status, code, title, **problems.example(code, reason))
        media["examples"][code] = {"value": value}
        self._register(code, title, reason)
        media["schema"] = problems.one_of(list(media["examples"]))

    def _register(self, code: str, title: str, description: str) -> None:
        """Register the component of a code, unless it is there."""
        name = problems.component_name(code)
        component = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=name,
            type=ResolvedComponent.SCHEMA,
            schema=problems.component(code, title, description),
            object=name,
        )
        self.registry.register_on_missing(component)
