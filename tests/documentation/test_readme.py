"""The commands of the README run block by block in one shell, against a real server."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import running

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```bash\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def server_url(tmp_path_factory):
    """Return the URL of a server with the demo."""
    url = f"sqlite:///{tmp_path_factory.mktemp('walk') / 'marquee.sqlite3'}"
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    for command in (["migrate", "-v0"], ["load_demo", "--days=3"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=os.environ | environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    with running(environment) as server:
        yield server.address


def test_the_walk_with_curl_works_as_written(server_url, tmp_path):
    blocks = BLOCK.findall((ROOT / "README.md").read_text())
    assert len(blocks) == 5
    walk = "set -eu -o pipefail\n" + "\n".join(blocks)

    walked = subprocess.run(
        ["bash", "-c", walk.replace("http://127.0.0.1:8000", server_url)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert walked.returncode == 0, walked.stdout + walked.stderr
    assert '"status":"held"' in walked.stdout
    assert '"status":"confirmed"' in walked.stdout
    assert '"code":"seats_taken"' in walked.stdout
    assert '"status":"cancelled"' in walked.stdout
