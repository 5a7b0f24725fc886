"""Set up every test: a database file, the default ticket types, and no network."""

import ipaddress
import os
import sys
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models.signals import post_migrate
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings

from marquee import settings as production
from marquee.core.cache import clear_caches
from marquee.server import tuning
from tests.journeys.chromium import MISSING as MISSING_CHROMIUM

# No deadline: a slow disk must not fail a test. CI tries other examples in each run, too.
hypothesis_settings.register_profile("marquee", deadline=None, derandomize=False)
hypothesis_settings.load_profile("marquee")


def pytest_configure() -> None:
    """Tune as in production, forbid the network, and restore the ticket types after each test."""
    tuning.apply()
    sys.addaudithook(forbid_network)
    let_tests_empty_the_audit_log()
    post_migrate.connect(add_ticket_types, sender=apps.get_app_config("catalog"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With WITH_DATABASE_ONLY, leave out the tests without a database: they ran on another engine.

    pytest-django lets a test touch the database only if it says so. A test whose own processes use the
    configured engine is marked `both_engines`.
    """
    if os.environ.get("WITH_DATABASE_ONLY"):
        config.hook.pytest_deselected(items=[item for item in items if not may_differ(item)])
        items[:] = filter(may_differ, items)


def may_differ(item: Any) -> bool:
    """Return whether a test may end differently on another engine."""
    return bool(
        {"db", "transactional_db", "django_db_setup"} & set(item.fixturenames)
        or item.get_closest_marker("django_db")
        or item.get_closest_marker("both_engines")
        or issubclass(item.cls or object, TransactionTestCase)
    )


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say in one line how to get a browser, where the journeys were skipped for want of one."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(MISSING_CHROMIUM in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"Skipped: {MISSING_CHROMIUM}", yellow=True)


def forbid_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise when a test connects to, or looks up, a host other than this machine."""
    if event in {"socket.connect", "socket.sendto"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else "localhost"  # or a Unix socket
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not is_this_machine(host):
        raise RuntimeError(f"A test connects to {host}, but tests use no network.")


def let_tests_empty_the_audit_log() -> None:
    """Let the end of a test with real transactions empty every table: the audit log's triggers refuse it."""
    operations: Any = type(connection.ops)
    flush = operations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        statements: list[str] = flush(self, style, tables, **options)
        if "audit_entry" not in tables:
            return statements
        if connection.vendor == "postgresql":
            alter = "ALTER TABLE audit_entry {} TRIGGER USER"
            return [alter.format("DISABLE"), *statements, alter.format("ENABLE")]
        triggers = import_module("marquee.audit.migrations.0001_initial")
        drop = [f"DROP TRIGGER audit_entry_no_{name}" for name in triggers.SQLITE]
        return [*drop, *statements, *triggers.sqlite_triggers()]

    operations.sql_flush = sql_flush


def is_this_machine(host: str | bytes | None) -> bool:
    """Return whether an IP address or a name is this machine."""
    name = host.decode() if isinstance(host, bytes) else host
    try:
        return name in {None, "", "localhost"} or ipaddress.ip_address(str(name)).is_loopback
    except ValueError:
        return False


def add_ticket_types(**signal: Any) -> None:
    """Add the rows of migrations again after a test with real transactions emptied every table."""
    if "plan" not in signal:  # with a plan, the migration itself adds them
        migrations = "marquee.catalog.migrations"
        import_module(f"{migrations}.0002_no_overlap_and_ticket_types").add_ticket_types(apps, None)
        import_module(f"{migrations}.0004_restricted_tickets").restrict_carers(apps, None)
        import_module(f"{migrations}.0009_languages_and_formats").add_formats(apps, None)
        import_module("marquee.mail.migrations.0002_outbox_start").start_now(apps, None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Put SQLite's test database into a file, so that threads race for it as in production.

    By default it is in memory, with one connection that all threads share.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        file = tmp_path_factory.mktemp("database") / "marquee.sqlite3"
        database["TEST"] = database.get("TEST", {}) | {"NAME": str(file)}


@pytest.fixture(autouse=True)
def clear_process_caches() -> None:
    """Clear the caches: the rows of the next test may have the ids of rolled-back rows."""
    clear_caches()


@pytest.fixture
def production_hasher(settings: Any) -> None:
    """Hash passwords as production does, for a test about that."""
    settings.PASSWORD_HASHERS = production.PASSWORD_HASHERS
