"""Tokens that somebody forged, stole, bent or kept: each opens nothing, and changes nothing."""

import base64
import json
import time
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.conf import settings
from django.test import Client

from marquee.accounts import tokens
from marquee.accounts.models import RefreshToken
from tests.api.problems import check_problem
from tests.api.test_odd_tokens import access_claims, signed
from tests.factories import all_rows, client_of

OTHER_KEY = "another-key-of-somebody-who-guesses-" * 2
NULS = "\0" * 64


def encode(claims, key=None, algorithm="HS256", **headers):
    return jwt.encode(claims, key or settings.JWT_SIGNING_KEY, algorithm, headers=headers)


def segment(part):
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def unsigned(user, algorithm):
    return f"{segment({'alg': algorithm, 'typ': 'JWT'})}.{segment(access_claims(user))}."


def with_payload_of(user, **changes):
    """Return a good token whose payload was changed, with the signature of before."""
    head, _, signature = encode(access_claims(user)).split(".")
    return f"{head}.{segment(access_claims(user) | changes)}.{signature}"


def changed(user, **claims):
    return signed(access_claims(user) | claims)


def of_hours_ago(user):
    ago = int((datetime.now(UTC) - timedelta(hours=3)).timestamp())
    return changed(user, iat=ago, exp=ago + 300)


def after_deactivation(user):
    token = encode(access_claims(user))
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    return token


def after_revocation(user):
    token = encode(access_claims(user))
    type(user).objects.filter(pk=user.pk).update(token_epoch=user.token_epoch + 1)
    return token


def after_deletion(user):
    token = encode(access_claims(user))
    user.delete()
    return token


FORGED = {
    "alg none": lambda user: unsigned(user, "none"),
    "alg None in another case": lambda user: unsigned(user, "nOnE"),
    "alg none with a signature": lambda user: unsigned(user, "none") + "AAAA",
    "alg RS256": lambda user: unsigned(user, "RS256") + "AAAA",
    "another HMAC": lambda user: encode(access_claims(user), settings.JWT_SIGNING_KEY * 2, "HS512"),
    "another key": lambda user: encode(access_claims(user), OTHER_KEY),
    "a key of NULs": lambda user: encode(access_claims(user), NULS),
    "the key of sessions": lambda user: encode(access_claims(user), settings.SECRET_KEY),
    "a key of its own in the header": lambda user: encode(
        access_claims(user), OTHER_KEY, jwk={"kty": "oct", "k": "YW5vdGhlcg"}
    ),
    "a key file by kid": lambda user: encode(access_claims(user), NULS, kid="../../../dev/null"),
    "SQL in kid": lambda user: encode(access_claims(user), OTHER_KEY, kid="x' UNION SELECT 'key"),
    "a key from another site": lambda user: encode(
        access_claims(user), OTHER_KEY, jku="https://evil.example/keys.json"
    ),
    "another user's id under the old signature": lambda user: with_payload_of(
        user, user_id="999999"
    ),
    "a later expiry under the old signature": lambda user: with_payload_of(user, exp=2**33),
    "no signature": lambda user: encode(access_claims(user)).rpartition(".")[0] + ".",
    "half a signature": lambda user: encode(access_claims(user))[:-20],
    "a fourth part": lambda user: encode(access_claims(user)) + ".AAAA",
    "another audience": lambda user: changed(user, aud="another-service"),
    "another issuer": lambda user: changed(user, iss="https://evil.example"),
    "a refresh token": lambda user: tokens.issue_pair(user).refresh,
    "an invented type": lambda user: changed(user, token_type="admin"),
    "expired": of_hours_ago,
    "not yet valid": lambda user: changed(user, nbf=int(time.time()) + 3600),
    "issued tomorrow": lambda user: changed(user, iat=int(time.time()) + 86_400),
    "no expiry": lambda user: signed(
        {name: value for name, value in access_claims(user).items() if name != "exp"}
    ),
    "huge claims": lambda user: changed(user, padding="x" * 8000),
    "thousands of claims": lambda user: changed(user, **{f"c{n}": n for n in range(900)}),
    "an epoch to come": lambda user: changed(user, epoch=user.token_epoch + 1),
    "revoked": after_revocation,
    "of a deactivated account": after_deactivation,
    "of a deleted account": after_deletion,
}


def ask_everywhere(client, show):
    """Return the responses of what reads the account, what checks it, and what books."""
    tickets = json.dumps({"tickets": [{"seat": "A1"}]})
    json_type = "application/json"
    return [
        client.get("/api/v1/me/"),
        client.get("/api/v1/bookings/"),
        client.post(f"/api/v1/shows/{show.pk}/bookings/", tickets, content_type=json_type),
    ]


@pytest.mark.parametrize("attack", FORGED)
def test_a_forged_token_opens_nothing(mallory, show, attack):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {FORGED[attack](mallory)}")
    before = all_rows()
    for response in ask_everywhere(client, show):
        check_problem(response, 401, response.json()["code"])
    assert all_rows() == before


ELSEWHERE = {
    "in the query": lambda token: {"path": f"/api/v1/me/?access_token={token}"},
    "in a cookie": lambda token: {"HTTP_COOKIE": f"access={token}; Authorization={token}"},
    "as Basic": lambda token: {"HTTP_AUTHORIZATION": f"Basic {token}"},
    "without a scheme": lambda token: {"HTTP_AUTHORIZATION": token},
    "twice": lambda token: {"HTTP_AUTHORIZATION": f"Bearer {token} {token}"},
    "in a list": lambda token: {"HTTP_AUTHORIZATION": f"Bearer {token}, Bearer {token}"},
    "in X-Authorization": lambda token: {"HTTP_X_AUTHORIZATION": f"Bearer {token}"},
    "in Proxy-Authorization": lambda token: {"HTTP_PROXY_AUTHORIZATION": f"Bearer {token}"},
}


@pytest.mark.parametrize("attack", ELSEWHERE)
def test_a_good_token_elsewhere_than_in_its_header_opens_nothing(alice, attack):
    sent = ELSEWHERE[attack](encode(access_claims(alice)))
    response = client_of().get(sent.pop("path", "/api/v1/me/"), **sent)
    assert response.status_code in {400, 401}
    assert alice.email not in response.content.decode()


def test_a_session_of_pages_opens_nothing_of_the_api(alice):
    browser = Client()
    browser.force_login(alice)
    check_problem(browser.get("/api/v1/me/"), 401, "not_authenticated")


def test_a_token_of_the_api_opens_no_page(alice):
    token = encode(access_claims(alice))
    response = Client().get("/account/", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert response.status_code == 302
    assert response["Location"].startswith("/log-in/")


def _refresh(user, key=None, **changes):
    claims = jwt.decode(tokens.issue_pair(user).refresh, options={"verify_signature": False})
    return encode(claims | changes, key)


def _forgotten(user):
    refresh = tokens.issue_pair(user).refresh
    RefreshToken.objects.all().delete()
    return refresh


REFRESHING = {
    "an access token": lambda user: encode(access_claims(user)),
    "another key": lambda user: _refresh(user, key=OTHER_KEY),
    "alg none": lambda user: f"{segment({'alg': 'none'})}.{_refresh(user).split('.')[1]}.",
    "another user's id": lambda user: _refresh(user, user_id="999999"),
    "a made-up family": lambda user: _refresh(user, family="0" * 32, jti="f" * 32),
    "a token that is no longer stored": _forgotten,
}


@pytest.mark.parametrize("attack", REFRESHING)
def test_a_forged_refresh_token_gets_no_tokens(mallory, attack):
    body = {"refresh": REFRESHING[attack](mallory)}
    before = all_rows()
    response = client_of().post("/api/v1/auth/refresh/", body)
    check_problem(response, 401, response.json()["code"])
    assert all_rows() == before
