import pytest
from django.core.management import call_command

from marquee.core.cache import clear_caches


@pytest.fixture(autouse=True)
def temporary_var(settings, tmp_path):
    """Write passwords to a directory of the test, and clear the caches of seat plans and prices."""
    settings.VAR_DIR = tmp_path
    clear_caches()
    yield
    clear_caches()


@pytest.fixture
def load_demo(db, capsys):
    def load(*arguments):
        call_command("load_demo", "--today=2026-03-27", *arguments)
        return capsys.readouterr().out

    return load
