"""The OpenAPI schema is generated once per process, in two formats, whatever the request."""

import pytest
import yaml
from drf_spectacular.generators import SchemaGenerator

from marquee.api.resources import schema as served
from tests.api.cpu import MOST_SECONDS, cpu_of
from tests.api.operations import schema
from tests.api.wsgi import ask

SCHEMA = "/api/v1/schema/"
ACCEPTS = {
    "*/*": ("application/vnd.oai.openapi", "yaml"),
    "application/vnd.oai.openapi": ("application/vnd.oai.openapi", "yaml"),
    "application/yaml": ("application/yaml", "yaml"),
    "application/vnd.oai.openapi+json": ("application/vnd.oai.openapi+json", "json"),
    "application/json": ("application/json", "json"),
    "application/json; indent=2": ("application/json", "json"),
}


@pytest.fixture
def never_again(monkeypatch):
    """Make generating the schema a second time fail."""
    served.preload_schema()
    schema()
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)


@pytest.mark.parametrize("accept", ACCEPTS)
def test_the_schema_is_ready_in_every_format(never_again, accept):
    media_type, form = ACCEPTS[accept]
    response, cpu = cpu_of(lambda: ask("GET", SCHEMA, HTTP_ACCEPT=accept))
    assert response.status_code == 200
    assert cpu < MOST_SECONDS
    assert response.headers["Content-Type"].startswith(media_type)
    assert response.headers["Content-Disposition"] == f'inline; filename="Marquee.{form}"'
    assert response.headers["Vary"] == "Accept"
    assert yaml.load(response.content, yaml.CSafeLoader) == schema()  # JSON is YAML, too


@pytest.mark.parametrize(
    "asked",
    [
        {"QUERY_STRING": "lang=de"},
        {"QUERY_STRING": "lang=" + "x" * 5000},
        {"QUERY_STRING": "version=evil"},
        {"QUERY_STRING": "format=json&lang=%ff"},
        {"HTTP_ACCEPT_LANGUAGE": "de"},
        {"HTTP_HOST": "127.0.0.1"},
        {"HTTP_AUTHORIZATION": "Bearer stale"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"},
        {"HTTP_ACCEPT": "application/yaml; version=evil"},
    ],
    ids=str,
)
def test_the_schema_is_the_same_for_every_request(never_again, asked):
    usual = ask("GET", SCHEMA)
    response = ask("GET", SCHEMA, **asked)
    assert (response.status_code, response.content) == (200, usual.content)
    assert served.render_schema.cache_info().currsize == len(served.RENDERERS)


def test_a_host_that_is_not_ours_gets_no_schema(never_again):
    assert ask("GET", SCHEMA, HTTP_HOST="evil.example").status_code == 400


def test_the_server_has_the_schema_before_anybody_asks():
    served.render_schema.cache_clear()
    served.preload_schema()
    assert served.render_schema.cache_info().currsize == len(served.RENDERERS)
