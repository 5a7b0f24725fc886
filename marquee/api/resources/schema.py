"""`schema/`: the OpenAPI schema, generated once per process. The root of the API leads to its page."""

from collections.abc import Collection
from functools import cache
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request
from rest_framework.views import APIView

from marquee.api.negotiation import IgnoreAcceptNegotiation
from marquee.api.views import APIViewMixin
from marquee.core.shared_content import SharedResponse

RENDERERS = {renderer.format: renderer for renderer in (OpenApiYamlRenderer, OpenApiJsonRenderer)}


class SchemaView(APIViewMixin, SpectacularAPIView):
    """`schema/`, as YAML or JSON. It is the same for every host and query."""

    authentication_classes = []

    def query_parameters(self, request: Request) -> Collection[str]:
        """Return all: Swagger's page passes its own query on, such as `lang`."""
        return request.query_params.keys()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Respond with the schema."""
        renderer: Any = request.accepted_renderer
        headers = {
            "Content-Disposition": f'inline; filename="Marquee.{renderer.format}"',
            "Vary": "Accept",
        }
        content_type = f"{renderer.media_type}; charset=utf-8"
        return SharedResponse(
            render_schema(renderer.format), content_type=content_type, headers=headers
        )


class RootView(APIViewMixin, APIView):
    """`/api/v1/`, which people type into a browser."""

    authentication_classes = []
    permission_classes = []
    content_negotiation_class = IgnoreAcceptNegotiation

    def query_parameters(self, request: Request) -> Collection[str]:
        """Return all: what marketing adds to URLs is ignored, as by pages."""
        return request.query_params.keys()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseRedirect:
        """Redirect to Swagger's page."""
        return HttpResponseRedirect(reverse("swagger"))


@cache
def render_schema(format_: str) -> bytes:
    """Return the schema as YAML or as JSON: it takes a third of a second, so it is cached."""
    body: bytes = RENDERERS[format_]().render(_schema(), renderer_context={})
    return body


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return schema


def preload_schema() -> None:
    """Generate the schema before the first request asks for it."""
    for format_ in RENDERERS:
        render_schema(format_)
