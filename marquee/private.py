"""Keep files from other users of the machine: bookings, sessions, keys, passwords of the demo."""

import os
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Files that SQLite writes beside a database: WAL, its index, and a rollback journal.
BESIDE = ("", "-wal", "-shm", "-journal")


def keep(directory: Path) -> None:
    """Remove other users' permissions from a directory and its files, and from files written later.

    Files of another owner stay as they are.
    """
    os.umask(OTHERS)
    for path in (directory, *directory.rglob("*")):
        _close(path)


def keep_sqlite(name: str) -> None:
    """Remove other users' permissions from the files of an SQLite database."""
    for end in BESIDE:
        _close(Path(f"{name}{end}"))


def _close(path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # SQLite may delete its WAL meanwhile
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)
