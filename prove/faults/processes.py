"""Processes: who they are, and how they end without a word."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

SECONDS_TO_DIE = 20


def children() -> dict[int, list[int]]:
    """Return which processes each process has started and that still are."""
    found: dict[int, list[int]] = {}
    for pid in _pids():
        with suppress(OSError, ValueError):
            # The name stands in parentheses and may hold spaces; the parent is the second after.
            state, parent, *_ = (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[
                2
            ].split()
            if state != "Z":
                found.setdefault(int(parent), []).append(pid)
    return found


def below(pid: int) -> list[int]:
    """Return a process's children, their children, and so on, parents first."""
    by_parent, found = children(), [pid]
    for one in found:
        found += by_parent.get(one, [])
    return found[1:]


def at_home_in(directory: Path) -> list[int]:
    """Return the processes whose working directory this is, as PostgreSQL's is its data's."""
    return [pid for pid in _pids() if _home(pid) == str(directory)]


def _home(pid: int) -> str | None:
    with suppress(OSError):
        return os.readlink(f"/proc/{pid}/cwd")
    return None


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def kill(pids: Iterable[int]) -> None:
    """Send `kill -9` to each at once, and wait until they are gone. Raises RuntimeError."""
    pids = list(pids)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS_TO_DIE
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Processes outlive kill -9: {pids}")
        time.sleep(0.002)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be buried does not."""
    with suppress(OSError):
        stat = (Path("/proc") / str(pid) / "stat").read_text()
        return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}
    return False
