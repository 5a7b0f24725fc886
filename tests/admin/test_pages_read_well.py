"""No page of the back office shows what only a programmer understands."""

import re

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.admin.hostile_requests import make_rows

pytestmark = pytest.mark.django_db
# Names that Django makes of ids, settings, minor units, names of choices, Python's values.
RAW = re.compile(
    r"object \(\d+\)|\d+ at \d+|[A-Z]{3,}_[A-Z]{3,}|minor unit|Two D|Four Dx|>None<|\bLDAP\b|\b1250\b"
)
PAGES = admin.site._registry.values()


@pytest.fixture
def admin_client(client):
    client.force_login(make_rows())
    return client


def content(response):
    """Return the text of a page, without what browsers do not show."""
    text = response.content.decode().partition('<div id="content"')[2]
    return re.sub(
        r"<script.*?</script>|<[^>]+>", lambda tag: tag[0][:1] + ">", text, flags=re.DOTALL
    )


@pytest.mark.parametrize("page", PAGES, ids=str)
@pytest.mark.parametrize("name", ["changelist", "add", "change", "delete", "history"])
def test_a_page_shows_words_and_money_and_no_ids(admin_client, page, name):
    row = page.model._default_manager.first()
    arguments = [] if name in {"changelist", "add"} else [row.pk]
    response = admin_client.get(
        reverse(f"admin:{page.opts.app_label}_{page.opts.model_name}_{name}", args=arguments)
    )
    if response.status_code == 403:
        assert name in {"add", "delete"}
        return
    assert response.status_code == 200
    assert RAW.search(content(response)) is None, RAW.search(content(response))
