import pytest

from marquee.core.memory import forget
from tests.races import books, interleave, stage


@pytest.fixture
def history(transactional_db):
    """Keep every version of every claim, so that `books.check` can read them."""
    forget()  # keys of rows that another test rolled back come again
    stage.house.cache_clear()
    with books.kept_history():
        yield
        interleave.disconnect()
