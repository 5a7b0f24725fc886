"""What has a second factor: codes of an authenticator app, and a passkey in software."""

import json
import os
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.conf import settings
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from marquee.accounts.authenticator_keys import seal
from marquee.accounts.models import User
from marquee.accounts.operations.factors import _new_codes

KEY = "0123456789abcdef0123456789abcdef01234567"
USER_PRESENT, USER_VERIFIED, HAS_CREDENTIAL = 1, 4, 0x40


def code_of(key: str = KEY, *, steps: int = 0) -> str:
    """Return the code that an app with this key shows, so many steps of 30 seconds from now."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() + 30 * steps
    return f"{totp.token():06}"


def wrong_code(key: str = KEY) -> str:
    """Return six digits that are no code of the key, now or soon."""
    near = {code_of(key, steps=steps) for steps in range(-3, 4)}
    return next(code for code in map("{:06}".format, range(9)) if code not in near)


def with_app(user: User) -> User:
    """Return the user, who has an authenticator app now."""
    TOTPDevice.objects.create(user=user, name="Phone", key=seal(KEY, user_id=user.pk))
    return user


def recovery_codes(user: User) -> list[str]:
    """Return new recovery codes of a user."""
    return _new_codes(user)


class Passkey:
    """A passkey that lives in this object, and answers as a browser does."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)

    def made(self, question: Any, **changes: Any) -> str:
        """Return the answer to a question that asks to make it."""
        numbers = self.key.public_key().public_numbers()
        public = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        credential = bytes(16) + len(self.id).to_bytes(2) + self.id + cbor2.dumps(public)
        data = self._data(USER_PRESENT | USER_VERIFIED | HAS_CREDENTIAL) + credential
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", question, changes)
        return self._answer(client, {"attestationObject": text(attestation)})

    def used(self, question: Any, **changes: Any) -> str:
        """Return the answer to a question that asks to use it."""
        data = self._data(USER_PRESENT)
        client = self._client("webauthn.get", question, changes)
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {"authenticatorData": text(data), "signature": text(signature)}
        return self._answer(client, response)

    @staticmethod
    def _data(flags: int) -> bytes:
        host = str(settings.OTP_WEBAUTHN_RP_ID).encode()
        uses = bytes(4)  # most passkeys count nothing
        return sha256(host).digest() + bytes([flags]) + uses

    @staticmethod
    def _client(kind: str, question: Any, changes: dict[str, Any]) -> bytes:
        said = {
            "type": kind,
            "challenge": question["challenge"],
            "origin": settings.SITE_URL,
            "crossOrigin": False,
        }
        return json.dumps(said | changes).encode()

    def _answer(self, client: bytes, response: dict[str, Any]) -> str:
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "response": {"clientDataJSON": text(client)} | response,
                "clientExtensionResults": {},
            }
        )


def text(data: bytes) -> str:
    """Return bytes as browsers write them."""
    return urlsafe_b64encode(data).decode().rstrip("=")
