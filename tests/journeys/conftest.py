"""A browser for each worker, and for each test a site with nothing in it and visitors."""

import asyncio
import os
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect, sync_playwright

from tests.factories import make_auditorium, make_cinema, make_movie, make_price_card, make_show
from tests.journeys import site
from tests.journeys.chromium import MISSING, find_chromium, launch_options
from tests.journeys.screens import DESKTOP, PHONE
from tests.journeys.steps import tomorrow_at
from tests.journeys.watching import Watch

HERE = Path(__file__).parent
MILLISECONDS = 60_000  # a busy machine may take them; nothing waits for longer than it has to
pytest.register_assert_rewrite("tests.journeys.checks")
expect.set_options(timeout=MILLISECONDS)


def pytest_collection_modifyitems(config, items):
    """Run all journeys on SQLite, and on PostgreSQL those that are marked `both_engines`.

    What a page shows depends on no engine. JOURNEYS=all runs all of them anyway.
    """
    on_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
    if on_sqlite or os.environ.get("JOURNEYS") == "all":
        return
    left_out = [
        item
        for item in items
        if HERE in item.path.parents and not item.get_closest_marker("both_engines")
    ]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


@pytest.fixture(scope="session")
def playwright(django_db_setup):
    """Return Playwright, which starts after the database was made, and stops before it is removed."""
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright, pytestconfig):
    """Return one Chromium for all journeys of this worker. Skips where there is none, except in CI.

    `--headed` and `--slowmo 500` of pytest-playwright let a person look on.
    """
    program = find_chromium(playwright.chromium.executable_path)
    if program is None:
        skip_or_fail = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        skip_or_fail(MISSING)
    browser = playwright.chromium.launch(
        headless=not pytestconfig.getoption("--headed"),
        slow_mo=pytestconfig.getoption("--slowmo"),
        **launch_options(program),
    )
    yield browser
    asyncio._set_running_loop(playwright._loop)
    browser.close()


@pytest.fixture(scope="session")
def site_address(django_db_setup):
    """Return the address of the site, which runs until the worker ends."""
    with site.running() as address:
        yield address


@pytest.fixture(autouse=True)
def loop_of_playwright(playwright, monkeypatch):
    """Let Playwright's event loop run during a journey, and hide it from all other tests.

    Playwright leaves its loop marked as running in this thread. There, Django refuses to query, and
    `asyncio.run` to start.
    """
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    asyncio._set_running_loop(playwright._loop)
    yield
    asyncio._set_running_loop(None)


@pytest.fixture
def visitor(loop_of_playwright, transactional_db, site_address, chromium):
    """Return a function that opens another browser window, and gives its page.

    Its `watch` has seen everything. At the end, nothing may have gone wrong in any window.
    """
    watches, contexts = [], []

    def open_window(screen=DESKTOP, *, language="en", **options):
        # Somewhere else: times are those of the cinema's clock, not the browser's.
        usual = {"timezone_id": "Asia/Tokyo", "locale": language, "base_url": site_address}
        options = usual | screen | options
        context = chromium.new_context(**options)
        context.set_default_timeout(MILLISECONDS)
        contexts.append(context)
        watches.append(Watch(context, options["base_url"]))
        page = context.new_page()
        page.watch = watches[-1]
        return page

    yield open_window
    for context in contexts:
        context.close()
    site.counted.wait_until_idle()
    assert [problem for watch in watches for problem in watch.problems] == []
    assert [status for watch in watches for status in watch.missing()] == []


@pytest.fixture
def desktop(visitor):
    """Return a page on a desktop, in English."""
    return visitor()


@pytest.fixture
def phone(visitor):
    """Return a page on a phone, in English."""
    return visitor(PHONE)


@pytest.fixture
def show(visitor):
    """Return a show tomorrow at a cinema of its own, with 28 seats."""
    cinema = make_cinema(name="Gartenbaukino")
    return make_show(
        make_auditorium(cinema, name="Screen One"),
        movie=make_movie(title="Vertigo"),
        price_card=make_price_card(cinema),
        starts_at=tomorrow_at(19, 15),
    )
