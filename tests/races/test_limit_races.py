from datetime import UTC, datetime
from threading import Barrier

import pytest

from marquee.accounts import password_checks, rate_limits
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import AttemptCount
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, make_user
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 12
LIMIT = 3


@pytest.fixture(autouse=True)
def limit(settings):
    settings.LOGIN_LIMIT = LIMIT


def guess(password="wrong"):
    return password_checks.authenticate(email=EMAIL, password=password, networks=[CLIENT])


def test_of_parallel_guesses_as_many_are_looked_at_as_the_limit():
    results = at_once(RACERS, guess)
    assert results.count(None) == LIMIT
    assert sum(isinstance(result, TooManyAttempts) for result in results) == RACERS - LIMIT
    assert sorted(AttemptCount.objects.values_list("attempts", flat=True)) == [LIMIT, LIMIT]


def test_as_many_when_an_old_minute_is_over_for_all_at_once():
    guess()
    AttemptCount.objects.update(attempts=99, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert at_once(RACERS, guess).count(None) == LIMIT


def test_of_parallel_right_passwords_none_is_left_counted(settings):
    settings.LOGIN_LIMIT = RACERS
    settings.LOGIN_CEILING = RACERS
    user = make_user()
    assert at_once(RACERS, lambda: guess(PASSWORD)) == [user] * RACERS
    assert set(AttemptCount.objects.values_list("attempts", flat=True)) == {0}


def test_with_reading_before_writing_all_parallel_guesses_are_looked_at(monkeypatch):
    between = Barrier(RACERS, timeout=30)

    def read_then_write(wanted):
        kept = dict(AttemptCount.objects.values_list("key", "attempts"))
        between.wait()
        counts = [
            rate_limits.Count(one, kept.get(one.key, 0) + 1, 60.0, "")
            for one in wanted
            if one.maximum
        ]
        for one in counts:
            AttemptCount.objects.update_or_create(
                key=one.limit.key,
                defaults={"attempts": one.attempts, "expires_at": datetime.now(UTC)},
            )
        return counts

    monkeypatch.setattr(password_checks, "increment", read_then_write)
    assert at_once(RACERS, guess).count(None) == RACERS
