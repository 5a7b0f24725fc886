"""Files that no other user of the machine may read: bookings, sessions, keys, passwords of the demo."""

import os
import stat
from contextlib import suppress
from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What SQLite writes beside a database: its log, the index of that, and a journal while it migrates.
BESIDE = ("", "-wal", "-shm", "-journal")


def keep(directory: Path) -> None:
    """Take a directory and all that is in it from everybody else, now and for this process's time.

    Files of another owner stay as they are.
    """
    os.umask(OTHERS)
    for path in (directory, *directory.rglob("*")):
        _close(path)


def keep_sqlite(name: str) -> None:
    """Do the same for an SQLite database, wherever it is."""
    for end in BESIDE:
        _close(Path(f"{name}{end}"))


def _close(path: Path) -> None:
    with suppress(FileNotFoundError, PermissionError):  # SQLite has removed its log meanwhile
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & OTHERS:
            path.chmod(stat.S_IMODE(mode) & ~OTHERS)
