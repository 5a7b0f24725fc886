"""A peer: django-bolt with psycopg 3's asynchronous pool, served by its own `runbolt`."""
