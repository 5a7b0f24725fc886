"""Every fact of a refusal is typed in the OpenAPI schema: the code itself says which facts there are."""

import ast
from functools import cache
from pathlib import Path

import pytest
from drf_spectacular.generators import SchemaGenerator

from marquee.accounts import errors as accounts
from marquee.api.docs.problems import EXAMPLES, FACTS, OPTIONAL, facts_of
from marquee.booking import errors as booking
from marquee.catalog import errors as catalog
from marquee.core.errors import BadInput, Refused

ROOT = Path(__file__).parents[2]
REFUSALS = {
    name: kind
    for module in (accounts, booking, catalog)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Refused) and kind is not Refused
}


@cache
def documented():
    """Return the codes that the schema has. Only the back office admits, or changes others' accounts."""
    paths = SchemaGenerator().get_schema(public=True)["paths"]
    return {
        code
        for item in paths.values()
        for operation in item.values()
        for response in operation["responses"].values()
        for media in response.get("content", {}).values()
        for code in media.get("examples", {})
    }


def raised():
    """Return every refusal that the code makes, with the names of its facts and where that is."""
    found = []
    for path in sorted((ROOT / "marquee").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text())):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in REFUSALS:
                facts = {keyword.arg for keyword in call.keywords} - {"field"}
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                found.append(pytest.param(REFUSALS[call.func.id], facts, id=where))
    return found


@pytest.mark.parametrize(("refusal", "facts"), raised())
def test_its_facts_are_typed(refusal, facts):
    if refusal.code not in documented():
        return
    missing = facts - {None} - set(facts_of(refusal.code))
    assert not missing, f"add {missing} to the example of {refusal.code} in api/docs/problems.py"
    given = facts | ({"errors"} if issubclass(refusal, BadInput) else set())
    if None in facts:  # the facts of another refusal
        return
    absent = set(facts_of(refusal.code)) - given - set(OPTIONAL.get(refusal.code, ()))
    assert not absent, f"{absent} are missing here: make them OPTIONAL in api/docs/problems.py"


def test_each_refusal_has_an_example_of_its_own():
    codes = {kind.code for kind in REFUSALS.values()} & documented()
    assert codes - EXAMPLES.keys() == set(), "add an example to api/docs/problems.py"


def test_each_fact_is_typed_once_and_described():
    used = {fact for code in EXAMPLES for fact in facts_of(code)}
    assert used == set(FACTS)
    assert all(schema["description"] for schema in FACTS.values())


def test_refusals_of_bad_input_name_the_fields():
    codes = {kind.code for kind in REFUSALS.values() if issubclass(kind, BadInput)} & documented()
    assert all("errors" in facts_of(code) for code in codes)
