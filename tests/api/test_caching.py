"""The response cache keeps the responses used last, up to a number of bytes."""

from marquee.api.caching import ENTRY_OVERHEAD_BYTES, CachedResponse, ResponseCache
from marquee.api.serializers.shows import show_fragments
from marquee.core.cache import cache_forever, clear_caches
from tests.factories import client_of


def response(version, size=100):
    return CachedResponse(version, b"x" * size)


def test_the_last_response_under_a_key_is_cached():
    cache = ResponseCache(max_bytes=10_000)
    assert cache.get("a") is None
    cache.put("a", response(1))
    cache.put("a", response(2))
    assert cache.get("a") == response(2)


def test_the_response_that_was_used_longest_ago_is_evicted_first():
    cache = ResponseCache(max_bytes=3 * (ENTRY_OVERHEAD_BYTES + 101))
    for key in "abc":
        cache.put(key, response(key))
    cache.get("a")
    cache.put("d", response("d"))
    assert [cache.get(key) and key for key in "abcd"] == ["a", None, "c", "d"]


def test_keys_count_and_what_is_too_large_is_not_cached():
    cache = ResponseCache(max_bytes=2_000)
    cache.put("n" * 3_000, response(1))
    assert cache.get("n" * 3_000) is None
    cache.put("a", response(1, size=3_000))
    assert cache.get("a") is None
    cache.put("b", response(1))
    assert cache.get("b") == response(1)


def test_replacing_responses_takes_no_more_memory():
    cache = ResponseCache(max_bytes=2 * (ENTRY_OVERHEAD_BYTES + 101))
    cache.put("a", response(0))
    for version in range(100):
        cache.put("b", response(version))
    assert cache.get("a") == response(0)


def test_clearing_the_caches_clears_responses_and_results():
    calls = []
    record = cache_forever(calls.append)
    cache = ResponseCache(max_bytes=10_000)
    cache.put("a", response(1))
    record(1), record(1)
    clear_caches()
    record(1)
    assert (cache.get("a"), calls) == (None, [1, 1])


def test_clearing_the_caches_clears_what_is_kept_of_shows(show):
    """Its key has no prices: the card of the next test may have the same id and version."""
    assert client_of().get(f"/api/v1/shows/{show.pk}/").status_code == 200
    assert show_fragments.cache_info().currsize == 1
    clear_caches()
    assert show_fragments.cache_info().currsize == 0
