"""The server's application without the claims' guard: the negative control of `test_crowd.py`."""

from marquee.server.rsgi import application  # noqa: F401 (what granian serves)

from marquee.booking import claims  # isort: skip (models only after the application)

claims.IS_AVAILABLE = "TRUE"
