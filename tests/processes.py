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
            state, parent, *_ = _stat(pid)
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
        return str(Path(f"/proc/{pid}/cwd").readlink())
    return None


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def kill(pids: Iterable[int]) -> None:
    """Send `kill -9` to each at once, and wait until they are gone. Raises RuntimeError."""
    pids = list(pids)
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await_end(pids)


def kill_with_children(pid: int) -> None:
    """Send `kill -9` to a process and to all below it at once; wait until they are gone. Raises RuntimeError.

    They are stopped first, parents before children: else one is started while we look, and outlives them all.
    """
    found = [pid]
    for one in found:
        _stop(one)
        found += children().get(one, [])
    kill(found)


def _stop(pid: int) -> None:
    with suppress(OSError):
        os.kill(pid, signal.SIGSTOP)
        while _stat(pid)[0] not in {"T", "Z", "X"}:
            time.sleep(0.001)


def await_end(pids: list[int]) -> None:
    """Wait until all of these are gone. Raises RuntimeError."""
    deadline = time.monotonic() + SECONDS_TO_DIE
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Processes that do not end: {pids}")
        time.sleep(0.002)


def is_alive(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be buried does not.

    Its first thread may be dead while others still are, and hold its files and its port: for some
    ten milliseconds, or longer where the machine is busy.
    """
    with suppress(OSError):
        is_dead = _stat(pid)[0] in {"Z", "X"}
        return not is_dead or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    return False


def _stat(pid: int) -> list[str]:
    """Return a process's state, parent and so on: what follows its name, which may be anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
