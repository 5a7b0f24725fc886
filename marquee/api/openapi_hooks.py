"""Complete the generated OpenAPI schema: no description is empty, and examples fit their paths."""

import json
import re
from collections.abc import Iterator
from typing import Any

from marquee.api.docs import fields, front, problems
from marquee.api.query import MAY_BE_EMPTY

Schema = dict[str, Any]

METHODS = {"get", "post", "put", "patch", "delete"}
EXAMPLE_IDS = {"id": "7", "show_id": "7", "reference": "K7Q2MXW4"}
ORIGIN = "http://127.0.0.1:8000"


def complete(result: Schema, generator: Any, request: Any, public: bool) -> Schema:  # noqa: FBT001 (drf-spectacular's)
    """Return the schema with all texts: a hook of drf-spectacular."""
    schemas = result["components"]["schemas"] | problems.SHARED | front.SCHEMAS
    result["components"]["responses"] = front.RESPONSES
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    for name, component in schemas.items():
        _describe_component(name, component)
        _tell_empty_apart(component)
        if name.endswith("Request"):
            _drop_defaults(component)
    for path, method, operation in _operations(result):
        _describe_parameters(operation)
        _describe_responses(method, operation)
        _correct_links(path, operation)
    return result


def _operations(result: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, item in result["paths"].items():
        for method in METHODS & item.keys():
            yield path, method, item[method]


def _describe_component(name: str, component: Schema) -> None:
    if name.startswith("Paginated"):
        component.setdefault("description", "One page of a list.")
        for link in ("next", "previous"):  # an example would have the path of one of several lists
            component["properties"][link].pop("example", None)
    if name in fields.COMPONENTS:
        component.setdefault("description", fields.COMPONENTS[name])
    for field, schema in component.get("properties", {}).items():
        if "$ref" in schema or schema.get("description"):
            continue
        text = fields.FIELDS.get(f"{name}.{field}") or fields.FIELDS.get(field)
        if text:
            schema["description"] = text


def _tell_empty_apart(component: Schema) -> None:
    """Let an empty text be one of two alternatives, not both, also for validators that look at no `format`."""
    for schema in component.get("properties", {}).values():
        one, *others = schema.get("oneOf", [{}])
        if others == [{"type": "string", "maxLength": 0}]:
            one["minLength"] = 1


def _drop_defaults(component: Schema) -> None:
    """Say the defaults of a request body in words.

    Generators of TypeScript make a field with a `default` compulsory, as it is always present once
    the server has read it. A client may leave it out.
    """
    for schema in component.get("properties", {}).values():
        for part in (schema, *schema.get("oneOf", ())):
            if "default" in part:
                default = part.pop("default")
                words = "empty" if default in ("", None) else f"`{json.dumps(default)}`"
                text = schema.get("description", "")
                if "Default" not in text:
                    schema["description"] = f"{text} Default: {words}.".strip()


def _describe_parameters(operation: Schema) -> None:
    """Describe the parameters, and that none in a query is empty (`check_parameters`)."""
    for parameter in operation.get("parameters", ()):
        if not parameter.get("description") and parameter["name"] in fields.PARAMETERS:
            parameter["description"] = fields.PARAMETERS[parameter["name"]]
        is_free_text = parameter["schema"].keys().isdisjoint({"enum", "pattern", "minimum"})
        if parameter["in"] == "query" and is_free_text and parameter["name"] not in MAY_BE_EMPTY:
            parameter["schema"]["minLength"] = 1


def _describe_responses(method: str, operation: Schema) -> None:
    for status, response in operation["responses"].items():
        if "$ref" in response:
            continue
        if not response.get("description") or response["description"] == "No response body":
            response["description"] = _response_text(method, status)


def _response_text(method: str, status: str) -> str:
    if status == "201":
        return "What was made."
    if status == "204":
        return "Done. The response has no body."
    return "What the URL names, as it is now." if method == "get" else "As it is after the request."


def _correct_links(path: str, operation: Schema) -> None:
    """Let the links of a list's examples point at the list itself."""
    own = ORIGIN + re.sub(r"\{(\w+)\}", lambda match: EXAMPLE_IDS[match[1]], path)
    for response in operation["responses"].values():
        for media in response.get("content", {}).values():
            for example in media.get("examples", {}).values():
                _correct_link(example.get("value"), own)


def _correct_link(value: Any, own: str) -> None:
    if isinstance(value, dict) and "next" in value:
        _, _, query = str(value["next"]).partition("?")
        value["next"] = f"{own}?{query or 'page=2'}"
