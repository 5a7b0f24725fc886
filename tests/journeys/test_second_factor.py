"""Adding second factors and logging in with them: the browser's passkeys, codes of an app, recovery codes.

Passkeys need a host with a name, so the site is at `localhost` here. Chromium's virtual authenticator holds them.
"""

import re
from base64 import b32decode, b64encode
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import expect

from tests.accounts.factors import code_of
from tests.factories import make_staff
from tests.journeys.checks import axe, budget, press, targets
from tests.journeys.screens import PHONE

PASSWORD, PAGE = "correct horse battery", "/account/second-factor/"
PLATFORM = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
}


@pytest.fixture
def anna(transactional_db):
    return make_staff(email="anna@example.com", password=PASSWORD, language="en")


@pytest.fixture
def site(site_address, settings):
    """Return the address of the site by a name, which its passkeys belong to."""
    address = site_address.replace("127.0.0.1", "localhost")
    settings.OTP_WEBAUTHN_RP_ID = urlsplit(address).hostname
    settings.OTP_WEBAUTHN_ALLOWED_ORIGINS = [address]
    return address


class Authenticator:
    """A device that holds passkeys, and of which the browser thinks that a person touches it."""

    def __init__(self, page):
        self.session = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM})
        self.id = added["authenticatorId"]

    def send(self, method, **parameters):
        return self.session.send(f"WebAuthn.{method}", {"authenticatorId": self.id} | parameters)

    def replace_key(self):
        """Give the passkey that it holds another key, as a forged one has."""
        (passkey,) = self.send("getCredentials")["credentials"]
        key = ec.generate_private_key(ec.SECP256R1())
        forged = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.send("removeCredential", credentialId=passkey["credentialId"])
        self.send(
            "addCredential",
            credential=passkey | {"privateKey": b64encode(forged).decode()},
        )
        return passkey


def log_in(page, password=PASSWORD):
    page.goto(f"/log-in/?next={PAGE}")
    page.get_by_label("E-mail", exact=False).first.fill("anna@example.com")
    page.get_by_label("Password", exact=True).fill(password)
    page.keyboard.press("Enter")


def log_out(page):
    page.goto("/log-out/")
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.locator(".message")).to_have_text("You are logged out.")


def prove(page):
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")


def level_one(page):
    return expect(page.get_by_role("heading", level=1))


def test_a_passkey_is_made_and_logs_in_and_another_does_not(visitor, anna, site):
    page = visitor(base_url=site)
    device = Authenticator(page)
    log_in(page)
    page.get_by_role("link", name="Add a passkey").click()
    level_one(page).to_have_text("Add a passkey")
    axe(page)
    prove(page)
    page.get_by_role("button", name="Make the passkey").click()
    level_one(page).to_have_text("Recovery codes")
    page.get_by_role("link", name="I have kept them").click()
    level_one(page).to_have_text("Second factor")
    log_out(page)

    log_in(page)
    level_one(page).to_have_text("Your second factor")
    axe(page)
    plain = visitor(base_url=site, java_script_enabled=False)
    log_in(plain)
    expect(plain.get_by_text("Passkeys need JavaScript")).to_be_visible()
    expect(plain.get_by_role("button", name="Use a passkey")).to_be_hidden()
    page.watch.expect(400)
    passkey = device.replace_key()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert").first).to_contain_text("This passkey was not accepted")
    axe(page)
    device.send("removeCredential", credentialId=passkey["credentialId"])
    device.send("addCredential", credential=passkey)
    press(page, "Tab", "Use a passkey")
    page.keyboard.press("Enter")
    level_one(page).to_have_text("Second factor")
    expect(page.locator(".devices")).to_contain_text("Passkey")


def test_an_app_is_added_and_its_code_and_a_recovery_code_log_in(visitor, anna):
    page = visitor(PHONE)
    page.watch.expect(400)
    log_in(page)
    level_one(page).to_have_text("Second factor")
    axe(page)
    targets(page)
    page.get_by_role("link", name="Add an authenticator app").tap()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    budget(page, page.watch)
    axe(page)
    targets(page)
    key = b32decode(page.locator(".key").inner_text().replace(" ", "")).hex()
    page.get_by_label("Code", exact=True).fill(code_of(key))
    prove(page)
    level_one(page).to_have_text("Recovery codes")
    axe(page)
    targets(page)
    codes = page.locator(".codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").tap()
    assert download.value.suggested_filename == "marquee-recovery-codes.txt"
    assert download.value.path().read_text().splitlines()[2:] == codes
    page.get_by_role("link", name="I have kept them").tap()
    level_one(page).to_have_text("Second factor")
    log_out(page)

    log_in(page)
    page.get_by_label("Code", exact=True).fill("wrong")
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("^Error: "))
    axe(page)
    targets(page)
    page.get_by_label("Code", exact=True).fill(code_of(key, steps=1))
    page.keyboard.press("Enter")
    level_one(page).to_have_text("Second factor")
    log_out(page)

    log_in(page)
    page.get_by_role("link", name="Use a recovery code").tap()
    level_one(page).to_have_text("Recovery code")
    axe(page)
    targets(page)
    page.keyboard.type(codes[0])  # the field has the focus
    page.keyboard.press("Enter")
    expect(page.locator(".message")).to_contain_text("9 recovery codes are left")
