import os
from datetime import UTC, datetime, timedelta
from itertools import count as count_up
from threading import Barrier, Event, Thread
from uuid import uuid4

import pytest
from django.db import connection

from marquee.accounts import locks, operations, tokens
from marquee.accounts.errors import AccountClosed, BadCredentials
from marquee.accounts.models import LoginSession, RefreshToken, User
from marquee.accounts.tokens import TokenPair
from tests.accounts.people import CLIENT, NEW_PASSWORD, PASSWORD, live_tokens, log_in, make_user
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 16
# The proof does it a thousand times over: `python -m prove --only refreshes`.
ROUNDS = int(os.environ.get("REFRESH_ROUNDS", "20"))


def count(results, kind):
    return sum(isinstance(result, kind) for result in results)


def refresh_at_once(token):
    return at_once(RACERS, lambda: operations.refresh(token=token, networks=[CLIENT]))


def test_parallel_uses_of_one_refresh_token_all_get_the_same_pair():
    make_user()
    results = refresh_at_once(log_in().refresh)
    assert count(results, TokenPair) == RACERS
    assert len(set(results)) == 1
    assert live_tokens() == 1


def race(token):
    """Use a token 16 times at once; return the pair that all of them got."""
    (pair,) = set(refresh_at_once(token))
    assert isinstance(pair, TokenPair)
    return pair


def test_of_16_uses_at_once_one_successor_lives():
    make_user()
    pair = log_in()
    for _ in range(ROUNDS):
        used, pair = pair, race(pair.refresh)
        assert live_tokens() == 1
    assert RefreshToken.objects.count() == ROUNDS + 1
    # Later, a use of any of them again ends the family.
    ago = datetime.now(UTC) - tokens.REUSE_GRACE - timedelta(seconds=1)
    RefreshToken.objects.exclude(spent_at=None).update(spent_at=ago)
    for token in (used.refresh, pair.refresh):
        with pytest.raises(BadCredentials):
            operations.refresh(token=token, networks=[CLIENT])
    assert live_tokens() == 0
    assert not LoginSession.objects.exists()


def test_without_derivation_and_compare_and_set_parallel_uses_get_pairs_of_their_own(monkeypatch):
    make_user()
    token = log_in().refresh
    between = Barrier(RACERS, timeout=30)

    def check_then_spend(digest):
        row = RefreshToken.objects.get(digest=digest)
        between.wait()
        RefreshToken.objects.filter(digest=digest).update(spent_at=row.expires_at)
        return row.spent_at is None

    def without_lock(claims):
        return User.objects.get(pk=claims.user_id)

    monkeypatch.setattr(tokens, "rotate", tokens.rotate.__wrapped__)  # without the transaction
    monkeypatch.setattr(tokens, "_lock", without_lock)
    monkeypatch.setattr(tokens, "_mark_spent", check_then_spend)
    monkeypatch.setattr(tokens, "_derived_id", lambda kind, jti: uuid4().hex)
    assert count(refresh_at_once(token), TokenPair) == RACERS
    assert live_tokens() == RACERS


def test_without_the_stored_times_repeats_differ(monkeypatch):
    make_user()
    token = log_in().refresh
    clock = count_up()
    monkeypatch.setattr(
        tokens, "datetime_to_epoch", lambda moment: int(moment.timestamp()) + next(clock)
    )
    assert len(set(refresh_at_once(token))) == RACERS


def log_out_while_refreshing(monkeypatch):
    """Log out while a refresh has spent its token, but not committed the next one."""
    token = log_in().refresh
    spent, logging_out = Event(), Event()
    spend = tokens._mark_spent

    def spend_and_wait(digest):
        won = spend(digest)
        spent.set()
        logging_out.wait(timeout=30)
        return won

    def refresh():
        operations.refresh(token=token, networks=[CLIENT])
        connection.close()

    def log_out():
        operations.log_out(token=token)
        connection.close()

    monkeypatch.setattr(tokens, "_mark_spent", spend_and_wait)
    refreshing, leaving = Thread(target=refresh), Thread(target=log_out)
    refreshing.start()
    assert spent.wait(timeout=30)
    leaving.start()
    leaving.join(timeout=0.5)
    assert leaving.is_alive()  # it waits for the refresh to end
    logging_out.set()
    for thread in (refreshing, leaving):
        thread.join(timeout=30)
        assert not thread.is_alive()


def test_logging_out_reaches_a_token_that_is_being_made_at_that_moment(monkeypatch):
    make_user()
    log_out_while_refreshing(monkeypatch)
    assert live_tokens() == 0


def test_without_the_lock_a_token_outlives_logging_out(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: there is no lock to take away")
    make_user()
    monkeypatch.setattr(tokens, "_lock", lambda claims: User.objects.get(pk=claims.user_id))
    log_out_while_refreshing(monkeypatch)
    assert live_tokens() == 1


def change_password_at_once():
    user = make_user()
    return at_once(
        RACERS,
        lambda: operations.change_password(
            user=User(pk=user.pk, email=user.email, name=user.name, password=user.password),
            old=PASSWORD,
            new=NEW_PASSWORD,
            networks=[CLIENT],
        ),
    )


def test_of_parallel_password_changes_one_wins():
    results = change_password_at_once()
    assert count(results, TokenPair) == 1
    assert count(results, AccountClosed) == RACERS - 1
    assert live_tokens() == 1


def test_without_the_epoch_compared_several_password_changes_win(monkeypatch):
    monkeypatch.setattr(locks, "unchanged", lambda user: User.objects.filter(pk=user.pk))
    assert count(change_password_at_once(), TokenPair) == RACERS
