"""What clients sent, what came back, and when: the one witness beside the database itself.

A file has one operation a line, as a JSON array in the order of Operation's fields, written as
soon as its outcome is known. Times are of this machine's monotonic clock, in nanoseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import orjson

BUFFER = 1 << 20


def visitor_number(visitor: str) -> int:
    """Return the `user` that stands for a visitor, by the id in its cookie: negative, unlike accounts."""
    return -(UUID(hex=visitor).int >> 76)


@dataclass(slots=True)
class Operation:
    """One request of one client, and its response.

    `responded_at` is 0 while nobody knows what came of it: not answered yet, or the connection was
    cut. `facts` is what the checker needs of the response, made by `clients.py`.
    """

    client: int
    user: int
    verb: str
    show: int = 0
    reference: str = ""
    key: str = ""
    ticket_requests: list[list[str]] = field(
        default_factory=list
    )  # [label or "", ticket type or ""]
    hold: bool = False
    sent: int = 0
    responded_at: int = 0
    status: int = 0
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    form: str = ""  # of a page: see `pages.py`. Blank: the API

    @property
    def is_accepted(self) -> bool:
        """Whether the server said that it did what was asked."""
        return self.responded_at != 0 and 200 <= self.status < 300

    @property
    def is_refused(self) -> bool:
        """Whether the server said that it did not do what was asked."""
        return self.responded_at != 0 and 300 <= self.status < 500

    @property
    def is_outcome_unknown(self) -> bool:
        """Whether it may have been done or not: cut, or a 5xx, which promises neither."""
        return self.responded_at == 0 or self.status >= 500

    @property
    def request(self) -> tuple[int, bool, tuple[tuple[str, ...], ...]]:
        """What the same key must stand for again."""
        return self.show, self.hold, tuple(tuple(request) for request in self.ticket_requests)

    def __str__(self) -> str:
        what = [f"#{self.number} client {self.client} user {self.user}: {self.verb}"]
        what += [f"show {self.show}"] * bool(self.show) + [self.reference] * bool(self.reference)
        what += [" ".join(request[0] or "any" for request in self.ticket_requests)] * bool(
            self.ticket_requests
        )
        what += ["held"] * self.hold + [f"key {self.key}"] * bool(self.key)
        what += [f"form {self.form}"] * bool(self.form)
        outcome = f"{self.status} {self.code}" if self.responded_at else "no response"
        said = self.facts.get("reference") or self.facts.get("seats") or ""
        took = f"{self.sent / 1e9:.4f} to {self.responded_at / 1e9:.4f}"
        return f"{' '.join(what)} -> {outcome} {said} ({took})"


def as_row(one: Operation) -> list[Any]:
    """Return an operation as it stands in a file."""
    return [
        one.client, one.user, one.verb, one.show, one.reference, one.key, one.ticket_requests, one.hold,
        one.sent, one.responded_at, one.status, one.code, one.facts, one.number, one.form,
    ]  # fmt: skip


class History:
    """A file of operations, in the order in which their outcomes became known."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.count = 0
        self._out = file.open("wb", buffering=BUFFER)

    def write(self, operation: Operation) -> None:
        """Add an operation whose outcome is known, or will never be."""
        self.count += 1
        operation.number = self.count
        self._out.write(orjson.dumps(as_row(operation)))
        self._out.write(b"\n")

    def __enter__(self) -> "History":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._out.close()


def read(file: Path) -> Iterator[Operation]:
    """Yield the operations of a file, as they were written."""
    with file.open("rb") as lines:
        for line in lines:
            yield Operation(*orjson.loads(line))
