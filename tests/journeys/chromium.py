"""The browser of the journeys: where it is, and what is said where there is none."""

import os
import shutil
from pathlib import Path

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "tests/journeys needs Chromium: `apt-get install --no-install-recommends chromium`, or"
    " `.venv/bin/playwright install --with-deps chromium`"
)


def find_chromium(own: str) -> str | None:
    """Return the path of the system's Chromium, else of Playwright's own; None without either."""
    installed = (shutil.which(program) for program in PROGRAMS)
    return next(filter(None, installed), own if Path(own).exists() else None)


def launch_options(program: str) -> dict[str, object]:
    """Return how to launch Chromium. Its sandbox does not work as root, as in containers."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--no-first-run"]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {"executable_path": program, "args": [*quiet, *sandbox, "--disable-dev-shm-usage"]}
