"""Transactions that are retried after a deadlock, and only then; and reading one moment of the database."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection, transaction

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")

# serialization_failure and deadlock_detected (SQLSTATE class 40): PostgreSQL rolled the transaction
# back, so we may run it again. A lost connection is not retried: at COMMIT nobody knows whether the
# transaction committed (DESIGN 5).
RETRYABLE_SQLSTATES = {"40001", "40P01"}
MAX_ATTEMPTS = 5
BACKOFF_SECONDS = 0.01


def run_in_transaction(func: Callable[[], Result]) -> Result:
    """Run a function in a transaction and return its result; after a deadlock, run it again.

    Inside another transaction it runs once, as a part of that one. Raises what the function raises,
    and OperationalError when the database is down, times out, or deadlocks MAX_ATTEMPTS times.
    """
    attempts = 1 if connection.in_atomic_block else MAX_ATTEMPTS
    for failures in range(1, attempts):
        try:
            return _run(func)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in RETRYABLE_SQLSTATES:
                raise
            # Jitter, or the same two transactions would deadlock again.
            time.sleep(random.uniform(0, BACKOFF_SECONDS * 2**failures))  # noqa: S311
    return _run(func)


def _run(func: Callable[[], Result]) -> Result:
    with transaction.atomic():
        return func()


def transactional(operation: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate an operation that owns its transaction: `run_in_transaction` runs each call.

    A retry passes the same arguments, so the operation must not consume or change them.
    """

    @wraps(operation)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return run_in_transaction(partial(operation, *args, **kwargs))

    return run


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all statements of the block read the same moment of the database. It is no part of a transaction.

    PostgreSQL reads a snapshot, which keeps nobody waiting. SQLite takes its write lock, as all our
    transactions there do: so use it where reading without one did not work.
    """
    with transaction.atomic(durable=True):
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


# What reading ends with if a row that it knows of was removed before its next statement.
REMOVED = (ObjectDoesNotExist, KeyError)


def read_of_one_moment(read: Callable[[], Result]) -> Result:
    """Return what several statements read. If a row was removed between them, read again in a snapshot."""
    try:
        return read()
    except REMOVED:
        with snapshot():
            return read()
