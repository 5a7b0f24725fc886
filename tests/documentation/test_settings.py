import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
READ_BY = {"string", "csv", "flag", "integer", "minutes", "secret"}


def variables():
    """Return the names that settings.py reads from the environment, with their defaults."""
    tree = ast.parse((ROOT / "marquee/settings.py").read_text())
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in READ_BY:
            default = call.args[1].value if len(call.args) > 1 else ""
            yield call.args[0].value, default


def documented():
    """Return the default of each variable in docs/settings.md."""
    rows = re.findall(
        r"^\| `(\w+)` \|([^|]*)\|", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
    )
    return {name: default.strip("` ") for name, default in rows}


def test_every_setting_is_documented_and_nothing_else_is():
    names = {name for name, _ in variables()} | {"SECRET_KEY_FILE", "JWT_SIGNING_KEY_FILE"}

    assert set(documented()) == names


@pytest.mark.parametrize(
    ("name", "default"), [(name, value) for name, value in variables() if value and value != ""]
)
def test_the_documented_default_is_the_real_one(name, default):
    assert documented()[name] == str(default)
