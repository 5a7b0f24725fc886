"""The pages of second factors, and what tests do there as the user of LOGIN."""

import re
from base64 import b32decode
from typing import Any

from django.test import Client

from tests.accounts.factors import code_of

PASSWORD, EMAIL = "correct horse battery", "anna@example.com"
LOGIN = {"email": EMAIL, "password": PASSWORD}
STEP, PAGE = "/log-in/second-factor/", "/account/second-factor/"
RECOVERY = STEP + "recovery-code/"
APP, KEY_PAGE, MAKE = PAGE + "authenticator/", PAGE + "passkey/", PAGE + "passkey/make/"


def is_logged_in(client: Client) -> bool:
    """Return whether the browser has a session of an account."""
    return client.get("/account/").status_code == 200


def codes_on(response: Any) -> list[str]:
    """Return the recovery codes that a page shows."""
    return re.findall(r"<code>(.*?)</code>", response.content.decode())


def add_app(client: Client, **fields: str) -> Any:
    """Add an authenticator app by its page, with other fields than the right ones; return the response."""
    found = re.search(r'class="key">(.*?)<', client.get(APP).content.decode())
    assert found
    key = b32decode(found[1].replace(" ", "")).hex()
    proof = {"code": code_of(key), "name": "Phone", "password": PASSWORD}
    return client.post(APP, proof | fields)
