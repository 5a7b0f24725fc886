"""One code, one recovery code, one answer of a passkey used at once: one of them wins."""

from collections import Counter
from threading import Barrier

import pytest
from django.db import connection
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from marquee.accounts import locks, rate_limits
from marquee.accounts.errors import BadPasskey, TooManyCodes, WrongCode
from marquee.accounts.models import AccountEvent
from marquee.accounts.operations import (
    add_passkey,
    check_code,
    check_passkey,
    passkey_question,
    passkey_to_make,
)
from marquee.core import transactions
from tests.accounts.factors import Passkey, code_of, recovery_codes, with_app, wrong_code
from tests.factories import make_staff
from tests.races import guards
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS, PASSWORD, CLIENT = 6, "correct horse battery", ["192.0.2.7"]


def outcomes(results):
    """Return how many won, and what the others got."""
    return results.count(None), {type(result) for result in results if result is not None}


@pytest.mark.parametrize("kind", ["timed", "recovery"])
def test_of_parallel_uses_of_one_code_one_wins(kind):
    anna = with_app(make_staff())
    code = code_of() if kind == "timed" else recovery_codes(anna)[0]

    results = at_once(RACERS, lambda: check_code(user=anna, code=code, networks=CLIENT))

    assert outcomes(results) == (1, {WrongCode})


@pytest.mark.parametrize("limit", ["SECOND_FACTOR_LIMIT", "SECOND_FACTOR_DAILY_LIMIT"])
def test_of_parallel_guesses_as_many_are_looked_at_as_the_limit(settings, limit):
    setattr(settings, limit, 3)
    anna = with_app(make_staff())

    guesses = at_once(RACERS, lambda: check_code(user=anna, code=wrong_code(), networks=CLIENT))

    assert Counter(map(type, guesses)) == {WrongCode: 3, TooManyCodes: RACERS - 3}
    assert AccountEvent.objects.filter(kind="wrong_codes").count() == 1


@pytest.mark.parametrize(
    ("kind", "table", "use"),
    [("timed", TOTPDevice, "save"), ("recovery", StaticToken, "delete")],
)
def test_control_without_the_lock_a_code_is_used_by_several(kind, table, use, monkeypatch):
    anna, act, both = with_app(make_staff()), getattr(table, use), Barrier(2, timeout=30)

    def act_together(*arguments, **options):
        both.wait()
        return act(*arguments, **options)

    monkeypatch.setattr(locks, "lock", lambda user: user)
    if connection.vendor == "sqlite":  # whose guard is that only one transaction writes
        guards.replace_everywhere(monkeypatch, transactions.run_in_transaction, lambda work: work())
    monkeypatch.setattr(table, use, act_together)
    code = code_of() if kind == "timed" else recovery_codes(anna)[0]

    results = at_once(2, lambda: check_code(user=anna, code=code, networks=CLIENT))

    assert outcomes(results) == (2, set())


def test_of_parallel_uses_of_one_answer_one_wins(monkeypatch):
    anna, passkey = make_staff(password=PASSWORD), Passkey()
    made, state = passkey_to_make(user=anna, password=PASSWORD, networks=CLIENT)
    add_passkey(user=anna, state=state, answer=passkey.made(made), name="Laptop")
    question, state = passkey_question(user=anna)
    answer = passkey.used(question)

    def use():
        return check_passkey(user=anna, state=state, answer=answer)

    assert outcomes(at_once(RACERS, use)) == (1, {BadPasskey})
    monkeypatch.setattr(rate_limits, "is_first", lambda what: True)  # the control
    assert outcomes(at_once(RACERS, use)) == (RACERS, set())
