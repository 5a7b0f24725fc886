"""Time zone data of our own: what the rules of a zone may be one day."""

import struct
import zoneinfo
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

NAMES = b"CET\0CEST\0"
TYPES = struct.pack(">lbb", 3600, 0, 0) + struct.pack(">lbb", 7200, 1, 4)  # CET, CEST
FORWARD, BACK = 1, 0
UNTIL_2026 = [
    change
    for year in range(2000, 2027)
    for change in (
        (datetime(year, 3, 31 - (5 * year // 4 + 4) % 7, 1, tzinfo=UTC), FORWARD),
        (datetime(year, 10, 31 - (5 * year // 4 + 1) % 7, 1, tzinfo=UTC), BACK),
    )
]


@contextmanager
def rules_of(
    zone: str, folder: Path, *changes: tuple[datetime, int], after: str = "CET-1"
) -> Iterator[None]:
    """Give a zone the clock of Vienna until 2026, then these changes, and then the rule `after`."""
    file = folder / zone
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_tzif([*UNTIL_2026, *changes], after))
    zoneinfo.reset_tzpath([str(folder), *zoneinfo.TZPATH])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath()
        zoneinfo.ZoneInfo.clear_cache()


def _tzif(changes: Sequence[tuple[datetime, int]], after: str) -> bytes:
    """Return a file of RFC 9636, version 2: an empty first block, then one with 64-bit times."""
    times = b"".join(struct.pack(">q", int(at.timestamp())) for at, _ in changes)
    kinds = bytes(kind for _, kind in changes)
    body = times + kinds + TYPES + NAMES
    return _header(0, 0, 0) + _header(len(changes), 2, len(NAMES)) + body + f"\n{after}\n".encode()


def _header(times: int, types: int, characters: int) -> bytes:
    return b"TZif2" + bytes(15) + struct.pack(">6l", 0, 0, 0, times, types, characters)
