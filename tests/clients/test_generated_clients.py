"""Clients that are generated from docs/openapi.yaml book seats, unedited, in Python and in TypeScript.

`make test` installs the generator of TypeScript where npm is, from tests/clients/package-lock.json.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from tests.server import running

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCHEMA = ROOT / "docs" / "openapi.yaml"
MODULES = HERE / "node_modules"
BOOKED = {
    "statuses": ["confirmed", "confirmed", "cancelled"],
    "total": "EUR",
    "own": True,
    "taken": True,
    "alternatives": True,
}


def run(command, directory, **environment):
    """Run a command; return what it prints. Fails with its output."""
    ran = subprocess.run(
        [str(word) for word in command],
        cwd=directory, env=os.environ | environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a server with the demo."""
    url = f"sqlite:///{tmp_path_factory.mktemp('clients') / 'marquee.sqlite3'}"
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    for command in (["migrate", "-v0"], ["load_demo", "--days=3"]):
        run([sys.executable, "manage.py", *command], ROOT, **environment)
    with running(environment) as started:
        yield started


def email():
    return f"{uuid4().hex}@example.com"


@pytest.fixture(scope="module")
def node():
    """Return the path of node. Skips where it is not installed, except in CI."""
    program = shutil.which("node")
    if program and (MODULES / ".installed").exists():
        return program
    reason = "node and npm are not installed: `apt install nodejs npm`, then `make test`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    return pytest.skip(reason)


def test_a_python_client_books(server, tmp_path):
    generator = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta=none"]
    run([*generator, f"--path={SCHEMA}", "--output-path=marquee_client"], tmp_path)
    script = shutil.copy(HERE / "python_client.py", tmp_path)

    run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--follow-imports=silent",
            script,
        ],
        tmp_path,
    )
    said = run([sys.executable, "-W", "error", script, server.address, email()], tmp_path)

    booked = json.loads(said)
    assert booked | {"total": "EUR"} == BOOKED


def test_a_typescript_client_books(server, tmp_path, node):
    for name in ("book.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(MODULES)
    generator = MODULES / "openapi-typescript" / "bin" / "cli.js"
    run([node, generator, SCHEMA, "--output=schema.d.ts"], tmp_path)

    run([node, MODULES / "typescript" / "bin" / "tsc"], tmp_path)
    said = run([node, "book.js", server.address, email()], tmp_path)

    booked = json.loads(said)
    assert booked | {"total": "EUR"} == BOOKED
