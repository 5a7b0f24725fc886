"""A disk that keeps of each file what the last fsync asked for, and can be cut from its power.

What programs see is `files`; what a cut would leave is kept beside it, by shims/disk.c.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from prove.faults import shim
from tests.postgres import unprivileged

PRELOAD = "LD_PRELOAD"
# Names processes of before the cut, which after it would be others'.
STALE = "postmaster.pid"


class Disk:
    """The disk on which a directory lies. Programs must be started with its `environment`."""

    def __init__(self, files: Path) -> None:
        """Take what is in the files now for durable. Nobody may have them open."""
        self.files = files.resolve()
        self.beside = self.files.parent / "disk"
        self.durable, self.dirty = self.beside / "durable", self.beside / "dirty"
        self._library = shim.initial_shows("disk")
        shutil.rmtree(self.beside, ignore_errors=True)
        self.beside.mkdir()
        copy(self.files, self.durable)
        self._forget_dirt()

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables under which a program's files are on this disk."""
        return {
            PRELOAD: str(self._library),
            "DISK_SHIM_FILES": str(self.files),
            "DISK_SHIM_DISK": str(self.beside),
        }

    def cut(self) -> None:
        """Put back what is durable, after everybody was killed: what a restart would find."""
        for entry in self.files.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        (self.durable / STALE).unlink(missing_ok=True)
        copy(self.durable, self.files)
        self._forget_dirt()

    def _forget_dirt(self) -> None:
        """Nothing is dirty: the directories are there, without a bitmap in them."""
        shutil.rmtree(self.dirty, ignore_errors=True)
        for where, _, _ in os.walk(self.durable):
            place = self.dirty / Path(where).relative_to(self.durable)
            place.mkdir()
            _give_away(place)


def copy(source: Path, to: Path) -> None:
    """Copy a directory's contents, owners and rights and all."""
    subprocess.run(["cp", "-a", f"{source}/.", to], check=True)


def _give_away(place: Path) -> None:
    if who := unprivileged():
        os.chown(place, who["user"], who["group"])
