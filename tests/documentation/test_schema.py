"""The OpenAPI schema has all that Swagger and authors of API clients need."""

import re
from urllib.parse import urlsplit

import orjson
import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft202012Validator, FormatChecker

from marquee.api import exceptions
from marquee.api.docs.problems import component_name
from marquee.booking import errors
from marquee.server import bodies

METHODS = {"get", "post", "put", "patch", "delete"}
# What the server answers before Django sees a request. granian refuses long headers by itself, without a body.
FROM_THE_FRONT = {"431", *(str(int(one.status)) for one in bodies.Refused.__subclasses__())}


@pytest.fixture(scope="module")
def schema():
    """Return the schema. Responses that operations share are written out."""
    schema = SchemaGenerator().get_schema(public=True)
    shared = schema["components"]["responses"]
    for item in schema["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                name = response.get("$ref", "").rpartition("/")[2]
                operation["responses"][status] = shared.get(name, response)
    return schema


@pytest.fixture(scope="module")
def operations(schema):
    return {
        f"{method.upper()} {path}": operation
        for path, item in schema["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_every_operation_has_a_summary_and_a_description(operations):
    for name, operation in operations.items():
        assert operation["summary"], name
        assert operation["description"], name
        assert len(operation["tags"]) == 1, name
        assert not operation["summary"].endswith("."), name


def test_the_names_of_operations_are_unique(operations):
    names = [operation["operationId"] for operation in operations.values()]

    assert len(names) == len(set(names))


def test_operations_that_need_a_token_name_a_defined_scheme(schema, operations):
    needed = {
        name
        for operation in operations.values()
        for requirement in operation.get("security", [])
        for name in requirement
    }

    assert needed == {"jwt"}
    assert schema["components"]["securitySchemes"]["jwt"]["scheme"] == "bearer"


def test_every_operation_documents_every_refusal(operations):
    for name, operation in operations.items():
        responses = operation["responses"]
        expected = {"503", *FROM_THE_FRONT}
        expected |= {"401"} if operation.get("security") else set()
        expected |= {"404"} if "{" in name else set()
        expected |= {"400", "413", "415"} if "requestBody" in operation else set()
        expected |= set() if name.startswith("GET ") else {"412"}
        assert expected <= set(responses), name
        for status, response in responses.items():
            if status >= "400" and status != "431":
                problem = response["content"]["application/problem+json"]
                assert components_of(problem["schema"]) == {
                    code: f"#/components/schemas/{component_name(code)}"
                    for code in problem["examples"]
                }, name
                assert response["description"], name


def components_of(schema):
    """Return the component of each code that a response may have."""
    if "$ref" in schema:
        [name] = [schema["$ref"].rpartition("/")[2].removesuffix("Problem")]
        return {re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower(): schema["$ref"]}
    mapping = schema["discriminator"]["mapping"]
    assert [one["$ref"] for one in schema["oneOf"]] == list(mapping.values())
    return mapping


def described(schema, where):
    """Yield the parts of a schema that have no description, and where they are."""
    if "$ref" not in schema and not schema.get("description"):
        yield where
    for name, field in schema.get("properties", {}).items():
        yield from described(field, f"{where}.{name}")
    items = schema.get("items", {})
    if "properties" in items:
        yield from described(items, f"{where}[]")


def test_nothing_is_left_without_a_description(schema, operations):
    bare = [
        one
        for name, component in schema["components"]["schemas"].items()
        for one in described(component, name)
    ]
    for name, operation in operations.items():
        parts = {"": operation} | {
            f" {status}": one for status, one in operation["responses"].items()
        }
        parts |= {f" {one['name']}": one for one in operation.get("parameters", ())}
        for response in operation["responses"].values():
            parts |= {f" {header}": one for header, one in response.get("headers", {}).items()}
        bare += [f"{name}{part}" for part, one in parts.items() if not one.get("description")]
    assert bare == [], "describe these by help_text, or in api/docs/fields.py"


def test_the_links_of_a_list_lead_to_the_list(operations):
    lists = 0
    for name, operation in operations.items():
        path = re.sub(r"\{\w+\}", "[0-9]+", name.removeprefix("GET "))
        for media in operation["responses"].get("200", {}).get("content", {}).values():
            for example in media.get("examples", {}).values():
                if "next" in example["value"]:
                    lists += 1
                    url = urlsplit(example["value"]["next"])
                    assert re.fullmatch(path, url.path), name
                    assert url.query
    assert lists > 5


def test_a_field_with_a_default_may_be_left_out_of_a_request_and_is_in_every_response(schema):
    components = schema["components"]["schemas"]
    for name, component in components.items():
        for field, one in component.get("properties", {}).items():
            parts = (one, *one.get("oneOf", ()))
            assert not any("default" in part for part in parts), f"{name}.{field}"
    assert components["BookingRequestRequest"]["required"] == ["tickets"]
    assert set(components["ShowRequest"]["required"]) == {
        "movie", "auditorium", "starts_at", "price_card",
    }  # fmt: skip
    for name in ("Show", "Movie", "Auditorium", "Booking", "Cinema", "PriceCard", "User"):
        assert set(components[name]["required"]) == set(components[name]["properties"]), name


def test_an_empty_text_is_valid_also_where_no_format_is_checked(schema):
    empty = {"type": "string", "maxLength": 0}
    alternatives = [
        field
        for component in schema["components"]["schemas"].values()
        for field in component.get("properties", {}).values()
        if empty in field.get("oneOf", ())
    ]
    assert alternatives
    for field in alternatives:
        Draft202012Validator(field).validate("")


def test_the_server_says_of_unreadable_bodies_what_is_documented(schema):
    for one in (bodies.TooSlow, bodies.UnknownCoding):
        [media] = schema["paths"]["/api/v1/me/"]["get"]["responses"][str(int(one.status))][
            "content"
        ].values()
        [example] = media["examples"].values()
        said = orjson.loads(exceptions.unreadable(one.status, one.detail).content)
        assert example["value"] | {"request_id": said["request_id"]} == said


def test_every_body_has_an_example(operations):
    for name, operation in operations.items():
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        bodies += [body for status, body in operation["responses"].items() if status < "300"]
        for body in bodies:
            for media in body.get("content", {}).values():
                assert "examples" in media or media["schema"].get("type") == "string", name


def test_every_refusal_of_booking_is_documented(operations):
    shown = {
        code
        for operation in operations.values()
        for response in operation["responses"].values()
        for media in response.get("content", {}).values()
        for code in media.get("examples", {})
    }
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    codes = {kind.code for kind in kinds if kind.__module__ == errors.__name__}

    # Admitting has no URL yet.
    assert codes - shown == {"not_admitted", "too_early", "too_late", "not_used"}


def test_the_swagger_page_and_its_script_come_from_this_server(client):
    page = client.get("/swagger/")

    assert page.status_code == 200
    assert b"https://" not in page.content.replace(b"https://github.com", b"")
    assert b'src="/static/drf_spectacular_sidecar/' in page.content


@pytest.mark.django_db
def test_the_api_root_redirects_to_swagger_and_the_footer_of_pages_leads_there(client):
    assert client.get("/api/v1/").headers["Location"] == "/swagger/"
    assert b'href="/swagger/"' in client.get("/").content


def test_ids_in_paths_are_integers_and_references_text(operations):
    types = {
        parameter["name"]: parameter["schema"]["type"]
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    }
    assert types == {"id": "integer", "show_id": "integer", "reference": "string"}


def media_of(operations):
    """Yield the name of each body with its media type object."""
    for name, operation in operations.items():
        for media in operation.get("requestBody", {}).get("content", {}).values():
            yield f"{name} request", media
        for status, response in operation["responses"].items():
            for media in response.get("content", {}).values():
                yield f"{name} {status}", media


def test_each_example_has_the_form_of_its_schema(schema, operations):
    components = {"components": schema["components"]}
    checked = 0
    for name, media in media_of(operations):
        validator = Draft202012Validator(
            media["schema"] | components, format_checker=FormatChecker()
        )
        for title, example in media.get("examples", {}).items():
            errors = [error.message for error in validator.iter_errors(example["value"])]
            assert errors == [], f"{name}, {title}"
            checked += 1
    assert checked > 200
