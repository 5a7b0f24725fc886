"""Files in var/, and an SQLite database anywhere, are accessible to their owner alone."""

import os
import secrets
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from marquee import file_permissions

ROOT = Path(__file__).parents[1]


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(autouse=True)
def as_systems_are(monkeypatch):
    """Make new files readable by all, as most systems do."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def start(**environment):
    """Load the settings in another process, and open the database."""
    code = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "connection.cursor().execute('CREATE TABLE IF NOT EXISTS x (y)')\n"
        "open('made_later', 'w').close()\n"
        "connection.cursor().execute('INSERT INTO x VALUES (1)')\n"
        "import glob, os; print({f: oct(os.stat(f).st_mode) for f in glob.glob('*')})\n"
    )
    usual = {"SECRET_KEY": secrets.token_urlsafe(50), "DJANGO_SETTINGS_MODULE": "marquee.settings"}
    names = ("SECRET_KEY_FILE", "JWT_SIGNING_KEY", "JWT_SIGNING_KEY_FILE")
    inherited = {name: value for name, value in os.environ.items() if name not in names}
    directory = environment.pop("cwd")
    return subprocess.run(
        [sys.executable, "-c", code],
        env=inherited | usual | {"PYTHONPATH": str(ROOT)} | environment,
        cwd=directory,
        capture_output=True,
        text=True,
    )


def test_other_users_lose_access_to_a_directory_and_its_files(tmp_path):
    var = tmp_path / "var"
    (var / "posters").mkdir(parents=True)
    files = [var / "marquee.sqlite3", var / "secret_key", var / "posters" / "1.webp"]
    for file in files:
        file.touch()
    outside = tmp_path / "outside"
    outside.touch()
    (var / "link").symlink_to(outside)
    assert mode(var) == 0o755
    assert mode(files[0]) == 0o644

    file_permissions.restrict_directory(var)

    assert [mode(path) for path in (var, var / "posters")] == [0o700] * 2
    assert [mode(file) for file in files] == [0o600] * 3
    assert mode(outside) == 0o644
    (var / "new").touch()
    assert mode(var / "new") == 0o600


def test_a_missing_directory_is_no_error(tmp_path):
    file_permissions.restrict_directory(tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_an_sqlite_database_is_its_owners_alone_wherever_it_is(tmp_path):
    with closing(sqlite3.connect(tmp_path / "old.sqlite3")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE a (b)")
        files = sorted(tmp_path.iterdir())
        assert len(files) == 3
        assert {mode(file) for file in files} == {0o644}
        run = start(DATABASE_URL=f"sqlite:///{tmp_path / 'old.sqlite3'}", cwd=tmp_path)
        assert run.returncode == 0, run.stderr
        assert {mode(file) for file in files} == {0o600}


def test_files_made_at_start_are_their_owners_alone(tmp_path):
    run = start(DATABASE_URL=f"sqlite:///{tmp_path / 'new.sqlite3'}", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("new.sqlite3") == 3
    assert "made_later" in run.stdout
    assert run.stdout.count("0o100600") == 4


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SIGNING_KEY"])
def test_a_key_that_can_be_guessed_stops_the_start(tmp_path, name):
    run = start(**{name: "a"}, cwd=tmp_path)
    assert run.returncode
    assert f"The key in {name} can be guessed" in run.stderr.splitlines()[-1]


def test_two_equal_keys_stop_the_start(tmp_path):
    key = secrets.token_urlsafe(50)
    run = start(SECRET_KEY=key, JWT_SIGNING_KEY=key, cwd=tmp_path)
    assert run.returncode
    assert "JWT_SIGNING_KEY is SECRET_KEY" in run.stderr.splitlines()[-1]


def test_a_key_for_tokens_comes_from_a_file_too(tmp_path):
    file = tmp_path / "key"
    file.touch(mode=0o600)
    file.write_text(secrets.token_urlsafe(50))
    url = f"sqlite:///{tmp_path / 'x.sqlite3'}"
    assert start(JWT_SIGNING_KEY_FILE=str(file), DATABASE_URL=url, cwd=tmp_path).returncode == 0
    file.chmod(0o644)
    run = start(JWT_SIGNING_KEY_FILE=str(file), DATABASE_URL=url, cwd=tmp_path)
    assert "Every user of this machine may read" in run.stderr.splitlines()[-1]
