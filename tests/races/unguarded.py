"""The server's application without the guard of the claims: for the crowd's negative control."""

from marquee.wsgi import application as application

from marquee.booking import claims  # isort: skip (models only after the application)

claims.OPEN = "TRUE"
