"""Django's PostgreSQL backend, with less around each statement: see base.py."""
