from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from marquee.accounts import rate_limits
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import AttemptCount
from tests.accounts.people import CLIENT

pytestmark = pytest.mark.django_db


HOME = ["20010db800010203/64", "20010db8000102/56", "20010db80001/48"]


def attempt(*networks):
    """Return whether another sign-up is allowed."""
    try:
        rate_limits.check_signup_limit(networks=networks or [CLIENT])
    except TooManyAttempts:
        return False
    return True


def expire_counts():
    AttemptCount.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))


def test_attempts_up_to_the_limit_are_allowed(settings):
    settings.SIGNUP_LIMIT = 3
    assert [attempt() for _ in range(5)] == [True, True, True, False, False]


def test_no_limit_is_no_query(settings, django_assert_num_queries):
    settings.SIGNUP_LIMIT = 0
    with django_assert_num_queries(0):
        assert attempt()


def test_an_attempt_is_counted_in_one_statement(settings, django_assert_num_queries):
    settings.SIGNUP_LIMIT = 3
    with django_assert_num_queries(1):
        attempt()


def test_a_refusal_says_how_long_to_wait_until_the_minute_is_over(settings):
    settings.SIGNUP_LIMIT = 1
    attempt()
    AttemptCount.objects.update(expires_at=datetime.now(UTC) + timedelta(seconds=20))
    with pytest.raises(TooManyAttempts) as refusal:
        rate_limits.check_signup_limit(networks=[CLIENT])
    assert refusal.value.facts["retry_after"] in {19, 20, 21}


def test_refused_attempts_do_not_make_the_minute_longer(settings):
    settings.SIGNUP_LIMIT = 1
    attempt()
    ends = list(AttemptCount.objects.order_by("key").values_list("expires_at", flat=True))
    assert not attempt()
    assert ends == list(AttemptCount.objects.order_by("key").values_list("expires_at", flat=True))


def test_after_the_minute_the_count_starts_again_from_one(settings):
    settings.SIGNUP_LIMIT = 2
    assert [attempt() for _ in range(3)] == [True, True, False]
    expire_counts()
    assert [attempt() for _ in range(3)] == [True, True, False]
    seconds = (AttemptCount.objects.first().expires_at - datetime.now(UTC)).total_seconds()
    assert 50 < seconds <= 60


def test_refused_attempts_are_not_counted_for_neighbouring_networks(settings):
    settings.SIGNUP_LIMIT = 1
    assert [attempt(*HOME) for _ in range(9)] == [True] + [False] * 8
    assert sorted(AttemptCount.objects.values_list("attempts", flat=True)) == [1, 1, 1]
    assert attempt("20010db800010204/64", *HOME[1:])


def test_other_clients_have_counts_of_their_own(settings):
    settings.SIGNUP_LIMIT = 1
    assert [attempt(), attempt("192.0.2.2"), attempt()] == [True, True, False]


def test_forty_networks_of_one_home_or_office_are_not_forty_clients(settings):
    settings.SIGNUP_LIMIT = 1
    home = [attempt(f"{number}/64", "home/56", "office/48") for number in range(40)]
    assert home == [True] * 2 + [False] * 38
    office = [attempt(f"{number}/64", f"{number}/56", "office/48") for number in range(40, 80)]
    assert office == [True] * 2 + [False] * 38
    assert attempt("80/64", "80/56", "another/48")


def test_an_attempt_that_is_taken_back_does_not_change_a_count_that_began_meanwhile(settings):
    counts = rate_limits.increment(
        [rate_limits.Limit("x", 5, seconds=30)]
    )  # as if it were half a minute ago
    expire_counts()
    rate_limits.increment([rate_limits.Limit("x", 5)])
    rate_limits.decrement(counts)
    assert AttemptCount.objects.get().attempts == 1


def test_a_count_is_never_negative():
    counts = rate_limits.increment([rate_limits.Limit("x", 5)])
    rate_limits.decrement(counts)
    rate_limits.decrement(counts)
    assert AttemptCount.objects.get().attempts == 0


def test_a_key_is_remembered_for_days_after_the_last_time(db):
    rate_limits.decrement([], remember="known:x", days=1)
    AttemptCount.objects.update(expires_at=datetime.now(UTC) + timedelta(hours=1))
    rate_limits.decrement([], remember="known:x", days=30)
    assert rate_limits.is_remembered("known:x")
    assert AttemptCount.objects.get().expires_at > datetime.now(UTC) + timedelta(days=29)
    expire_counts()
    assert not rate_limits.is_remembered("known:x")


def test_a_count_does_not_keep_the_address_in_readable_form(settings):
    settings.SIGNUP_LIMIT = 1
    attempt()
    assert not AttemptCount.objects.filter(key__contains=CLIENT).exists()


def test_expired_counts_are_deleted(settings):
    settings.SIGNUP_LIMIT = 1
    attempt()
    expire_counts()
    attempt("192.0.2.2")
    assert rate_limits.delete_expired() == 1
    assert AttemptCount.objects.count() == 1


@pytest.mark.parametrize(
    ("proxies", "forwarded", "client"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "nonsense", "192.0.2.1"),
        (1, "203.0.113.9, ", "192.0.2.1"),
    ],
)
def test_as_many_forwarded_hops_are_trusted_as_there_are_trusted_proxies(
    settings, proxies, forwarded, client
):
    settings.TRUSTED_PROXIES = proxies
    meta = {"REMOTE_ADDR": "192.0.2.1"}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    assert rate_limits.client_networks(meta)[0] == client


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2", True),
    ],
)
def test_ipv6_clients_are_counted_by_their_network(one, other, same):
    clients = {rate_limits.client_networks({"REMOTE_ADDR": address})[0] for address in (one, other)}
    assert (len(clients) == 1) is same


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("::ffff:192.0.2.1", ["192.0.2.1"]),
        ("2001:db8:1:203:4:5:6:7", HOME),
        ("", [""]),
        ("nonsense", ["nonsense"]),
    ],
)
def test_a_request_comes_from_networks_narrow_to_wide(address, networks):
    assert rate_limits.client_networks({"REMOTE_ADDR": address}) == networks
    assert rate_limits.client_networks({"REMOTE_ADDR": address})[0] == networks[0]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL's times are exact.")
def test_an_hour_that_begins_in_this_millisecond_has_an_hour_left(monkeypatch):
    """SQLite's days are floats: it had 3600.00002 seconds, and so 3601."""
    clock = rate_limits._CLOCK_SQL["sqlite"]
    for millisecond in range(20):
        at = f"'2026-11-28 17:13:34.{millisecond:03}'"
        frozen = {name: sql.replace("'now'", at) for name, sql in clock.items()}
        monkeypatch.setitem(rate_limits._CLOCK_SQL, "sqlite", frozen)
        (count,) = rate_limits.increment(
            [rate_limits.Limit(f"x{millisecond}", 5, rate_limits.HOUR)]
        )
        assert count.seconds_left == 3600
