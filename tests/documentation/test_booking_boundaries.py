"""Only claims.py, migrations and the demo write seat claims; operations are imported from one package.

import-linter cannot tell `booking.operations.book`, the module, from the function of the same name.
"""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITERS = re.compile(r"marquee/(booking/claims\.py|booking/migrations/|demo/)")
SQL = re.compile(r"\b(INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY)\s+seat_claim\b", re.IGNORECASE)
ORM_WRITES = {
    "abulk_create",
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update",
    "update_or_create",
}


def writes(code):
    """Return the lines that write seat claims, by SQL or by the ORM."""
    return [node.lineno for node in ast.walk(ast.parse(code)) if is_sql(node) or is_orm(node)]


def is_sql(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)


def is_orm(node):
    """Return whether a node creates a SeatClaim, or calls a writing method on claims."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if not isinstance(called, ast.Attribute):
        return isinstance(called, ast.Name) and called.id == "SeatClaim"
    return called.attr == "SeatClaim" or (called.attr in ORM_WRITES and is_of_claims(called.value))


def is_of_claims(node):
    """Return whether an expression begins at `SeatClaim`, or at a manager such as `booking.claims`."""
    while isinstance(node, ast.Call | ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute) and node.attr in {"SeatClaim", "claims"}:
            return True
        node = node.func if isinstance(node, ast.Call) else node.value
    return isinstance(node, ast.Name) and node.id == "SeatClaim"


def test_nothing_else_writes_seat_claims():
    found = {}
    for file in (ROOT / "marquee").rglob("*.py"):
        name = file.relative_to(ROOT).as_posix()
        if not WRITERS.match(name) and (lines := writes(file.read_text())):
            found[name] = lines
    assert found == {}


def test_the_writer_is_found():
    assert writes((ROOT / "marquee/booking/claims.py").read_text())


@pytest.mark.parametrize(
    "code",
    [
        "SeatClaim.objects.filter(show=show).update(state='free')",
        "models.SeatClaim.objects.create(show=show)",
        "SeatClaim(show=show).save()",
        "booking.claims.all().delete()",
        "booking.claims.update(state='free')",
        "fetch_all('UPDATE seat_claim SET state = %(state)s', {})",
        "SQL = f'INSERT  INTO seat_claim (show_id) VALUES ({show})'",
        "SQL = 'delete from seat_claim'",
    ],
)
def test_control_any_other_write_is_found(code):
    assert writes(code)


@pytest.mark.parametrize(
    "code", ["SeatClaim.objects.filter(show=show).count()", "claims.release(1, {2}, 3)"]
)
def test_reading_and_calling_claims_is_not_writing(code):
    assert not writes(code)


# Operations whose events say who acted. The doors know that, and nobody else does.
ACTING = {
    "admit", "book", "call_off", "cancel", "close_account", "confirm", "move_show", "undo_admission",
}  # fmt: skip
DOORS = ("api", "worker", "booking/admin.py")


def calls_without_actor(code):
    """Return the lines that call such an operation without saying who acts."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", None)) in ACTING
        and "actor" not in {keyword.arg for keyword in node.keywords}
        and node.keywords  # `docs.cancel` and the like are decorators
    ]


def test_every_door_says_who_acts():
    found = {}
    for door in DOORS:
        path = ROOT / "marquee" / door
        for file in [path] if path.suffix else path.rglob("*.py"):
            if lines := calls_without_actor(file.read_text()):
                found[file.relative_to(ROOT).as_posix()] = lines
    assert found == {}


def test_control_a_call_without_an_actor_is_found():
    assert calls_without_actor("operations.cancel(booking=booking)") == [1]
    assert not calls_without_actor("cancel(booking=booking, actor=actor)")


INSIDE = re.compile(r"(from|import) marquee\.booking\.operations\.\w+")


def test_other_packages_import_operations_from_the_package_only():
    files = {file.relative_to(ROOT).as_posix(): file for file in (ROOT / "marquee").rglob("*.py")}
    found = {name for name, file in files.items() if INSIDE.search(file.read_text())}
    assert {name for name in found if not name.startswith("marquee/booking/operations/")} == set()
    assert found  # the package itself does
