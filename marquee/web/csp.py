"""The security headers of pages, built once at start (DESIGN 15).

The admin and Swagger keep the headers of Django's middleware.
"""

from typing import Final

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
# What no page uses. `camera` is for the gate alone, once it is built.
UNUSED_FEATURES: Final = ("camera", "microphone", "geolocation", "payment", "usb")

HEADERS: Final = {
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES),
    # `no-referrer` would make Django refuse forms over HTTPS.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    # A page shows what belongs to one visitor, or has a form with a token of that visitor.
    "Cache-Control": "private, no-store",
}
