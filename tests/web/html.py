"""What tests of pages read: headings, text, and all tables."""

import re
from typing import Any

from django.apps import apps

GERMAN = {"Accept-Language": "de"}


def all_tables() -> dict[str, list[Any]]:
    """Return every row of every table of ours, to assert that nothing changed."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return {
        model._meta.db_table: sorted(map(repr, model._default_manager.values_list()))
        for model in models
    }


def heading(response: Any) -> str:
    """Return the heading of a page."""
    found = re.search(r"<h1>(.*?)</h1>", response.content.decode(), re.DOTALL)
    assert found
    return found[1].strip()


def text(response: Any) -> str:
    """Return the text of a page without its tags."""
    main = response.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", main).split())
