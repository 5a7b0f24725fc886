"""The security headers of every response, built once at start (DESIGN 15).

Django's own middleware adds the others: `nosniff`, `Referrer-Policy`, `X-Frame-Options` and HSTS.
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]

POLICY: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "media-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
CONTENT_SECURITY_POLICY: Final = "; ".join(f"{name} {value}" for name, value in POLICY.items())
# What no page uses. The gate alone reads tickets by the camera.
UNUSED_FEATURES: Final = ("camera", "microphone", "geolocation", "payment", "usb")
GATE: Final = "/gate/"


def _headers(**allowed: str) -> dict[str, tuple[str, str]]:
    """Return the headers as Django stores them. Features without a source are for nobody."""
    features = dict.fromkeys(UNUSED_FEATURES, "()") | allowed
    permissions = ", ".join(f"{feature}={source}" for feature, source in features.items())
    named = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Permissions-Policy": permissions,
    }
    return {name.lower(): (name, value) for name, value in named.items()}


HEADERS, GATE_HEADERS = _headers(), _headers(camera="(self)")


def security_headers(next_view: View) -> View:
    """Add the headers to every response. A view may set its own, such as a page that pays by Stripe."""

    def view(request: HttpRequest) -> HttpResponseBase:
        response = next_view(request)
        if response.status_code >= 400 and _is_debug_page(response):
            return response
        added = GATE_HEADERS if request.path_info.startswith(GATE) else HEADERS
        # Django's `setdefault` takes 20 function calls for a header, which each response would pay.
        response.headers._store = added | response.headers._store  # noqa: SLF001
        return response

    return view


def _is_debug_page(response: HttpResponseBase) -> bool:
    """Return whether this may be Django's page about an error, which has inline styles and scripts."""
    return settings.DEBUG and response["Content-Type"].startswith("text/html")
