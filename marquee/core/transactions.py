"""Transactions that try again where trying again is right, and only there."""

import random
import time
from collections.abc import Callable
from functools import partial, wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

Result = TypeVar("Result")
Parameters = ParamSpec("Parameters")

# PostgreSQL ended the transaction to let another go on; nothing of it was kept, so it may be
# run again: serialization_failure, deadlock_detected (SQLSTATE class 40). A lost connection is
# not among them: at commit nobody knows whether it was kept (DESIGN 5).
RETRYABLE_SQLSTATES = {"40001", "40P01"}
MAX_ATTEMPTS = 5
BACKOFF_SECONDS = 0.01


def run_in_transaction(func: Callable[[], Result]) -> Result:
    """Run the work in a transaction of its own, again when it fell to a deadlock, and return it.

    Inside another transaction it runs once, as a part of that one. Raises what the work raises,
    and OperationalError when the database is away, too slow, or deadlocks again and again.
    """
    tries = 1 if connection.in_atomic_block else MAX_ATTEMPTS
    for failures in range(1, tries):
        try:
            return _run(func)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) not in RETRYABLE_SQLSTATES:
                raise
            # Jitter, or the same two would meet again.
            time.sleep(random.uniform(0, BACKOFF_SECONDS * 2**failures))  # noqa: S311
    return _run(func)


def _run(func: Callable[[], Result]) -> Result:
    with transaction.atomic():
        return func()


def transactional(operation: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate an operation that owns its transaction: each call runs as `run_in_transaction` runs work.

    Run again, it gets the same arguments, so it must not consume or change them.
    """

    @wraps(operation)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return run_in_transaction(partial(operation, *args, **kwargs))

    return run
