"""Passkeys: made and used once, in time, by their owner alone."""

import json
import time
from contextlib import nullcontext

import pytest
from django_otp_webauthn.models import WebAuthnCredential, WebAuthnUserHandle

from marquee.accounts.errors import BadPasskey, SecondFactorRequired
from marquee.accounts.operations import (
    add_passkey,
    check_passkey,
    log_in,
    passkey_question,
    passkey_to_make,
)
from tests.accounts.factors import Passkey
from tests.factories import make_staff

pytestmark = pytest.mark.django_db

PASSWORD, CLIENT = "correct horse battery", ["192.0.2.7"]
PROOF = {"password": PASSWORD, "networks": CLIENT}


@pytest.fixture
def anna():
    return make_staff(email="anna@example.com", password=PASSWORD)


def enter(user, code=None):
    return log_in(email=user.email, password=PASSWORD, networks=CLIENT, code=code)


def add_key(user, passkey):
    question, state = passkey_to_make(user=user, **PROOF)
    return add_passkey(user=user, state=state, answer=passkey.made(question), name="Laptop")


def test_a_passkey_is_made_and_used(anna):
    passkey = Passkey()
    codes = add_key(anna, passkey)

    assert len(codes) == 10
    with pytest.raises(SecondFactorRequired, match="add an authenticator app at /account/second"):
        enter(anna)
    assert enter(anna, codes[0])
    question, state = passkey_question(user=anna)
    assert len(question["allowCredentials"]) == 1
    check_passkey(user=anna, state=state, answer=passkey.used(question))
    assert WebAuthnCredential.objects.get().last_used_at
    assert WebAuthnUserHandle.objects.get().user == anna


def test_an_answer_is_good_once(anna):
    passkey = Passkey()
    add_key(anna, passkey)
    question, state = passkey_question(user=anna)
    check_passkey(user=anna, state=state, answer=passkey.used(question))

    with pytest.raises(BadPasskey):
        check_passkey(user=anna, state=state, answer=passkey.used(question))


@pytest.mark.parametrize("late", [False, True])
def test_an_answer_is_good_for_ten_minutes(anna, monkeypatch, late):
    passkey, began = Passkey(), time.time()
    made, to_make = passkey_to_make(user=anna, **PROOF)
    monkeypatch.setattr(time, "time", lambda: began + (700 if late else 500))
    with pytest.raises(BadPasskey) if late else nullcontext():
        add_passkey(user=anna, state=to_make, answer=passkey.made(made), name="Laptop")


def answers(passkey, question):
    """Yield answers that are not good, each to a question of its own."""
    good = json.loads(passkey.used(question))
    yield passkey.used(question, origin="https://evil.example")
    yield passkey.used(question, type="webauthn.create")
    yield passkey.used({"challenge": "AAAA"})
    yield Passkey().used(question)
    yield json.dumps(good | {"response": good["response"] | {"signature": "AAAA"}})
    yield json.dumps(good | {"response": 7})
    yield json.dumps(good | {"rawId": "%%"})
    yield from ("", "7", "null", "[]", "{}", "{", "[" * 9000, '{"id": null}', "\0")


def test_what_is_no_answer_is_refused(anna):
    passkey = Passkey()
    add_key(anna, passkey)

    for number in range(len(list(answers(passkey, {"challenge": "AAAA"})))):
        question, state = passkey_question(user=anna)
        with pytest.raises(BadPasskey):
            check_passkey(user=anna, state=state, answer=list(answers(passkey, question))[number])
    with pytest.raises(BadPasskey):
        check_passkey(user=anna, state=None, answer=passkey.used(question))


def test_somebody_elses_passkey_is_refused(anna):
    passkey = Passkey()
    add_key(make_staff(password=PASSWORD), passkey)
    add_key(anna, Passkey())

    question, state = passkey_question(user=anna)
    with pytest.raises(BadPasskey):
        check_passkey(user=anna, state=state, answer=passkey.used(question))


def test_a_passkey_is_added_once(anna):
    passkey = Passkey()
    add_key(anna, passkey)

    with pytest.raises(BadPasskey):
        add_key(make_staff(password=PASSWORD), passkey)
    assert WebAuthnCredential.objects.count() == 1
