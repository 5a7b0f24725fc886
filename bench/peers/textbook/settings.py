"""Marquee's settings with Django's, DRF's and Simple JWT's own in place of what Marquee tuned."""

import dj_database_url

from marquee.settings import *  # noqa: F403 (the same models, keys and limits)
from marquee.settings import DATABASE_URL

ROOT_URLCONF = "bench.peers.textbook.urls"
WSGI_APPLICATION = "bench.peers.textbook.wsgi.application"
# What `startproject` writes.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
# Persistent connections, as Django's documentation has them; nothing else is changed.
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["bench.peers.textbook.authentication.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
}
