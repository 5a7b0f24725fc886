"""What search engines ask for: `robots.txt` and the list of pages."""

from collections.abc import Sequence

from django.contrib.sitemaps import Sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from marquee.catalog import queries

PRIVATE = ("account", "admin", "api", "bookings", "checkout", "log-in", "password-reset", "sign-up")


def robots(request: HttpRequest) -> HttpResponse:
    """Return which pages are for people only."""
    lines = [
        "User-agent: *",
        *(f"Disallow: /{door}/" for door in PRIVATE),
        "Disallow: /*search=",
        "Allow: /api/v1/movies/*/poster/",
        "",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap'))}",
        "",
    ]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


class WhatsOnSitemap(Sitemap):  # type: ignore[type-arg]  # generic for mypy alone
    """What is on, in each cinema."""

    changefreq, priority = "daily", 1.0

    def items(self) -> Sequence[int]:
        """Return the ids of the cinemas."""
        return [cinema.id for cinema in queries.list_cinemas()]

    def location(self, item: int) -> str:
        """Return the path of a cinema's listing."""
        return f"{reverse('whats-on')}?cinema={item}"


class CinemaSitemap(WhatsOnSitemap):
    """The cinemas."""

    changefreq, priority = "weekly", 0.5

    def location(self, item: int) -> str:
        """Return the path of a cinema."""
        return reverse("cinema", args=[item])


class MovieSitemap(Sitemap):  # type: ignore[type-arg]  # generic for mypy alone
    """The movies with shows to come."""

    changefreq, priority = "daily", 0.8

    def items(self) -> Sequence[int]:
        """Return the ids of the movies."""
        return queries.find_showing_movies("", limit=self.limit)

    def location(self, item: int) -> str:
        """Return the path of a movie."""
        return reverse("movie", args=[item])


SITEMAPS = {"whats-on": WhatsOnSitemap, "cinemas": CinemaSitemap, "movies": MovieSitemap}
