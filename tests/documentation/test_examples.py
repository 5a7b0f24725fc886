"""The sample configurations of docs/operating.md work: systemd reads the units, and nginx forwards requests."""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.server import free_port, running

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
UNITS = ["marquee.service", "marquee-worker.service"]
HOST = "box.example.org"
NGINX = """
daemon off; pid {directory}/pid; error_log {directory}/error.log; events {{}}
http {{
    access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    {config}
}}
"""


def installed(program):
    if not shutil.which(program):
        pytest.skip(f"{program} is not installed")
    return program


def settings():
    """Return the variables of marquee.env."""
    lines = (EXAMPLES / "marquee.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_manual_and_the_units_name_the_same_files():
    manual = (ROOT / "docs/operating.md").read_text()
    for file in EXAMPLES.iterdir():
        assert f"(examples/{file.name})" in manual, file.name
    for name in UNITS:
        unit = (EXAMPLES / name).read_text()
        assert "EnvironmentFile=/etc/marquee/marquee.env" in unit
        assert "WorkingDirectory=/srv/marquee" in unit
    assert "KillMode=mixed" in (EXAMPLES / "marquee.service").read_text()


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_nothing_wrong_with_the_units(name, tmp_path):
    program = installed("systemd-analyze")
    here = tmp_path / "srv"
    (here / ".venv/bin").mkdir(parents=True)
    (here / ".venv/bin/python").symlink_to(sys.executable)
    unit = tmp_path / name
    unit.write_text((EXAMPLES / name).read_text().replace("/srv/marquee", str(here)))

    run = subprocess.run(
        [program, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=60
    )

    about_ours = [line for line in run.stderr.splitlines() if name in line or str(unit) in line]
    assert about_ours == []


def test_the_settings_start_a_server_and_a_shell_reads_them_alike(tmp_path):
    key = tmp_path / "key"
    key.touch(mode=0o600)
    key.write_text("k3yk3y-of-no-use-beyond-these-lines-9471!\n")
    own = settings() | {"SECRET_KEY_FILE": str(key)}
    start = "import marquee.settings as s; print(s.ALLOWED_HOSTS, s.DATABASES['default']['NAME'])"

    run = subprocess.run(
        [sys.executable, "-c", start], cwd=ROOT, env=own, capture_output=True, text=True
    )

    assert run.stdout == "['box.example.org'] marquee\n", run.stderr
    shell = f"set -a; . {EXAMPLES / 'marquee.env'}; echo $DATABASE_URL"
    said = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == own["DATABASE_URL"]


def nginx_config(directory, port, backend, *, without=""):
    """Write nginx.conf with another port and without TLS; return the file."""
    config = (ROOT / "docs/operating/nginx.conf").read_text()
    for old, new in {
        "listen 80;": f"listen unix:{directory}/http;",
        "listen 443 ssl;": f"listen 127.0.0.1:{port};",
        "    ssl_certificate /etc/nginx/box.example.org.pem;\n": "",
        "    ssl_certificate_key /etc/nginx/box.example.org.key;\n": "",
        "/var/log/nginx/marquee.log": f"{directory}/access.log",
        "127.0.0.1:8000;": f"127.0.0.1:{backend};",
        "X-Forwarded-Proto $scheme": "X-Forwarded-Proto https",
    }.items():
        assert old in config
        config = config.replace(old, new)
    if without:
        assert without in config
        config = config.replace(without, "")
    file = directory / "nginx.conf"
    file.write_text(NGINX.format(directory=directory, config=config))
    directory.chmod(0o755)  # nginx has a user of its own
    return file


def request(port, path="/api/v1/cinemas/"):
    """Return the status and the body of a response, by curl with the host of the example."""
    run = subprocess.run(
        ["curl", "-s", "-w", "%{http_code}", "-H", f"Host: {HOST}", f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    return int(run.stdout[-3:]), run.stdout[:-3]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Return a server with the settings of the example, but for database and key."""
    url = f"sqlite:///{tmp_path_factory.mktemp('behind') / 'marquee.sqlite3'}"
    own = {
        name: settings()[name] for name in ("ALLOWED_HOSTS", "HTTPS", "SITE_URL", "TRUSTED_PROXIES")
    }
    environment = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | environment, check=True)
    with running(environment | own) as started:
        yield started


@pytest.fixture
def nginx(server, tmp_path):
    """Return a function that starts nginx in front of the server, and returns its port."""
    program = installed("nginx")
    started = []

    def start(**changes):
        port = free_port()
        file = nginx_config(tmp_path, port, server.port, **changes)
        test = subprocess.run([program, "-t", "-c", str(file)], capture_output=True, text=True)
        assert test.returncode == 0, test.stderr
        started.append(subprocess.Popen([program, "-c", str(file)]))
        deadline = time.monotonic() + 30
        while not request(port)[0] and time.monotonic() < deadline:
            time.sleep(0.02)
        return port

    yield start
    for one in started:
        one.terminate()
        one.wait(timeout=20)


def test_nginx_forwards_requests_with_their_host(nginx):
    status, body = request(nginx())
    assert (status, body) == (200, '{"results":[],"next":null,"previous":null}')


def test_without_the_host_every_request_is_a_400_and_the_log_names_host_and_setting(nginx, server):
    port = nginx(without="proxy_set_header Host $http_host;")
    assert request(port)[0] == 400
    assert request(port)[0] == 400
    lines = [line for line in server.read_log().splitlines() if "ALLOWED_HOSTS" in line]
    assert len(lines) <= 2  # one a minute
    assert re.search(rf"127\.0\.0\.1:{server.port}'.* to ALLOWED_HOSTS", lines[0])
