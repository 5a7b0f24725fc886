"""Every setting is documented, and a bad value of each stops the start with one sentence."""

import ast
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

ROOT = Path(__file__).parents[2]
READ_BY = {
    "choice",
    "database",
    "flag",
    "host",
    "hosts",
    "integer",
    "mail_backend",
    "mailbox",
    "minutes",
    "origin",
    "origins",
    "password",
    "secret",
    "some",
    "string",
}


def variables():
    """Return the names that settings.py reads from the environment, with their defaults."""
    tree = ast.parse((ROOT / "marquee/settings.py").read_text())
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in READ_BY:
            default = call.args[1] if len(call.args) > 1 else ""
            yield call.args[0].value, getattr(default, "value", "")


def documented():
    """Return the default of each variable in docs/settings.md."""
    rows = re.findall(
        r"^\| `(\w+)` \|([^|]*)\|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
    )
    return {name: default.strip("` ") for name, default in rows}


def test_every_setting_is_documented_and_nothing_else_is():
    secrets = ("SECRET_KEY", "JWT_SIGNING_KEY", "SECOND_FACTOR_KEY", "EMAIL_HOST_PASSWORD")
    files = {f"{name}_FILE" for name in secrets}
    names = {name for name, _ in variables()} | files

    assert set(documented()) == names


@pytest.mark.parametrize(
    ("name", "default"), [(name, value) for name, value in variables() if value and value != ""]
)
def test_the_documented_default_is_the_real_one(name, default):
    assert documented()[name] == str(default)


# A value that each variable must refuse. Those without one accept any text.
BAD = {
    "ACCESS_LOG": ["maybe"],
    "ALLOWED_HOSTS": ["https://box.example.org", "box.example.org:8000", "box.example.org/", "a b", ""],
    "SITE_URL": ["box.example.org", "https://box.example.org/", "https://a.example,https://b.example"],
    "CORS_ALLOWED_ORIGINS": ["box.example.org", "https://box.example.org/", "ftp://a.example"],
    "CSRF_TRUSTED_ORIGINS": ["box.example.org", "https://box.example.org/admin"],
    "DATABASE_URL": [
        "nonsense", "mysql://a:b@host/name", "postgres://a:p@ss:w@host:port/name", "postgres://host",
        "sqlite:////no/such/directory/marquee.sqlite3", "postgres://a:b@[::1/name",
    ],
    "BOOK_BEFORE_VERIFYING": ["maybe"],
    "DEBUG": ["maybe"],
    "EMAIL_BACKEND": ["", "sendmail", "anymail.backends.nonesuch.EmailBackend", "a..b", "marquee."],
    "EMAIL_HOST": ["smtp://mail.example.org", "mail.example.org:25", ""],
    "EMAIL_USE_SSL": ["maybe"],
    "EMAIL_USE_TLS": ["maybe"],
    "HTTPS": ["maybe"],
    "HOLD_MAX_MINUTES": ["0", "-1", "30 min", "999999"],
    "HOLD_MINUTES": ["0", "-1", "8 min", "999999"],
    "JWT_SIGNING_KEY": ["secret"],
    "LOG_LEVEL": ["verbose", ""],
    "LOG_FORMAT": ["xml", ""],
    "MAIL_FROM": [
        "", "box", "box@", "a@b@c.org", "a@x.org, b@x.org", "A <a@x.org>\nBcc: b@x.org", "A, B <a@x.org>",
    ],
    "MAIL_REPLY_TO": ["box", "a@x.org,b@x.org", "a@x.org\n"],
    "METRICS_ADDRESS": ["http://127.0.0.1", "127.0.0.1:9100", ""],
    "REQUIRE_SECOND_FACTOR": ["staff", "manager;gate", "manager,,owner"],
    "SECOND_FACTOR_KEY": ["secret"],
    "SECRET_KEY": ["secret"],
    "SQL_THROUGH_DJANGO": ["maybe"],
}  # fmt: skip
NUMBERS = ["", "-1", "ten", "1.5", "9" * 5000, str(10**12)]
# Any text may be right, or the file beside it decides.
ANY_TEXT = {"EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"}
KINDS = {
    name: NUMBERS
    for name, default in variables()
    if isinstance(default, int) and default is not False
}


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in (KINDS | BAD).items() for value in values],
)
def test_a_bad_value_stops_the_start_with_a_sentence_that_names_the_variable(
    name, value, monkeypatch
):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as stop:
        runpy.run_path(str(ROOT / "marquee/settings.py"))
    sentence = str(stop.value)
    assert name in sentence
    assert len(sentence) < 400
    assert "p@ss" not in sentence


def test_every_variable_is_tried():
    assert {name for name, _ in variables()} - ANY_TEXT == (KINDS | BAD).keys()


def settings_with(monkeypatch, **environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "marquee/settings.py"))


def refusal(monkeypatch, **environment):
    with pytest.raises(ImproperlyConfigured) as stop:
        settings_with(monkeypatch, **environment)
    return str(stop.value)


def test_both_kinds_of_tls_at_once_are_refused(monkeypatch):
    said = refusal(monkeypatch, EMAIL_USE_TLS="1", EMAIL_USE_SSL="1")
    assert "EMAIL_USE_TLS and EMAIL_USE_SSL are both 1" in said


def test_passwords_of_mail_are_read_from_files_that_are_private(monkeypatch, tmp_path):
    file = tmp_path / "password"
    file.write_text("short\n")
    file.chmod(0o600)
    names = {"EMAIL_HOST_PASSWORD_FILE": str(file), "ANYMAIL_MAILGUN_API_KEY_FILE": str(file)}
    found = settings_with(monkeypatch, ANYMAIL_MAILGUN_SENDER_DOMAIN="mg.example.org", **names)

    assert found["EMAIL_HOST_PASSWORD"] == "short"
    assert found["ANYMAIL"] == {
        "MAILGUN_API_KEY": "short",
        "MAILGUN_SENDER_DOMAIN": "mg.example.org",
    }

    file.chmod(0o644)
    assert "Every user of this machine may read" in refusal(monkeypatch, **names)
    file.unlink()
    assert f"EMAIL_HOST_PASSWORD_FILE names {file}, which does not exist" in refusal(
        monkeypatch, **names
    )


@pytest.mark.parametrize(
    "value",
    ["box@example.org", "Gartenbau <box@example.org>", '"Kino, Wien" <box@example.org>', "Köln <a@b.de>"],
)  # fmt: skip
def test_senders_may_have_a_name(monkeypatch, value):
    assert settings_with(monkeypatch, MAIL_FROM=value)["MAIL_FROM"] == value


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("smtp", "django.core.mail.backends.smtp.EmailBackend"),
        ("console", "marquee.mail.console.EmailBackend"),
        ("anymail.backends.test.EmailBackend", "anymail.backends.test.EmailBackend"),
    ],
)
def test_backends_have_short_names_or_paths(monkeypatch, value, path):
    assert settings_with(monkeypatch, EMAIL_BACKEND=value)["EMAIL_BACKEND"] == path


@pytest.mark.parametrize(
    "command", [["manage.py", "migrate"], ["manage.py", "run_worker"], ["-m", "marquee.serve"]]
)
def test_commands_print_the_sentence_and_no_traceback(command):
    run = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=os.environ | {"SEAT_LIMIT": "many"}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith(
        "Marquee does not start. SEAT_LIMIT is 'many': write a whole number"
    )
    assert run.stderr.count("\n") == 1


def test_a_key_file_that_is_missing_is_named(tmp_path):
    file = tmp_path / "key"
    environment = {name: value for name, value in os.environ.items() if name != "SECRET_KEY"}
    run = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env=environment | {"SECRET_KEY_FILE": str(file), "DJANGO_SETTINGS_MODULE": "marquee.settings"}, capture_output=True, text=True,
    )  # fmt: skip
    assert run.returncode == 1
    assert f"There is no secret key in {file}, which does not exist" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--port", "99999"], "99999 is no port"),
        (["--host", "no.such.host.invalid"], "is no address"),
    ],
)
def test_a_port_or_an_address_that_cannot_be_is_a_sentence_too(options, said):
    run = subprocess.run(
        [sys.executable, "-m", "marquee.serve", *options],
        cwd=ROOT, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode != 0
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_a_database_that_is_not_there_is_a_sentence_too():
    nowhere = {"DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/marquee"}
    run = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT, env=os.environ | nowhere, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 1
    assert run.stderr.startswith("The database refused (look at DATABASE_URL")
    assert "Traceback" not in run.stderr


def test_administrators_need_a_second_factor_behind_https_unless_the_setting_says_otherwise(
    monkeypatch,
):
    demanded = [
        settings_with(monkeypatch, HTTPS=https, SITE_URL="https://a.example", **given)[
            "REQUIRE_SECOND_FACTOR"
        ]
        for given in ({}, {"REQUIRE_SECOND_FACTOR": ""}, {"REQUIRE_SECOND_FACTOR": "gate, manager"})
        for https in "01"
    ]

    assert demanded == [set(), {"administrator"}, set(), set(), *[{"gate", "manager"}] * 2]
