"""The settings that the tests run with: production's, but for secrets, limits on attempts, and speed."""

import atexit
import os
import secrets
import shutil
import tempfile
from pathlib import Path

# The workers of pytest-xdist and the servers that tests start inherit these.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
# Tests log in more often in a minute than people do; those about the limits set their own.
os.environ.setdefault("LOGIN_LIMIT", "0")
os.environ.setdefault("LOGIN_CEILING", "0")
os.environ.setdefault("GUEST_LIMIT", "0")
os.environ.setdefault("ARGON2_AT_ONCE", "0")
os.environ.setdefault("SIGNUP_LIMIT", "0")
os.environ.setdefault("REFRESH_LIMIT", "0")
os.environ.setdefault("PROFILE_LIMIT", "0")
os.environ.setdefault("EMAIL_CHANGE_LIMIT", "0")
# Nobody reads a line for each of a million requests; the tests about it switch it on.
os.environ.setdefault("ACCESS_LOG", "0")

from marquee.settings import *  # noqa: F403 (all of them, after the environment is set)
from marquee.settings import MIDDLEWARE as PRODUCTION_MIDDLEWARE

LAZY = {"whitenoise.middleware.WhiteNoiseMiddleware": "tests.static_files.LazyWhiteNoise"}
MIDDLEWARE = [LAZY.get(name, name) for name in PRODUCTION_MIDDLEWARE]

# Hashed files of this process alone: what a server in var/ wrote earlier may be of older files.
STATIC_ROOT = Path(tempfile.mkdtemp(prefix="marquee-static-"))
atexit.register(shutil.rmtree, STATIC_ROOT, ignore_errors=True)

# Two thousand tests make a password, at 20 ms each. `production_hasher` is for those about its hash.
PASSWORD_HASHERS = ["tests.hashers.QuickArgon2"]
