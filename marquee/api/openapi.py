"""The OpenAPI schema as it is served: generated once a process."""

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

from marquee.api.views import CachedResponseMixin

RENDERERS = {kind.format: kind for kind in (OpenApiYamlRenderer, OpenApiJsonRenderer)}


class SchemaView(CachedResponseMixin, SpectacularAPIView):
    """`schema/`, as YAML or as JSON. The same for everybody, whatever host or query is asked."""

    authentication_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        """Respond with the schema."""
        renderer: Any = request.accepted_renderer
        headers = {
            "Content-Disposition": f'inline; filename="Marquee.{renderer.format}"',
            "Vary": "Accept",
        }
        content_type = f"{renderer.media_type}; charset=utf-8"
        return HttpResponse(rendered(renderer.format), content_type=content_type, headers=headers)


@cache
def rendered(form: str) -> bytes:
    """Return the schema as YAML or as JSON: a third of a second of work, so done once."""
    written: bytes = RENDERERS[form]().render(_schema(), renderer_context={})
    return written


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return schema


def prepare() -> None:
    """Make the schema ready, so that not even the first who asks for it waits."""
    for form in RENDERERS:
        rendered(form)
