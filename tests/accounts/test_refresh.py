from datetime import UTC, datetime, timedelta

import pytest

from marquee.accounts import operations, tokens
from marquee.accounts.errors import BadCredentials, TooManyAttempts
from marquee.accounts.models import AttemptCount, RefreshToken
from tests.accounts.people import CLIENT, claims_of, forge, live_tokens, log_in, make_user

pytestmark = pytest.mark.django_db


def age_used_tokens(seconds):
    """Make all used tokens look used so many seconds ago."""
    ago = datetime.now(UTC) - timedelta(seconds=seconds)
    RefreshToken.objects.exclude(spent_at=None).update(spent_at=ago)


def assert_revoked(token):
    with pytest.raises(BadCredentials):
        operations.refresh(token=token, networks=[CLIENT])


def test_a_refresh_token_gives_the_next_pair(alice):
    first = log_in()
    second = operations.refresh(token=first.refresh, networks=[CLIENT])
    assert claims_of(second.access)["user_id"] == str(alice.pk)
    assert claims_of(second.refresh)["family"] == claims_of(first.refresh)["family"]
    assert operations.refresh(token=second.refresh, networks=[CLIENT])


def test_refreshing_takes_four_statements(alice, django_assert_num_queries):
    pair = log_in()
    with django_assert_num_queries(4 + 2):  # the savepoint of a test
        operations.refresh(token=pair.refresh, networks=[CLIENT])


def refresh(token):
    return operations.refresh(token=token, networks=[CLIENT])


def test_a_use_within_the_grace_gets_the_same_pair_again(alice):
    first = log_in()
    second = refresh(first.refresh)
    age_used_tokens(seconds=tokens.REUSE_GRACE.seconds - 2)
    rows = list(RefreshToken.objects.order_by("pk").values())
    assert refresh(first.refresh) == second
    assert list(RefreshToken.objects.order_by("pk").values()) == rows


def test_the_pair_is_the_same_in_another_second(alice, monkeypatch):
    first = log_in()
    second = refresh(first.refresh)
    later = datetime.now(UTC) + timedelta(seconds=5)
    monkeypatch.setattr(tokens, "aware_utcnow", lambda: later)
    assert refresh(first.refresh) == second


def test_once_the_next_token_is_used_a_repeat_is_refused_and_revokes_nothing(alice):
    first = log_in()
    second = refresh(first.refresh)
    third = refresh(second.refresh)
    age_used_tokens(seconds=tokens.REUSE_GRACE.seconds - 2)
    assert_revoked(first.refresh)
    assert live_tokens() == 1
    assert refresh(third.refresh)


def test_a_repeat_after_the_grace_is_refused_though_the_next_token_is_unused(alice):
    first = log_in()
    second = refresh(first.refresh)
    age_used_tokens(seconds=tokens.REUSE_GRACE.seconds + 2)
    assert_revoked(first.refresh)
    assert_revoked(second.refresh)


@pytest.mark.parametrize("end", ["log out", "new password", "deactivate"])
def test_a_session_that_was_ended_is_not_repeated(alice, end):
    first = log_in()
    second = refresh(first.refresh)
    if end == "log out":
        operations.log_out(token=second.refresh)
    elif end == "new password":
        alice.set_password("staple wagon meadow")
        alice.save()
    else:
        alice.is_active = False
        alice.save()
    assert_revoked(first.refresh)
    assert_revoked(second.refresh)


def test_the_next_token_cannot_be_derived_without_the_key(alice, settings):
    first = log_in()
    claims = tokens.decode_refresh(first.refresh)
    expected = claims.successor
    settings.JWT_SIGNING_KEY = "another key of enough characters"
    assert claims.successor != expected


def test_a_token_of_before_the_derivation_is_refreshed(alice):
    """Its successor is derived, its own id is not."""
    first = log_in()
    assert refresh(first.refresh)
    assert refresh(refresh(first.refresh).refresh)


def test_an_expired_refresh_token_says_so(alice):
    pair = log_in()
    with pytest.raises(BadCredentials, match="expired at 2001-09-09T01:46:40Z") as caught:
        refresh(forge(pair.refresh, exp=10**9, iat=10**9 - 60))
    assert caught.value.facts == {"expired_at": "2001-09-09T01:46:40Z"}


def test_using_a_token_again_after_the_grace_revokes_its_family(alice):
    first = log_in()
    second = operations.refresh(token=first.refresh, networks=[CLIENT])
    third = operations.refresh(token=second.refresh, networks=[CLIENT])
    elsewhere = log_in()
    age_used_tokens(seconds=tokens.REUSE_GRACE.seconds + 2)
    assert_revoked(first.refresh)
    assert_revoked(third.refresh)
    assert operations.refresh(token=elsewhere.refresh, networks=[CLIENT])


@pytest.mark.django_db(transaction=True)
def test_the_revocation_is_committed_although_the_refresh_is_refused():
    make_user()
    pair = log_in()
    operations.refresh(token=pair.refresh, networks=[CLIENT])
    age_used_tokens(seconds=tokens.REUSE_GRACE.seconds + 2)
    assert live_tokens() == 1
    assert_revoked(pair.refresh)
    assert live_tokens() == 0


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"exp": 1}, id="expired"),
        pytest.param({"exp": None}, id="never expires"),
        pytest.param({"token_type": "access"}, id="other type"),
        pytest.param({"token_type": None}, id="no type"),
        pytest.param({"iss": "somebody"}, id="other issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "somebody"}, id="other audience"),
        pytest.param({"aud": None}, id="no audience"),
        pytest.param({"jti": None}, id="no id"),
        pytest.param({"jti": "0" * 32}, id="unknown id"),
        pytest.param({"user_id": "x"}, id="odd user"),
        pytest.param({"user_id": "4000000000"}, id="unknown user"),
        pytest.param({"family": None}, id="no family"),
        pytest.param({"family": "x"}, id="odd family"),
        pytest.param({"epoch": None}, id="no epoch"),
        pytest.param({"epoch": 1}, id="other epoch"),
        pytest.param({"key": "k" * 40}, id="other key"),
        pytest.param({"algorithm": "none"}, id="no signature"),
    ],
)
def test_a_forged_token_is_refused_and_ours_stays_valid(alice, changes):
    pair = log_in()
    assert_revoked(forge(pair.refresh, **changes))
    assert operations.refresh(token=forge(pair.refresh), networks=[CLIENT])


def test_the_account_must_be_there(alice):
    pair = log_in()
    alice.delete()
    assert_revoked(pair.refresh)


def test_expired_tokens_are_deleted_and_others_stay(alice):
    log_in()
    log_in()
    gone = RefreshToken.objects.first()
    RefreshToken.objects.filter(pk=gone.pk).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    assert tokens.delete_expired() == 1
    assert RefreshToken.objects.exclude(pk=gone.pk).count() == 1


def count_refreshes(token, networks=(CLIENT,)):
    """Refresh up to the limit; return how often it succeeded, and the last token."""
    times = 0
    try:
        while times < 99:
            token = operations.refresh(token=token, networks=networks).refresh
            times += 1
    except TooManyAttempts:
        return times, token
    return times, token


def test_a_session_is_refreshed_up_to_its_limit_and_no_row_is_written_beyond(alice, settings):
    settings.REFRESH_LIMIT = 3
    times, token = count_refreshes(log_in().refresh)
    rows = RefreshToken.objects.count()
    assert (times, count_refreshes(token)[0], RefreshToken.objects.count()) == (3, 0, rows)
    assert count_refreshes(log_in().refresh)[0] == 3


def test_all_sessions_of_an_account_share_a_limit_logging_in_included(alice, settings):
    settings.REFRESH_LIMIT = 1
    sessions = [log_in().refresh for _ in range(5)]
    rows = RefreshToken.objects.count()
    with pytest.raises(TooManyAttempts):
        log_in()
    assert [count_refreshes(token)[0] for token in sessions] == [0] * 5
    assert RefreshToken.objects.count() == rows


def test_all_accounts_of_a_client_share_a_limit(settings):
    sessions = [make_user(f"{number}@example.com") for number in range(12)]
    tokens_ = [tokens.issue_pair(user).refresh for user in sessions]
    settings.REFRESH_LIMIT = 1
    assert [count_refreshes(token)[0] for token in tokens_] == [1] * 10 + [0] * 2
    assert count_refreshes(tokens_[-1], ["192.0.2.9"])[0] == 1


def test_a_token_that_is_not_ours_writes_no_row(settings, db):
    settings.REFRESH_LIMIT = 3
    with pytest.raises(BadCredentials):
        operations.refresh(token="nonsense", networks=[CLIENT])
    assert not AttemptCount.objects.exists()
