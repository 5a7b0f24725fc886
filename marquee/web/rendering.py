"""Render templates as pages: in the visitor's language, with the headers of pages."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers

from marquee.web.language import language_of
from marquee.web.returning import current_path

Response = TypeVar("Response", bound=HttpResponseBase)


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = HTTPStatus.OK,
    language: str | None = None,
) -> HttpResponse:
    """Return a template as a page, in the visitor's language unless another one is given.

    No context processor runs, so pages about errors query no database.
    """
    language = language or language_of(request)
    layout = {
        "csrf_token": get_token(request),
        "language": language,
        "languages": settings.LANGUAGES,
        "path": request.path,
        "page_name": request.resolver_match.url_name if request.resolver_match else "",
        "here": current_path(request),
    }
    with translation.override(language):
        html = render_to_string(template, layout | dict(context or {}))
    return complete(HttpResponse(html, status=status), language)


def complete(response: Response, language: str) -> Response:
    """Add the headers that each page has, and return the response.

    A page shows what belongs to one visitor, or has a form with a token of that visitor.
    """
    response.headers.setdefault("Cache-Control", "private, no-store")
    response.headers.setdefault("Content-Language", language)
    patch_vary_headers(response, ["Cookie", "Accept-Language"])
    return response
