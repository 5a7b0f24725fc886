"""A production start that is not safe is refused, in one sentence that says what to do."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from marquee import env

ROOT = Path(__file__).parents[1]
KEY = "Zk3-Q9_vLw7Xr2TnBy8HfJm4Pd6GsCa1UeOiNq5WtR"


def settings_with(monkeypatch, **environment):
    for name in ("SECRET_KEY", "SECRET_KEY_FILE", "JWT_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    site = {"SITE_URL": "https://box.example.org"} if environment.get("HTTPS") == "1" else {}
    for name, value in ({"SECRET_KEY": KEY} | site | environment).items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "marquee/settings.py"))


def serve(*options, **environment):
    """Return what a start says and returns. It must not get as far as listening."""
    names = {"SECRET_KEY", "SECRET_KEY_FILE", "DJANGO_SETTINGS_MODULE"}
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, "-m", "marquee.serve", *options],
        cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY)
    file.chmod(0o644)
    return file


def test_a_server_that_is_started_by_itself_ends_with_the_sentence_too(key_file):
    run = subprocess.run(
        [sys.executable, "-c", "import marquee.server.wsgi"],
        cwd=ROOT, env=os.environ | {"SECRET_KEY": "changeme"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith("Marquee does not start. The key in SECRET_KEY can be guessed")
    assert run.stderr.count("\n") == 1


def test_an_unsafe_start_is_one_sentence_without_a_traceback(key_file):
    for environment, options, advice in [
        ({"SECRET_KEY_FILE": "/no/such/key"}, [], "type `make secret`"),
        ({"SECRET_KEY_FILE": str(key_file)}, [], f"type `chmod o-rwx {key_file}`"),
        ({"SECRET_KEY": KEY, "DEBUG": "1", "HTTPS": "1"}, [], "set DEBUG=0"),
        ({"SECRET_KEY": KEY, "DEBUG": "1"}, ["--host", "0.0.0.0"], "set DEBUG=0"),
    ]:
        run = serve(*options, **environment)
        assert run.returncode == 1
        assert run.stderr.startswith("Marquee does not start. ")
        assert advice in run.stderr
        assert run.stderr.count("\n") == 1
        assert KEY not in run.stderr
        assert run.stdout == ""


@pytest.mark.parametrize(
    "environment",
    [
        {"HTTPS": "1"},
        {"ALLOWED_HOSTS": "box.example.org"},
        {"ALLOWED_HOSTS": "localhost,*"},
        {"ALLOWED_HOSTS": "192.168.1.7"},
        {"ALLOWED_HOSTS": "[::]"},
        {"SITE_URL": "https://box.example.org"},
        {"TRUSTED_PROXIES": "1"},
    ],
    ids=str,
)
def test_debug_in_public_is_refused(monkeypatch, environment):
    with pytest.raises(ImproperlyConfigured, match="set DEBUG=0"):
        settings_with(monkeypatch, DEBUG="1", **environment)
    assert not settings_with(monkeypatch, **(environment | {"DEBUG": "0"}))["DEBUG"]


def test_debug_on_this_machine_is_allowed(monkeypatch):
    assert settings_with(monkeypatch, DEBUG="1", ALLOWED_HOSTS="localhost,127.0.0.1,[::1]")["DEBUG"]


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True), ("box.localhost", True), ("127.0.0.9", True), ("::1", True), ("[::1]", True),
        ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("localhost.example", False), ("", False),
    ],
)  # fmt: skip
def test_what_is_local(host, expected):
    assert env.is_local(host) is expected


def test_a_key_in_var_that_all_could_read_is_refused_before_it_is_restricted(monkeypatch, key_file):
    monkeypatch.setattr(
        "pathlib.Path.resolve", lambda path: key_file.parent / "marquee" / "settings.py"
    )
    (key_file.parent / "var").mkdir()
    in_var = key_file.rename(key_file.parent / "var" / "secret_key")
    with pytest.raises(ImproperlyConfigured, match="Every user of this machine may read"):
        settings_with(monkeypatch, SECRET_KEY="")
    assert in_var.stat().st_mode & 0o777 == 0o644


def test_a_key_that_all_could_change_or_replace_is_refused(monkeypatch, key_file):
    key_file.chmod(0o602)
    with pytest.raises(ImproperlyConfigured, match="may read or change"):
        settings_with(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(key_file))
    key_file.chmod(0o640)
    link = key_file.parent / "secrets" / "key"
    link.parent.mkdir()
    link.symlink_to(key_file)
    for directory in (key_file.parent, link.parent):
        directory.chmod(0o777)
        with pytest.raises(ImproperlyConfigured, match="may replace"):
            settings_with(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(link))
        directory.chmod(0o1777)
    assert settings_with(monkeypatch, SECRET_KEY="", SECRET_KEY_FILE=str(link))["SECRET_KEY"] == KEY


@pytest.mark.parametrize(
    ("environment", "advice"),
    [
        (
            {"HTTPS": "1", "SITE_URL": "http://box.example.org"},
            "set SITE_URL to the https:// origin",
        ),
        ({"ALLOWED_HOSTS": " ,"}, "ALLOWED_HOSTS is empty: write a name"),
    ],
)
def test_a_start_that_customers_could_not_use_is_refused(monkeypatch, environment, advice):
    with pytest.raises(ImproperlyConfigured, match=advice):
        settings_with(monkeypatch, **environment)


def test_behind_https_cookies_are_secure_and_browsers_stay_with_https(monkeypatch, settings):
    production = settings_with(monkeypatch, HTTPS="1")
    for name in ("SESSION", "CSRF", "LANGUAGE"):
        assert production[f"{name}_COOKIE_SECURE"]
    assert production["SESSION_COOKIE_HTTPONLY"]
    assert production["CSRF_COOKIE_HTTPONLY"]  # forms have the token, and no script reads it
    assert production["SECURE_SSL_REDIRECT"]
    settings.SECURE_HSTS_SECONDS = production["SECURE_HSTS_SECONDS"]
    response = Client().get("/robots.txt", secure=True)
    assert response["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in Client().get("/robots.txt")
