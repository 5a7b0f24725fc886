"""The commands of the README run block by block in one shell, against a real server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import running

ROOT = Path(__file__).parents[2]
EXPIRE_TOKENS = """
"$PYTHON" -c 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1], timeout=20); db.execute("UPDATE account SET token_epoch = token_epoch + 1"); db.commit()' "$DATABASE"
"""
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NEVER_RETURNS = re.compile(
    r"marquee\.serve|run_worker(?! --once)|^make (?:run|worker|postgres)\b", re.MULTILINE
)
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return the URL of a server with the demo, and the file of its database."""
    database = str(tmp_path_factory.mktemp("walk") / "marquee.sqlite3")
    url = f"sqlite:///{database}"
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    for command in (["migrate", "-v0"], ["load_demo", "--days=3"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with running(environment) as started:
        yield started.address, database


def test_the_walk_with_curl_works_as_written_however_slowly(server, tmp_path):
    server_url, database = server
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    assert len(blocks) == 6
    # Between blocks, more than five minutes pass: every access token issued so far is refused.
    walk = "set -eu -o pipefail\n" + EXPIRE_TOKENS.join(blocks)

    walked = subprocess.run(
        ["bash", "-c", walk.replace("http://127.0.0.1:8000", server_url)],
        cwd=tmp_path,
        env=os.environ | {"PYTHON": sys.executable, "DATABASE": database},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert '"status":"held"' in walked.stdout
    assert '"status":"confirmed"' in walked.stdout
    assert '"code":"seats_taken"' in walked.stdout
    assert '"status":"cancelled"' in walked.stdout


@pytest.mark.parametrize(
    "page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda page: page.name
)
def test_nothing_follows_a_command_that_never_returns(page):
    """Whoever pastes a block would wait for ever, and never see the rest run."""
    blocks = FENCED.findall(page.read_text())
    for block in (text for language, text in blocks if language in {"", "bash", "sh"}):
        lines = [line for line in block.splitlines() if line.strip() and not line.startswith("#")]
        for line in lines[:-1]:
            assert not NEVER_RETURNS.search(line), f"{page.name}: {line}"
