"""The OpenAPI schema has all that Swagger and authors of API clients need."""

import pytest
from drf_spectacular.generators import SchemaGenerator

from marquee.booking import errors

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(public=True)


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
        expected = {"503"}
        expected |= {"401"} if operation.get("security") else set()
        expected |= {"404"} if "{" in name else set()
        expected |= {"400", "413", "415"} if "requestBody" in operation else set()
        assert expected <= set(responses), name
        for status, response in responses.items():
            if status >= "400":
                problem = response["content"]["application/problem+json"]
                assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, name
                assert problem["examples"], name
                assert response["description"], name


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


def test_the_root_redirects_to_swagger(client):
    assert client.get("/").headers["Location"] == "/swagger/"


def test_ids_in_paths_are_integers_and_references_text(operations):
    types = {
        parameter["name"]: parameter["schema"]["type"]
        for operation in operations.values()
        for parameter in operation.get("parameters", [])
        if parameter["in"] == "path"
    }
    assert types == {"id": "integer", "show_id": "integer", "reference": "string"}
