"""Static files for tests."""

from collections.abc import Callable
from functools import cached_property

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class LazyWhiteNoise:
    """WhiteNoise, which looks for static files only when the first is asked for.

    Each client of a test has middleware of its own, and finding the files takes it 20 ms. Few ask for one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    @cached_property
    def whitenoise(self) -> WhiteNoiseMiddleware:
        """Return WhiteNoise as it is in production, with the files that there are now."""
        return WhiteNoiseMiddleware(self.get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Return a static file, or what the other middleware responds."""
        if request.path_info.startswith(settings.STATIC_URL):
            response: HttpResponseBase = self.whitenoise(request)
            return response
        return self.get_response(request)
