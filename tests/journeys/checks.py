"""What is asserted of every page: accessibility, the sizes of targets, and budgets (DESIGN 15)."""

import gzip
import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response

from tests.journeys.watching import Watch

AXE = {
    "resultTypes": ["violations"],
    "runOnly": [
        "wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice",
    ],
}  # fmt: skip
# The smallest targets in pixels, on both screens and for seats on a phone.
TARGET, TOUCHED_SEAT = 24, 32
CLS, REQUESTS = 0.02, 14
# What can be clicked. A link in a sentence may be as small as its line (WCAG 2.5.8).
SMALL_TARGETS = """
([smallest, selector]) => {
  const size = (element) => {
    const box = element.getBoundingClientRect();
    return {element, width: box.width, height: box.height, least: Math.min(box.width, box.height)};
  };
  // Either of a box and its label can be clicked.
  const target = (element) =>
    [element, element.closest("label")].filter(Boolean).map(size).sort((a, b) => b.least - a.least)[0];
  const inSentence = (element) =>
    element.matches("a") && getComputedStyle(element).display === "inline" &&
    element.parentElement.textContent.trim() !== element.textContent.trim();
  return [...document.querySelectorAll(selector)]
    .filter((element) => element.checkVisibility() && !element.closest("[inert]"))
    .filter((element) => !element.matches("input[type=hidden], .visually-hidden, .skip") && !inSentence(element))
    .map(target)
    .filter(({least}) => least < smallest - 0.5)
    .map(({element, width, height}) =>
      `${Math.round(width)} x ${Math.round(height)}: ${element.outerHTML.slice(0, 120)}`);
}
"""
ALL_TARGETS = "a[href], button, input, select, textarea, summary, [role=button], [tabindex='0']"
SEATS = "td input[name=seat]"
# Nothing is wider than the screen, but for boxes that scroll by themselves.
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True)
class Budget:
    """How many kilobytes a page may have, compressed and cold."""

    html: int = 8
    css: int = 10
    js: int = 4


STOREFRONT, SEAT_PAGE, OTHERS = Budget(20, 10, 3), Budget(12, 10, 6), Budget()


@cache
def _axe() -> Axe:
    return Axe()


def axe(page: Page) -> None:
    """Assert that axe finds nothing in the page as it is now; nor in its colors, light and dark."""
    found = _axe().run(page, options=AXE)
    assert not found.violations_count, found.generate_report()
    if page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches"):
        _contrast(page, "light")
        page.emulate_media(color_scheme="dark")
    else:
        _contrast(page, "dark")
        page.emulate_media(color_scheme="light")


def _contrast(page: Page, scheme: Literal["dark", "light"]) -> None:
    page.emulate_media(color_scheme=scheme)
    found = page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")["violations"]
    assert found == [], f"{scheme}: {found}"


def targets(page: Page) -> None:
    """Assert that everything to click is large enough, and seats are larger on a phone."""
    is_phone = (page.viewport_size or {"width": 0})["width"] < 600
    small = page.evaluate(SMALL_TARGETS, [TARGET, ALL_TARGETS])
    if is_phone:
        small += page.evaluate(SMALL_TARGETS, [TOUCHED_SEAT, SEATS])
    assert small == []
    assert page.evaluate(SIDEWAYS) <= 0


def budget(page: Page, watch: Watch, limit: Budget = OTHERS) -> None:
    """Assert that the page that was just opened, with nothing cached, keeps its budget."""
    page.wait_for_load_state("networkidle")
    assert len(watch.responses) <= REQUESTS, [response.url for response in watch.responses]
    sizes = {"document": 0, "stylesheet": 0, "script": 0}
    for response in watch.responses:
        if response.request.resource_type in sizes and response.status == 200:
            sizes[response.request.resource_type] += _compressed(response)
    limits = {"document": limit.html, "stylesheet": limit.css, "script": limit.js}
    assert {kind: size for kind, size in sizes.items() if size > limits[kind] * 1024} == {}
    assert page.evaluate("window.layoutShift") <= CLS


def _compressed(response: Response) -> int:
    return len(gzip.compress(response.body(), 6))


def focus(page: Page) -> str | None:
    """Return what has the focus: its label, value, text or id; None where the focus is lost."""
    found: str | None = page.evaluate(
        """() => {
          const found = document.activeElement;
          if (!found || found === document.body) return null;
          if (found.matches("input:not([type=checkbox]), select")) return found.id;
          return (found.getAttribute("aria-label") || found.value || found.textContent).trim();
        }"""
    )
    return found


def press(page: Page, key: str, until: str | re.Pattern[str], *, limit: int = 40) -> None:
    """Press a key until what is called `until` has the focus, as somebody without a mouse does."""
    wanted = re.compile(re.escape(until) + "$") if isinstance(until, str) else until
    passed = []
    for _ in range(limit):
        page.keyboard.press(key)
        passed.append(focus(page))
        if wanted.search(passed[-1] or ""):
            return
    raise AssertionError(f"{key} never led to {until!r}, but to {passed}.")
