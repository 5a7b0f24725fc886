"""Which member of staff acts in this thread, or which operator of the server: for the audit log.

The doors say so once they have checked the rights: the API's permissions, and every page of Django's
admin. So no operation can be called by staff without it, and none needs another parameter. A command of
`manage.py` says so by `core/commands.py`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_staff: ContextVar[int | None] = ContextVar("staff", default=None)
_operator: ContextVar[str] = ContextVar("operator", default="")


def act_as_staff(user_id: int) -> None:
    """Say that a member of staff acts, until `forget_staff`."""
    _staff.set(user_id)


def forget_staff() -> None:
    """Say that no member of staff acts any more. Every door does so when its request ends."""
    _staff.set(None)


def acting_staff() -> int | None:
    """Return the id of the member of staff who acts, or None: a customer, the worker, or a script."""
    return _staff.get()


def acting_operator() -> str:
    """Return the command that an operator of the server runs, and as whom; blank without one."""
    return _operator.get()


def is_recorded() -> bool:
    """Return whether the audit log records what is done now."""
    return acting_staff() is not None or acting_operator() != ""


@contextmanager
def acting_as_operator(command: str) -> Iterator[None]:
    """Say that an operator runs a command in this block."""
    token = _operator.set(command)
    try:
        yield
    finally:
        _operator.reset(token)


@contextmanager
def acting_as_staff(user_id: int) -> Iterator[None]:
    """Say that a member of staff acts in this block."""
    token = _staff.set(user_id)
    try:
        yield
    finally:
        _staff.reset(token)
