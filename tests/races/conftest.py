import pytest

from marquee.core import transactions
from marquee.core.cache import clear_caches
from tests.races import audit, interleave, scenario

MAX_ATTEMPTS = transactions.MAX_ATTEMPTS


@pytest.fixture
def history(transactional_db):
    """Record every version of every claim for `audit.check`."""
    clear_caches()  # ids of rows that another test rolled back are used again
    scenario.shared_show.cache_clear()
    with audit.kept_history():
        yield
        interleave.disconnect()


@pytest.fixture(autouse=True)
def no_retries(monkeypatch):
    """Let a deadlock fail the race that has it: a retry would hide it."""
    monkeypatch.setattr(transactions, "MAX_ATTEMPTS", 1)


@pytest.fixture
def with_retries(monkeypatch, no_retries):
    """Retry after a deadlock, as in production."""
    monkeypatch.setattr(transactions, "MAX_ATTEMPTS", MAX_ATTEMPTS)
