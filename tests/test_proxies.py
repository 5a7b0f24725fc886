"""Behind each proxy of docs/operating, clients cannot forge their address or scheme, nor be slow.

The configurations are those of the documents, but for TLS and ports. A proxy that is not installed is
skipped; `apt-get install haproxy caddy nginx apache2` brings them.
"""

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest
from django.db import connection

from marquee.accounts import rate_limits
from marquee.accounts.models import AttemptCount
from tests.races.server import running
from tests.server import free_port

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="Proxies know no database: one engine is enough."
)
CONFIGURATIONS = Path(__file__).parents[1] / "docs" / "operating"
EMAIL, PEER, VICTIM = "nobody@example.com", "127.0.0.1", "203.0.113.9"
SECONDS_TO_START = 15
REQUEST_ID = "0123456789abcdef" * 2

NGINX = """
user root; daemon off; pid {directory}/pid; error_log {directory}/error.log; events {{}}
http {{
    access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    {config}
}}
"""
APACHE = """
ServerRoot {directory}
PidFile {directory}/pid
ErrorLog {directory}/error.log
ServerName box.example.org
Listen 127.0.0.1:{port}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
LoadModule env_module /usr/lib/apache2/modules/mod_env.so
LoadModule reqtimeout_module /usr/lib/apache2/modules/mod_reqtimeout.so
{config}
"""
APACHE_DROPS = ("X_Forwarded_For", "X-Forwarded_For", "X_Forwarded-For", "X-Forwarded-For")
# For each proxy: its command, the text around the configuration, the replacements for TLS and its
# port, and the line that drops the headers, with the text that replaces it in the control.
PROXIES = {
    "haproxy.cfg": (
        ["haproxy", "-db", "-f"],
        "{config}",
        {":443 ssl crt /etc/haproxy/box.example.org.pem": "127.0.0.1:{port}"},
        ("    http-request del-header _ -m sub\n", ""),
    ),
    "Caddyfile": (
        ["caddy", "run", "--adapter", "caddyfile", "--config"],
        "{config}",
        {
            "{\n    servers {": "{\n    admin off\n    auto_https off\n    servers {",
            "box.example.org {": "http://127.0.0.1:{port} {",
        },
        ("    request_header -*_*\n", ""),
    ),
    "nginx.conf": (
        ["nginx", "-c"],
        NGINX,
        {
            "listen 80;": "listen unix:{directory}/http;",
            "443 ssl;": "127.0.0.1:{port};",
            "    ssl_certificate /etc/nginx/box.example.org.pem;\n": "",
            "    ssl_certificate_key /etc/nginx/box.example.org.key;\n": "",
            "/var/log/nginx/marquee.log": "{directory}/access.log",
        },
        ("underscores_in_headers off", "underscores_in_headers on"),
    ),
    "apache.conf": (
        ["apache2", "-D", "FOREGROUND", "-f"],
        APACHE,
        {
            "*:443>": "127.0.0.1:{port}>",
            "    SSLEngine on\n": "",
            "    SSLCertificateFile /etc/apache2/box.example.org.pem\n": "",
            "/var/log/apache2/marquee.log": "{directory}/access.log",
        },
        ("".join(f"    RequestHeader unset {name} early\n" for name in APACHE_DROPS), ""),
    ),
}
SPELT = ("X-Forwarded-{}", "X_Forwarded_{}", "X-Forwarded_{}", "X_Forwarded-{}")
FORGED = {
    **{name: [f"{name}: %"] for name in SPELT},
    "upper case": ["X_FORWARDED_{}: %"],
    "lower case": ["x_forwarded_{}: %"],
    "several entries": ["X_Forwarded_{}: %, %, %", "X-Forwarded-{}: %, %"],
    "several lines": [f"{name}: %" for name in SPELT * 2],
    "first and last": ["X-Forwarded-{}: %", "X_Forwarded_{}: %", "X-Forwarded-{}: %"],
    "named in Connection": ["Connection: X-Forwarded-{}", "X_Forwarded_{}: %"],
    "spaces around": ["X_Forwarded_{}:   %  "],
    "a space before the colon": ["X_Forwarded_{} : %"],
    "a folded line": ["X-Other: a", "  X_Forwarded_{}: %"],
    "after a tab": ["\tX_Forwarded_{}: %"],
}


def forged(kind, name, value):
    return [line.format(name).replace("%", value) for line in FORGED[kind]]


def configuration(proxy):
    return (CONFIGURATIONS / proxy).read_text()


@contextmanager
def started(proxy, config, backend, directory):
    """Run a proxy in front of a server, and yield its port."""
    command, around, replaced, _ = PROXIES[proxy]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed: apt-get install {command[0]}")
    port = free_port()
    for old, new in {**replaced, "127.0.0.1:8000": f"127.0.0.1:{backend}"}.items():
        assert old in config
        config = config.replace(
            old, new.replace("{port}", str(port)).replace("{directory}", str(directory))
        )
    file = directory / "config"
    file.write_text(around.format(directory=directory, port=port, config=config))
    directory.chmod(0o755)  # nginx and Apache have users of their own
    home = {
        "HOME": str(directory),
        "XDG_DATA_HOME": str(directory),
        "XDG_CONFIG_HOME": str(directory),
    }
    program = subprocess.Popen(
        [*command, str(file)], env=os.environ | home,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        wait_for(port, program)
        yield port
    finally:
        program.terminate()
        program.communicate(timeout=20)


def wait_for(port, program):
    deadline = time.monotonic() + SECONDS_TO_START
    while program.poll() is None and time.monotonic() < deadline:
        try:
            return socket.create_connection((PEER, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
    program.kill()
    raise RuntimeError(program.communicate()[0].decode())


def ask(port, headers=(), *, method="POST", path="/api/v1/auth/login/"):
    """Send a request with the headers as they are, and return the status."""
    body = f'{{"email": "{EMAIL}", "password": "wrong"}}' if method == "POST" else ""
    lines = [
        f"{method} {path} HTTP/1.1", f"Host: {PEER}:{port}", "Content-Type: application/json",
        f"Content-Length: {len(body)}", *headers, "Connection: close",
    ]  # fmt: skip
    with socket.create_connection((PEER, port), timeout=10) as line:
        line.sendall("\r\n".join([*lines, "", body]).encode())
        return int(line.recv(12).split()[1])


@pytest.fixture(scope="module")
def counting(django_db_setup):
    """A server that counts attempts to log in, and refuses the second."""
    with running(TRUSTED_PROXIES="1", LOGIN_LIMIT="1") as server:
        yield server


@pytest.fixture(scope="module")
def secure(django_db_setup):
    """A server that redirects to HTTPS."""
    with running(TRUSTED_PROXIES="1", HTTPS="1", SITE_URL="https://box.example.org") as server:
        yield server


@pytest.mark.parametrize("proxy", PROXIES)
@pytest.mark.django_db(transaction=True)
def test_behind_a_proxy_as_documented_attempts_count_for_their_client(
    proxy, counting, tmp_path, settings
):
    settings.LOGIN_LIMIT = 1
    with started(proxy, configuration(proxy), counting.port, tmp_path) as port:
        for kind in FORGED:
            AttemptCount.objects.all().delete()
            assert ask(port) == 401
            assert ask(port, forged(kind, "For", VICTIM)) in {429, 400}, kind
            assert ask(port, forged(kind, "for", VICTIM)) in {429, 400}, kind
            keys = set(AttemptCount.objects.values_list("key", flat=True))
            assert rate_limits.hashed_key("login", EMAIL, PEER) in keys, kind
            assert rate_limits.hashed_key("login", EMAIL, VICTIM) not in keys, kind


@pytest.mark.parametrize("proxy", PROXIES)
def test_behind_a_proxy_as_documented_nobody_can_forge_https(proxy, secure, tmp_path):
    with started(proxy, configuration(proxy), secure.port, tmp_path) as port:
        for kind in FORGED:
            code = ask(port, forged(kind, "Proto", "https"), method="GET", path="/api/v1/cinemas/")
            assert code in {301, 400}, kind
        assert ask(port, method="GET", path="/readyz") == 404
        assert ask(port, method="GET", path="/%68ealthz") == 404


TOKEN = "Q2FuYXJ5U2lnbmF0dXJl"


@pytest.mark.parametrize("proxy", ["nginx.conf", "apache.conf"])
def test_the_log_of_a_proxy_as_documented_has_no_token_of_a_link(proxy, secure, tmp_path):
    """HAProxy and Caddy, as documented, have none."""
    with started(proxy, configuration(proxy), secure.port, tmp_path) as port:
        referrer = f"Referer: http://{PEER}/verify-email/?token={TOKEN}"
        ask(port, [referrer], method="GET", path=f"/verify-email/?token={TOKEN}")
    log = (tmp_path / "access.log").read_text()
    assert '"GET /verify-email/" 301 ' in log
    assert TOKEN not in log


@contextmanager
def backend():
    """Yield a socket that listens in Marquee's place."""
    with socket.create_server((PEER, 0)) as listener:
        listener.settimeout(10)
        yield listener


def received(listener):
    """Return the head of the next request that the proxy passes on."""
    line, _ = listener.accept()
    with line:
        head = b""
        while b"\r\n\r\n" not in head:
            head += line.recv(65536)
        return head.partition(b"\r\n\r\n")[0]


def begin(port, sent, headers=()):
    """Send so many bytes of a POST request with 100,000; return the connection."""
    client = socket.create_connection((PEER, port), timeout=10)
    lines = ["POST / HTTP/1.1", f"Host: {PEER}:{port}", "Content-Length: 100000", *headers, "", ""]
    client.sendall("\r\n".join(lines).encode() + b"x" * sent)
    return client


def passed_on(listener, port):
    """Return the head of a request as it arrives whose client forges headers, one with an underscore."""
    others = [f"X-Forwarded-For: \u00e9 {VICTIM}", f"X-Request-ID: {REQUEST_ID}"]
    with begin(port, 100_000, [*forged("X_Forwarded_{}", "For", VICTIM), *others]):
        return received(listener).lower()


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_proxy_as_documented_drops_forged_headers_and_buffers_bodies(proxy, tmp_path):
    """Apache buffers 16 KB of a body alone."""
    with (
        backend() as listener,
        started(proxy, configuration(proxy), port_of(listener), tmp_path) as port,
    ):
        head = passed_on(listener, port)
        assert b"x_forwarded_for" not in head
        assert b"\r\nx-forwarded-for: 127.0.0.1\r\n" in head
        assert REQUEST_ID.encode() not in head
        if proxy != "apache.conf":
            with begin(port, 40_000) as client:
                assert select([listener], [], [], 0.3) == ([], [], [])
                client.sendall(b"x" * 60_000)
                assert received(listener).startswith(b"POST / ")


@pytest.mark.parametrize("proxy", PROXIES)
def test_control_without_the_line_that_drops_them_such_headers_are_passed_on(proxy, tmp_path):
    drops, otherwise = PROXIES[proxy][3]
    config = configuration(proxy)
    assert drops in config
    with (
        backend() as listener,
        started(proxy, config.replace(drops, otherwise), port_of(listener), tmp_path) as port,
    ):
        assert b"x_forwarded_for" in passed_on(listener, port)


def port_of(listener):
    return listener.getsockname()[1]
