"""Change a row of the catalog only if it has not changed since somebody read it."""

from collections.abc import Callable
from typing import TypeVar

from marquee.catalog.locks import lock_catalog
from marquee.core.transactions import transactional

Result = TypeVar("Result")


@transactional
def if_unchanged(*, check: Callable[[], None], change: Callable[[], Result]) -> Result:
    """Run a check, which may refuse, and then an operation of the catalog; return its result.

    Nobody else changes the catalog in between. Refuses as the check and the operation do.
    """
    lock_catalog()
    check()
    return change()
