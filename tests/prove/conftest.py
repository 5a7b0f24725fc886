import pytest

from tests.prove.history_builder import HistoryBuilder


@pytest.fixture
def builder():
    return HistoryBuilder()
