"""Django's PostgreSQL backend, with a shorter way to run our own statements: see base.py."""
