"""The Swagger page keeps itself logged in. The script runs in Node, with a page made of stubs."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from marquee.accounts import tokens
from tests.factories import make_user

SCRIPT = Path(__file__).parents[2] / "marquee/api/static/api/swagger_tokens.js"
NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="Node runs the script.")
STUBS = """
const { swaggerTokens } = require(SCRIPT);
const stored = {}, authorized = [], asked = [];
let clock = 1000, answers = [];
const page = {
  base: "http://testserver/swagger/", now: () => clock, authorize: (access) => authorized.push(access),
  storage: {
    getItem: (name) => name in stored ? stored[name] : null,
    setItem: (name, value) => { stored[name] = value; }, removeItem: (name) => { delete stored[name]; },
  },
  fetch: async (url, request) => {
    asked.push([url, JSON.parse(request.body).refresh]);
    const [status, body] = answers.shift();
    return { ok: status === 200, status, json: async () => body };
  },
};
const request = (access) => ({ headers: access ? { Authorization: `Bearer ${access}` } : {} });
const response = (path, status, body) => (
  { url: `http://testserver/api/v1/${path}`, status, ok: status < 400, body });
(async () => {
  const script = swaggerTokens(page);
  const sent = async (access) =>
    (await script.requestInterceptor(request(access))).headers.Authorization;
  const told = (path, status, body) => script.responseInterceptor(response(path, status, body));
  const show = (value) => console.log(JSON.stringify(value));
  STEPS
})();
"""


def run(steps, *pairs):
    """Run steps in Node; return what they show."""
    code = STUBS.replace("SCRIPT", json.dumps(str(SCRIPT)), 1).replace("STEPS", steps)
    code = f"const pairs = {json.dumps([vars_of(pair) for pair in pairs])};\n{code}"
    output = subprocess.run(
        [str(NODE), "-e", code], capture_output=True, text=True, check=True, timeout=30
    )
    return [json.loads(line) for line in output.stdout.splitlines()]


def vars_of(pair):
    return {"access": pair.access, "refresh": pair.refresh}


@pytest.fixture
def pairs(db, settings):
    user = make_user()
    return [tokens.issue_pair(user) for _ in range(2)]


@needs_node
@pytest.mark.parametrize("path", ["auth/login/", "auth/signup/", "me/password/", "auth/refresh/"])
def test_a_log_in_on_the_page_authorizes_it(pairs, path):
    steps = (
        f"await told('{path}', 200, pairs[0]); show(authorized); show(await sent(pairs[0].access));"
    )
    first = pairs[0].access
    assert run(steps, *pairs) == [[first], f"Bearer {first}"]


@needs_node
def test_before_the_token_expires_the_next_pair_is_fetched_once(pairs):
    steps = """
        await told('auth/login/', 200, pairs[0]);
        clock += 300 - 20; show(await sent(pairs[0].access));
        clock += 10; answers = [[200, pairs[1]]];
        show(await Promise.all([sent(pairs[0].access), sent(pairs[0].access)]));
        show(asked); show(authorized);
    """
    old, new = pairs
    assert run(steps, *pairs) == [
        f"Bearer {old.access}",
        [f"Bearer {new.access}"] * 2,
        [["/api/v1/auth/refresh/", old.refresh]],
        [old.access, new.access],
    ]


@needs_node
def test_a_401_of_an_expired_token_fetches_the_next_pair(pairs):
    steps = """
        await told('auth/login/', 200, pairs[0]);
        answers = [[200, pairs[1]]];
        await told('bookings/', 401, {code: 'not_authenticated'}); show(asked.length);
        await told('bookings/', 401, {code: 'token_expired'}); show(asked.length); show(authorized[1]);
    """
    assert run(steps, *pairs) == [0, 1, pairs[1].access]


@needs_node
@pytest.mark.parametrize("path", ["auth/logout/", "me/delete/"])
def test_a_session_that_ended_is_forgotten(pairs, path):
    steps = f"""
        await told('auth/login/', 200, pairs[0]); show(Object.keys(stored).length);
        await told('{path}', 204, undefined); show(Object.keys(stored).length);
        clock += 1000; show(await sent(pairs[0].access)); show(asked);
    """
    assert run(steps, *pairs) == [1, 0, f"Bearer {pairs[0].access}", []]


@needs_node
def test_a_refused_refresh_is_not_tried_again_and_the_request_is_sent(pairs):
    steps = """
        await told('auth/login/', 200, pairs[0]); clock += 1000; answers = [[401, {}]];
        show(await sent(pairs[0].access)); show(await sent(pairs[0].access)); show(asked.length);
    """
    assert run(steps, *pairs) == [f"Bearer {pairs[0].access}"] * 2 + [1]


@needs_node
def test_a_token_that_was_pasted_is_left_alone(pairs):
    steps = """
        await told('auth/login/', 200, pairs[0]); clock += 1000;
        show(await sent(pairs[1].access)); show((await sent(null)) ?? null); show(asked);
    """
    assert run(steps, *pairs) == [f"Bearer {pairs[1].access}", None, []]


@needs_node
def test_the_page_knows_its_tokens_after_a_reload(pairs):
    steps = """
        await told('auth/login/', 200, pairs[0]); clock += 290; answers = [[200, pairs[1]]];
        const again = swaggerTokens(page);
        again.onComplete(); show(authorized.length);
        show((await again.requestInterceptor(request(pairs[0].access))).headers.Authorization);
    """
    assert run(steps, *pairs) == [2, f"Bearer {pairs[1].access}"]


@needs_node
def test_a_page_without_tokens_is_not_logged_in(pairs):
    assert run("script.onComplete(); show(authorized);", *pairs) == [[]]


def test_the_page_loads_the_script_before_its_own(client):
    html = client.get("/swagger/").content.decode()
    assert html.index("api/swagger_tokens.") < html.index("swagger-ui-bundle.js")
    assert finders.find("api/swagger_tokens.js") == str(SCRIPT)
    assert b"...{persistAuthorization" not in client.get("/swagger/?script=").content
    assert b"...marqueeTokens" in client.get("/swagger/?script=").content


@needs_node
def test_the_scripts_of_the_page_are_javascript(client, tmp_path):
    script = tmp_path / "swagger.js"
    script.write_bytes(client.get("/swagger/?script=").content)
    for file in (script, SCRIPT):
        subprocess.run([str(NODE), "--check", str(file)], check=True, timeout=30)
