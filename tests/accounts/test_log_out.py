import pytest

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials
from tests.accounts.people import CLIENT, live_tokens, log_in

pytestmark = pytest.mark.django_db


def test_logging_out_ends_that_session_and_no_other(alice):
    here, elsewhere = log_in(), log_in()
    operations.log_out(token=here.refresh)
    with pytest.raises(BadCredentials):
        operations.refresh(token=here.refresh, networks=[CLIENT])
    assert operations.refresh(token=elsewhere.refresh, networks=[CLIENT])


def test_logging_out_with_a_spent_token_ends_the_session_too(alice):
    first = log_in()
    second = operations.refresh(token=first.refresh, networks=[CLIENT])
    operations.log_out(token=first.refresh)
    with pytest.raises(BadCredentials):
        operations.refresh(token=second.refresh, networks=[CLIENT])


def test_logging_out_twice_changes_nothing(alice):
    pair = log_in()
    operations.log_out(token=pair.refresh)
    operations.log_out(token=pair.refresh)
    assert live_tokens() == 0


@pytest.mark.parametrize("token", ["", "x", "a.b.c"])
def test_a_token_that_is_not_ours_is_refused(alice, token):
    log_in()
    with pytest.raises(BadCredentials):
        operations.log_out(token=token)
    assert live_tokens() == 1


def test_an_access_token_logs_nobody_out(alice):
    pair = log_in()
    with pytest.raises(BadCredentials):
        operations.log_out(token=pair.access)
    assert live_tokens() == 1
