import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)")
# Documents quote a path as code, with its package where that is not clear.
PATH = re.compile(r"`((?:marquee|tests|docs|booking|catalog|api|core)/[\w/.-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_has_a_target(page):
    missing = [to for to in LINK.findall(page.read_text()) if not (page.parent / to).exists()]

    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page):
    named = PATH.findall(page.read_text())

    assert [to for to in named if not exists(to)] == []


def exists(path):
    return any(
        list(root.glob(path.rstrip("/") + suffix))
        for root in (ROOT, ROOT / "marquee")
        for suffix in ("", "*")
    )
