"""Every operation of the API, as the schema tells of them, with addresses that lead somewhere."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")
# A row of the small world that no test needs to exist: who refuses a request looks before.
ANY = {"reference": "K7Q2MXW4"}


class Operation(NamedTuple):
    """One method of one address."""

    method: str
    path: str
    needs_token: bool
    takes_body: bool

    @property
    def address(self) -> str:
        """The path with an id, or a reference, in each of its places."""
        head, *places = self.path.split("{")
        rest = (place.partition("}") for place in places)
        return head + "".join(ANY.get(name, "1") + tail for name, _, tail in rest)

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"


@cache
def schema() -> dict[str, Any]:
    """Return the schema of the API."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return schema


def operations() -> Iterator[Operation]:
    """Yield every operation."""
    for path, item in schema()["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                yield Operation(
                    method, path, bool(operation.get("security")), "requestBody" in operation
                )
