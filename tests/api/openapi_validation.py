"""Check responses against the OpenAPI schema."""

from functools import cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return schema


def check_response(path: str, method: str, response: Any) -> None:
    """Check that a response has the form of the schema, and no other fields."""
    documented = _schema()["paths"][f"/api/v1/{path}"][method]["responses"]
    content = documented[str(response.status_code)]["content"]
    media_type = response["Content-Type"]
    assert media_type in content, f"the schema has no {media_type} for {response.status_code}"
    shape = closed_schema(content[media_type]["schema"])
    whole = shape | {"components": closed_schema({"schemas": _schema()["components"]["schemas"]})}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(response.json())


def closed_schema(schema: Any) -> Any:
    """Return the schema with `additionalProperties: false` in every object that does not set it."""
    if isinstance(schema, list):
        return [closed_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: closed_schema(value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
