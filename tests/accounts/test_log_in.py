from unittest.mock import patch

import pytest

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from marquee.accounts.hashers import Argon2
from marquee.accounts.models import RefreshToken
from tests.accounts.people import CLIENT, PASSWORD, claims_of, log_in, make_user

pytestmark = pytest.mark.django_db


def make_inactive():
    make_user(is_active=False)


def make_without_password():
    make_user(password=None)


REFUSED = [
    pytest.param(lambda: None, PASSWORD, id="unknown address"),
    pytest.param(make_user, "wrong", id="wrong password"),
    pytest.param(make_inactive, PASSWORD, id="deactivated"),
    pytest.param(make_without_password, PASSWORD, id="no password"),
]


@pytest.mark.parametrize(("make", "password"), REFUSED)
def test_every_refused_login_gets_the_same_refusal(make, password):
    make()
    with pytest.raises(BadCredentials) as refusal:
        log_in(password=password)
    assert refusal.value.detail == "The address and the password do not belong together."
    assert refusal.value.facts == {}
    assert not RefreshToken.objects.exists()


@pytest.mark.parametrize(("make", "password"), REFUSED)
def test_every_refused_login_takes_one_hash_and_one_query(
    make, password, django_assert_num_queries
):
    make()
    with (
        patch.object(Argon2, "verify", autospec=True, side_effect=Argon2.verify) as verify,
        patch.object(Argon2, "encode", autospec=True, side_effect=Argon2.encode) as encode,
        django_assert_num_queries(1),
        pytest.raises(BadCredentials),
    ):
        log_in(password=password)
    assert verify.call_count + encode.call_count == 1


def test_tokens_say_who_and_what_they_are_for(alice):
    pair = log_in()
    access, refresh = claims_of(pair.access), claims_of(pair.refresh)
    assert (access["token_type"], refresh["token_type"]) == ("access", "refresh")
    for claims in (access, refresh):
        assert (claims["iss"], claims["aud"]) == ("marquee", "marquee")
        assert (claims["user_id"], claims["epoch"]) == (str(alice.pk), 0)
    assert access["exp"] - access["iat"] == 5 * 60
    assert refresh["exp"] - refresh["iat"] == 14 * 24 * 60 * 60


def test_no_token_is_stored_in_readable_form(alice):
    claims = claims_of(log_in().refresh)
    row = RefreshToken.objects.values().get()
    assert len(row["digest"]) == 64
    assert claims["jti"] not in map(str, row.values())


def test_logging_in_leaves_other_sessions_alone(alice):
    first = log_in()
    log_in()
    assert operations.refresh(token=first.refresh, networks=[CLIENT])
