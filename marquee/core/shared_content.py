"""Responses whose long content many clients get: it is in a file as well, from which a server may send it.

Otherwise each client that reads slowly holds a copy of it.
"""

import os
from functools import cache
from typing import Any

from django.http import HttpResponse


class SharedResponse(HttpResponse):
    """A response with a content that stays the same as long as the process lives."""

    def __init__(self, content: bytes, **options: Any) -> None:
        super().__init__(content, **options)
        self.file_name = _file_of(content)


@cache
def _file_of(content: bytes) -> str:
    """Return the name of a file with this content, in memory; blank where there is none, as on macOS."""
    if not hasattr(os, "memfd_create"):
        return ""
    descriptor = os.memfd_create("shared")
    with open(descriptor, "wb", closefd=False) as file:
        file.write(content)
    return f"/proc/self/fd/{descriptor}"
