"""A PostgreSQL that can be killed, cut from its power, and told another time."""

import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from tests import postgres, processes
from tests.server import free_port

SECONDS_TO_START = 60
# Ends the server when our end of the pipe closes, which the kernel sees to however we end.
GUARDIAN = """
exec 3<&0
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT $server; } & watch=$!
wait $server
kill $watch
"""
# As in production, but small: its promises about the disk are the defaults.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": 100,
    "io_method": "sync",
    "dynamic_shared_memory_type": "mmap",  # so that a kill leaves nothing in /dev/shm
    "shared_buffers": "16MB",
    "min_wal_size": "4MB",
    "max_wal_size": "8MB",  # checkpoints, and segments recycled, within seconds
    "autovacuum_naptime": "1s",
}


class Cluster:
    """One database cluster in `directory/files`, and the server that serves it, if any."""

    def __init__(self, directory: Path, like: "Cluster | None" = None) -> None:
        """Make the cluster, with a database; or copy one that is stopped. It serves."""
        self.directory, self.files = directory, directory / "files"
        self.who = postgres.unprivileged()
        self.settings: dict[str, object] = dict(SETTINGS)
        self.port, self.password = free_port(), secrets.token_urlsafe(16)
        self.server: subprocess.Popen[bytes] | None = None
        self.environment: dict[str, str] = {}
        if self.who:
            os.chown(directory, self.who["user"], self.who["group"])
        self.programs = postgres._programs(directory, self.who)  # noqa: SLF001 (our own)
        if like is None:
            self._make()
        else:
            self.password = like.password
            subprocess.run(["cp", "-a", like.files, self.files], check=True)
            self.start()

    @property
    def url(self) -> str:
        """The DATABASE_URL."""
        return self._address("marquee")

    def _address(self, name: str) -> str:
        return f"postgres://marquee:{self.password}@127.0.0.1:{self.port}/{name}"

    def _make(self) -> None:
        secret = self.directory / "password"
        secret.write_text(self.password)
        if self.who:  # whatever the umask
            os.chown(secret, self.who["user"], self.who["group"])
        command: list[str | Path] = [self.programs / "initdb", "--pgdata", self.files]
        command += ["--username=marquee", "--auth=scram-sha-256", f"--pwfile={secret}"]
        command += ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1"]
        made = subprocess.run(
            command, cwd=self.directory, capture_output=True, text=True, check=False, **self.who
        )
        if made.returncode:
            raise RuntimeError(f"PostgreSQL's initdb failed:\n{made.stdout}{made.stderr}")
        self.start()
        with psycopg.connect(self._address("postgres"), autocommit=True) as server:
            server.execute("CREATE DATABASE marquee")

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        """Serve, with more variables set, and return once it answers. Raises RuntimeError."""
        if environment is not None:
            self.environment = dict(environment)
        options = self.settings | {"port": self.port, "unix_socket_directories": self.directory}
        command: list[str | Path] = ["sh", "-c", GUARDIAN, "guardian"]
        command += ["env", *(f"{name}={value}" for name, value in self.environment.items())]
        command += [self.programs / "postgres", "-D", self.files]
        command += [f"--{name}={value}" for name, value in options.items()]
        with (self.directory / "log").open("ab") as log:
            self.server = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                start_new_session=True,
                **self.who,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline and self.server and self.server.poll() is None:
            with suppress(psycopg.OperationalError):
                psycopg.connect(self._address("postgres"), connect_timeout=5).close()
                return
            time.sleep(0.02)
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log()[-3000:]}")

    def log(self) -> str:
        """Return what the server has said so far."""
        return (self.directory / "log").read_text(errors="replace")

    def kill(self) -> None:
        """Kill -9 the postmaster and every backend, all at once; return when all are gone."""
        home = self.files.resolve()
        for pid in self._postmaster():
            os.kill(pid, signal.SIGSTOP)  # so that it starts no further one meanwhile
        while pids := processes.at_home_in(home):
            processes.kill(pids)
        self._bury()

    def stop(self) -> None:
        """Stop the server cleanly, if it runs: what it has is then all in its files."""
        for pid in self._postmaster():
            os.kill(pid, signal.SIGINT)
        self._bury()

    def remove(self) -> None:
        """Kill the server, and remove all there is."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _postmaster(self) -> list[int]:
        """Return the postmaster, if it runs: of those at home in the data, it is the guardian's."""
        if self.server is None or self.server.poll() is not None:
            return []
        home = set(processes.at_home_in(self.files.resolve()))
        return [pid for pid in processes.below(self.server.pid) if pid in home][:1]

    def _bury(self) -> None:
        if self.server is not None:
            if self.server.stdin:
                self.server.stdin.close()
            self.server.wait(timeout=SECONDS_TO_START)
        self.server = None

    def connect(self, **options: Any) -> "psycopg.Connection[Any]":
        """Return a connection of one's own to the database."""
        return psycopg.connect(self.url, **options)
