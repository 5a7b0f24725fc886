"""Restrict files to their owner: databases, keys, and the demo's passwords.

Other users of the machine must not read bookings and sessions.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

GROUP_AND_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# A database file, and what SQLite writes beside it: the WAL, its index, and a rollback journal.
SQLITE_SUFFIXES = ("", "-wal", "-shm", "-journal")


def restrict_directory(directory: Path) -> None:
    """Remove other users' permissions from a directory and its files, and from files written later.

    Files of another owner stay as they are.
    """
    os.umask(GROUP_AND_OTHERS)
    for path in (directory, *directory.rglob("*")):
        _restrict(path)


def restrict_sqlite_files(name: str) -> None:
    """Remove other users' permissions from the files of an SQLite database."""
    for suffix in SQLITE_SUFFIXES:
        _restrict(Path(f"{name}{suffix}"))


def _restrict(path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # SQLite may delete its WAL meanwhile
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & GROUP_AND_OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~GROUP_AND_OTHERS)
