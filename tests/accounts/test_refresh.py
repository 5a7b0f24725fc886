from datetime import UTC, datetime, timedelta

import pytest

from marquee.accounts import operations, tokens
from marquee.accounts.errors import BadCredentials
from marquee.accounts.models import RefreshToken
from tests.accounts.people import claims_of, forge, live_tokens, log_in, make_user

pytestmark = pytest.mark.django_db


def age(seconds):
    """Let it have been so many seconds ago that tokens were spent."""
    ago = datetime.now(UTC) - timedelta(seconds=seconds)
    RefreshToken.objects.exclude(spent_at=None).update(spent_at=ago)


def refused(token):
    with pytest.raises(BadCredentials):
        operations.refresh(token=token)
    return True


def test_a_refresh_token_gives_the_next_pair(alice):
    first = log_in()
    second = operations.refresh(token=first.refresh)
    assert claims_of(second.access)["user_id"] == str(alice.pk)
    assert claims_of(second.refresh)["family"] == claims_of(first.refresh)["family"]
    assert operations.refresh(token=second.refresh)


def test_refreshing_takes_three_statements(alice, django_assert_num_queries):
    pair = log_in()
    with django_assert_num_queries(3 + 2):  # the savepoint of a test
        operations.refresh(token=pair.refresh)


def test_a_refresh_token_works_once(alice):
    pair = log_in()
    operations.refresh(token=pair.refresh)
    assert refused(pair.refresh)


def test_using_one_again_within_the_grace_logs_nobody_out(alice):
    first = log_in()
    second = operations.refresh(token=first.refresh)
    age(seconds=tokens.GRACE.seconds - 2)
    assert refused(first.refresh)
    assert operations.refresh(token=second.refresh)


def test_using_one_again_after_the_grace_revokes_the_whole_family(alice):
    first = log_in()
    second = operations.refresh(token=first.refresh)
    third = operations.refresh(token=second.refresh)
    elsewhere = log_in()
    age(seconds=tokens.GRACE.seconds + 2)
    assert refused(first.refresh)
    assert refused(third.refresh)
    assert operations.refresh(token=elsewhere.refresh)


@pytest.mark.django_db(transaction=True)
def test_the_revocation_is_kept_although_the_answer_is_no():
    make_user()
    pair = log_in()
    operations.refresh(token=pair.refresh)
    age(seconds=tokens.GRACE.seconds + 2)
    assert live_tokens() == 1
    assert refused(pair.refresh)
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
def test_a_token_that_is_not_quite_ours_is_refused_and_ours_stays_good(alice, changes):
    pair = log_in()
    assert refused(forge(pair.refresh, **changes))
    assert operations.refresh(token=forge(pair.refresh))


def test_the_account_must_be_there(alice):
    pair = log_in()
    alice.delete()
    assert refused(pair.refresh)


def test_expired_tokens_are_tidied_away_and_others_stay(alice):
    log_in()
    log_in()
    gone = RefreshToken.objects.first()
    RefreshToken.objects.filter(pk=gone.pk).update(
        expires_at=datetime.now(UTC) - timedelta(seconds=1)
    )
    assert tokens.tidy() == 1
    assert RefreshToken.objects.exclude(pk=gone.pk).count() == 1
