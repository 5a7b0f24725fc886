"""What is kept ready stays within its bounds, and only the newest of it."""

from marquee.core.cache import (
    ENTRY_OVERHEAD_BYTES,
    CachedResponse,
    ResponseCache,
    cache_forever,
    clear_caches,
)


def answer(mark, size=100):
    return CachedResponse(mark, b"x" * size)


def test_the_newest_answer_under_a_name_is_kept():
    shelf = ResponseCache(max_bytes=10_000)
    assert shelf.get("a") is None
    shelf.put("a", answer(1))
    assert shelf.put("a", answer(2)) == answer(2)
    assert shelf.get("a") == answer(2)


def test_what_nobody_asked_for_goes_first():
    shelf = ResponseCache(max_bytes=3 * (ENTRY_OVERHEAD_BYTES + 101))
    for name in "abc":
        shelf.put(name, answer(name))
    shelf.get("a")
    shelf.put("d", answer("d"))
    assert [shelf.get(name) and name for name in "abcd"] == ["a", None, "c", "d"]


def test_names_count_and_what_is_too_large_is_not_kept():
    shelf = ResponseCache(max_bytes=2_000)
    shelf.put("n" * 3_000, answer(1))
    assert shelf.get("n" * 3_000) is None
    shelf.put("a", answer(1, size=3_000))
    assert shelf.get("a") is None
    shelf.put("b", answer(1))
    assert shelf.get("b") == answer(1)


def test_replacing_answers_again_and_again_takes_no_more_room():
    shelf = ResponseCache(max_bytes=2 * (ENTRY_OVERHEAD_BYTES + 101))
    shelf.put("a", answer(0))
    for mark in range(100):
        shelf.put("b", answer(mark))
    assert shelf.get("a") == answer(0)


def test_all_of_it_is_forgotten():
    made = []
    make = cache_forever(made.append)
    shelf = ResponseCache(max_bytes=10_000)
    shelf.put("a", answer(1))
    make(1), make(1)
    clear_caches()
    make(1)
    assert (shelf.get("a"), made) == (None, [1, 1])
