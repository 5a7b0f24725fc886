"""The server's application without the guard of the claims: for the crowd's negative control."""

from marquee.server.wsgi import application  # noqa: F401 (what granian serves)

from marquee.booking import claims  # isort: skip (models only after the application)

claims.IS_AVAILABLE = "TRUE"
