from datetime import UTC, datetime
from threading import Barrier

import pytest

from marquee.accounts import limits
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import AttemptCount
from tests.accounts.people import CLIENT, EMAIL
from tests.races.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 12
LIMIT = 3


@pytest.fixture(autouse=True)
def limit(settings):
    settings.LOGIN_LIMIT = LIMIT


def attempt():
    limits.count_log_in(email=EMAIL, client=CLIENT)
    return "passed"


def test_of_parallel_attempts_as_many_pass_as_the_limit():
    results = at_once(RACERS, attempt)
    assert results.count("passed") == LIMIT
    assert sum(isinstance(result, TooManyAttempts) for result in results) == RACERS - LIMIT
    assert sorted(AttemptCount.objects.values_list("attempts", flat=True)) == [RACERS, RACERS]


def test_as_many_pass_when_an_old_minute_is_over_for_all_at_once():
    attempt()
    AttemptCount.objects.update(attempts=99, expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert at_once(RACERS, attempt).count("passed") == LIMIT


def test_with_reading_before_writing_all_parallel_attempts_pass(monkeypatch):
    between = Barrier(RACERS, timeout=30)

    def read_then_write(most):
        attempts = dict(AttemptCount.objects.values_list("key", "attempts"))
        between.wait()
        for key, limit in most.items():
            if attempts.get(key, 0) >= limit:
                raise TooManyAttempts("Too many.", retry_after=60)
            AttemptCount.objects.update_or_create(
                key=key,
                defaults={"attempts": attempts.get(key, 0) + 1, "expires_at": datetime.now(UTC)},
            )

    monkeypatch.setattr(limits, "_count", read_then_write)
    assert at_once(RACERS, attempt).count("passed") == RACERS
