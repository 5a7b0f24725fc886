"""The files in which processes count: space for those that start, and one file for all that have ended."""

import logging
import os
import struct
from collections import defaultdict
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)

KINDS = ("counter", "histogram")
# Enough for each method of each route.
SPACE = 2 * 1024 * 1024
ENDED = "ended"  # where the files of others have the id of their process


def reserve(directory: Path) -> bool:
    """Make the files of this process, with all their space. Say whether it can count.

    prometheus_client maps files that have no space on the disk yet: once that is full, counting kills the process.
    """
    try:
        for kind in KINDS:
            with suppress(FileExistsError):  # of a process that had the same id
                _make(directory / f"{kind}_{os.getpid()}.db")
    except OSError as problem:
        logger.warning("Requests are not counted: %s", problem.strerror)
        return False
    return True


def _make(file: Path) -> None:
    with file.open("xb") as opened:
        try:
            opened.write(bytes(SPACE))
            opened.flush()
        except OSError:
            file.unlink()
            raise


def add_up(directory: Path) -> None:
    """Add what ended processes counted to the file of their kind, and remove theirs. On a full disk, keep them."""
    for kind in KINDS:
        ended = [file for file in directory.glob(f"{kind}_*.db") if _has_ended(file)]
        if ended:
            with suppress(OSError):
                _add_up(directory / f"{kind}_{ENDED}.db", ended)


def _has_ended(file: Path) -> bool:
    """Say whether the process of a file has ended. While another one has its id, the file waits."""
    of = file.stem.rpartition("_")[2]
    if not of.isdigit():
        return False
    try:
        os.kill(int(of), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # another user's
        return False
    return False


def _add_up(kept: Path, ended: list[Path]) -> None:
    files: Any = import_module("prometheus_client.mmap_dict").MmapedDict
    sums: defaultdict[str, float] = defaultdict(float)
    for file in [kept, *ended]:
        if file.exists() and file.stat().st_size:
            for key, value, *_ in files.read_all_values_from_file(str(file)):
                sums[key] += value
    new = kept.with_suffix(".new")
    new.write_bytes(packed(sums))
    new.replace(kept)
    for file in ended:
        file.unlink()


def packed(values: dict[str, float]) -> bytes:
    """Return numbers as prometheus_client keeps them in a file; its own class would map it, as above."""
    head, entries = struct.Struct("i4x"), b""
    for key, value in values.items():
        text = key.encode()
        padding = b" " * (8 - (len(text) + 4) % 8)
        width = len(text) + len(padding)
        entries += struct.pack(f"i{width}sdd", len(text), text + padding, value, 0.0)
    return head.pack(head.size + len(entries)) + entries
