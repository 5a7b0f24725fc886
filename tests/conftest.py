"""What every test stands on: the database file, the usual ticket types, and no network."""

import ipaddress
import sys
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models.signals import post_migrate
from hypothesis import settings as hypothesis_settings

from marquee.core.cache import clear_caches
from marquee.server import tuning

# A slow disk is no reason to fail.
hypothesis_settings.register_profile("marquee", deadline=None)
hypothesis_settings.load_profile("marquee")


def pytest_configure() -> None:
    """Before tests are collected: tune as in production, forbid the network, keep the ticket types."""
    tuning.apply()
    sys.addaudithook(refuse_the_network)
    post_migrate.connect(add_ticket_types, sender=apps.get_app_config("catalog"))


def refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise when anything would connect, or ask for a name, beyond this machine."""
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # or a Unix socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_here(host):
        raise RuntimeError(f"A test wants to reach {host}: tests use no network.")


def is_here(host: str | bytes | None) -> bool:
    """Say whether an address or a name is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    try:
        return name in {None, "", "localhost"} or ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def add_ticket_types(**signal: Any) -> None:
    """Put back what a migration added, after a test with real transactions emptied every table."""
    if "plan" not in signal:  # only a migration has a plan, and does it itself
        migrations = "marquee.catalog.migrations"
        import_module(f"{migrations}.0002_no_overlap_and_ticket_types").add_ticket_types(apps, None)
        import_module(f"{migrations}.0004_restricted_tickets").restrict_carers(apps, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Put SQLite's test database in a file, so that threads race for it as they would in life.

    The default, memory, is one connection shared by all.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        file = tmp_path_factory.mktemp("database") / "marquee.sqlite3"
        database["TEST"] = database.get("TEST", {}) | {"NAME": str(file)}


@pytest.fixture(autouse=True)
def forget_plans_and_prices() -> None:
    """Forget what memory keeps: the next test's rows may have the keys of those rolled back."""
    clear_caches()
