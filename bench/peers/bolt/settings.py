"""What django-bolt needs to serve one API: it has no models of its own, and asks by psycopg."""

import os

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django_bolt"]
ROOT_URLCONF = "bench.peers.bolt.urls"
BOLT_API = ["bench.peers.bolt.api:api"]
USE_TZ = True
# Of our own, or django-bolt starts a thread for its logs, which ends in a traceback.
LOGGING = {"version": 1, "root": {"level": "WARNING"}}
