"""A token that we signed but would never have issued is a 401 for every operation."""

import base64
import json

import jwt
import pytest
from django.conf import settings
from rest_framework_simplejwt.tokens import AccessToken

from marquee.accounts import tokens
from marquee.accounts.models import RefreshToken
from marquee.api.authentication import verify_token
from tests.accounts.people import claims_of
from tests.api.operations import operations
from tests.api.problems import check_problem
from tests.factories import all_rows, client_of, make_staff

NEEDING_A_TOKEN = [one for one in operations() if one.needs_token]
# One operation for each class of authentication: read the user, check the account, trust the token.
EACH_WAY = {"GET /api/v1/me/", "GET /api/v1/bookings/", "POST /api/v1/shows/{show_id}/bookings/"}
NESTED = [[[[[]]]]]
NUMBERS = [
    True, False, None, 1.5, -1, 1e308, -1e308, float("inf"), float("-inf"), float("nan"), 2**63,
    2**64, 10**400, "", " 1", "1 ", "+1", "-1", "01", "1_0", "1.0", "1e0", "\u0663", "0x1", "nan",
    "9" * 19, "9" * 300, "1\0", "\ud800", [], [1], {}, {"id": 1}, NESTED,
]  # fmt: skip
TEXTS = [True, None, 0, 7, 1e308, [], ["x"], {}, {"x": 1}, NESTED, "\ud800", "\0"]
WRONG = {
    "user_id": NUMBERS,
    "epoch": [*NUMBERS, 2**31],
    "exp": [*NUMBERS, 0, 2**40, "99999999999"],
    "iat": [float("inf"), float("nan"), "x", [], {}, 2**64, 1e308],
    "nbf": [float("inf"), float("nan"), "x", [], {}, 2**64, 1e308],
    "iss": [*TEXTS, "x" * 500],
    "aud": [*TEXTS, "x" * 500],
    "token_type": [*TEXTS, "x" * 500],
    "jti": TEXTS[:9],
    "sub": [7, [], {}],
    "padding": ["x" * 2000],
}
WRONG_IN_REFRESH = WRONG | {
    "family": [*TEXTS, "", "x", "0" * 31, "0" * 33],
    "jti": [*TEXTS[:10], "\ud800"],
}


def signed(claims, **headers):
    """Return a token with these claims, NaN, Infinity and lone surrogates as Python writes them."""
    head = {"alg": "HS256", "typ": "JWT"} | headers
    segments = [_base64(json.dumps(part).encode()) for part in (head, claims)]
    hmac = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = hmac.sign(".".join(segments).encode(), settings.JWT_SIGNING_KEY.encode())
    return ".".join([*segments, _base64(signature)])


def _base64(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def access_claims(user):
    token = AccessToken.for_user(user)
    token["epoch"] = user.token_epoch
    return claims_of(str(token))


def check_no_entry(token, *, everywhere=False):
    """Check that operations that need an access token return 401 and change nothing."""
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    before = all_rows()
    asked = [one for one in NEEDING_A_TOKEN if everywhere or str(one) in EACH_WAY]
    assert len(asked) >= len(EACH_WAY)
    for operation in asked:
        response = client.generic(operation.method, operation.address(), b"{}", "application/json")
        code = response.json()["code"]
        assert code in {"not_authenticated", "token_expired"}
        check_problem(response, 401, code)
        assert response["WWW-Authenticate"].startswith("Bearer")
    assert all_rows() == before


def check_no_refresh(token):
    """Check that operations that take a refresh token return 401 and change no stored token."""
    before = list(RefreshToken.objects.values())
    for path in ("refresh", "logout"):
        body = json.dumps({"refresh": token})
        response = client_of().post(f"/api/v1/auth/{path}/", body, content_type="application/json")
        assert response.status_code in {400, 401}, response.content  # 400 for one that is too long
        check_problem(response, response.status_code, response.json()["code"])
    assert list(RefreshToken.objects.values()) == before


@pytest.mark.parametrize(
    "odd", [{"exp": 1e308}, {"user_id": 2**63}, {"user_id": True}, {"epoch": [0]}], ids=str
)
def test_no_operation_takes_an_odd_token(db, odd):
    check_no_entry(signed(access_claims(make_staff()) | odd), everywhere=True)


def test_a_token_as_we_issue_it_is_accepted(db):
    client = client_of()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {signed(access_claims(make_staff()))}")

    assert client.get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize("claim", WRONG)
def test_an_access_token_with_an_odd_claim_opens_nothing(db, claim):
    claims = access_claims(make_staff())
    for value in WRONG[claim]:
        check_no_entry(signed(claims | {claim: value}))


@pytest.mark.parametrize("claim", ["user_id", "epoch", "exp", "jti", "iss", "aud", "token_type"])
def test_an_access_token_without_a_claim_opens_nothing(db, claim):
    claims = access_claims(make_staff())
    del claims[claim]

    check_no_entry(signed(claims))


@pytest.mark.parametrize("claim", WRONG_IN_REFRESH)
def test_a_refresh_token_with_an_odd_claim_gets_and_ends_nothing(alice, claim):
    claims = claims_of(tokens.issue_pair(alice).refresh)
    for value in WRONG_IN_REFRESH[claim]:
        check_no_refresh(signed(claims | {claim: value}))


@pytest.mark.parametrize("claim", ["user_id", "epoch", "exp", "jti", "family", "token_type"])
def test_a_refresh_token_without_a_claim_gets_and_ends_nothing(alice, claim):
    claims = claims_of(tokens.issue_pair(alice).refresh)
    del claims[claim]

    check_no_refresh(signed(claims))


@pytest.mark.parametrize(
    "headers",
    [
        {"alg": "none"}, {"alg": ["HS256"]}, {"alg": {}}, {"alg": 1e308}, {"alg": "HS512"},
        {"kid": 7}, {"crit": ["x"]}, {"crit": 7}, {"b64": False}, {"typ": NESTED, "alg": ""},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_with_odd_headers_opens_and_gets_nothing(alice, headers):
    pair = tokens.issue_pair(alice)

    check_no_entry(signed(claims_of(pair.access), **headers))
    check_no_refresh(signed(claims_of(pair.refresh), **headers))


@pytest.mark.parametrize("part", ["[" * 1400, "7" * 1400, "7", "[]", '"x"', "null", "\xff", ""])
def test_a_token_whose_parts_are_no_objects_opens_and_gets_nothing(alice, part):
    segment = _base64(part.encode("latin-1"))
    for token in (f"{segment}.{segment}.x", f"{segment}..", f"..{segment}"):
        check_no_entry(token)
        check_no_refresh(token)


def test_bad_tokens_are_not_cached(db):
    remembered = verify_token.cache_info().currsize
    check_no_entry(signed(access_claims(make_staff()) | {"exp": 1e308}))

    assert verify_token.cache_info().currsize == remembered
