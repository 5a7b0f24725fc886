"""What processes have used, from the kernel's accounts (proc(5))."""

import os
from pathlib import Path

import psycopg

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


class ProcessTree:
    """A process and all that come from it."""

    def __init__(self, root: int) -> None:
        self.root = root

    @classmethod
    def of_postgresql(cls, url: str) -> "ProcessTree":
        """Return the tree of the server behind this URL: backends and its other processes."""
        with psycopg.connect(url) as server:
            return cls(_parent(server.info.backend_pid))

    def cpu(self) -> float:
        """Return the seconds of CPU used so far, by those that have ended, too."""
        return sum(sum(map(int, _stat(pid)[11:15])) for pid in self._members()) / TICKS

    def memory_mb(self) -> float:
        """Return the megabytes that are resident, what is shared counted once for each."""
        return sum(int(_stat(pid)[21]) for pid in self._members()) * PAGE_MB

    def _members(self) -> list[int]:
        parents = {pid: _parent(pid) for pid in _running()}
        members = {self.root}
        while more := {pid for pid, parent in parents.items() if parent in members} - members:
            members |= more
        return [pid for pid in members if pid in parents]


def _running() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """Return the fields of a process after its name; zeros when it has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ["0"] * 50


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])
