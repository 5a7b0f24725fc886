"""QR codes as paths of SVG, which stand in a page without styles and scripts."""

from itertools import groupby
from typing import NamedTuple

import segno

# Readers need four light modules around the code (ISO/IEC 18004), also on a dark page.
QUIET_ZONE = 4


class QRCode(NamedTuple):
    """A QR code: the length of its square with the quiet zone, in modules, and the path of the dark ones."""

    size: int
    path: str


def qr_code(text: str) -> QRCode:
    """Return the QR code of a text. Level M, which segno raises where the code stays as small."""
    rows = list(segno.make_qr(text, error="m").matrix_iter(border=QUIET_ZONE))
    return QRCode(len(rows), "".join(_row(y, bytes(row)) for y, row in enumerate(rows)))


def _row(y: int, modules: bytes) -> str:
    """Return a rectangle for each run of dark modules."""
    path, x = "", 0
    for is_dark, run in groupby(modules):
        length = len(list(run))
        path += f"M{x} {y}h{length}v1h-{length}z" if is_dark else ""
        x += length
    return path
