"""A wrong setting stops the start, with one sentence that says what to write instead."""

import secrets

import pytest
from django.core.exceptions import ImproperlyConfigured

from marquee import env


@pytest.fixture
def given(monkeypatch):
    """Return a function that sets the variable that the tests read; it is unset otherwise."""
    monkeypatch.delenv("THING", raising=False)
    monkeypatch.delenv("THING_FILE", raising=False)
    return lambda value, name="THING": monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    "value", ["https://box:geheim@example.org", "//box:ge/hei@m@example.org/x"]
)
@pytest.mark.parametrize(
    "read", [lambda: env.host("THING", "localhost"), lambda: env.origin("THING", "")]
)
def test_a_url_where_none_belongs_stops_the_start_without_its_password(given, read, value):
    given(value)
    with pytest.raises(ImproperlyConfigured, match=r"THING has .*…@example\.org") as stopped:
        read()
    assert "hei" not in str(stopped.value)


@pytest.mark.parametrize("value", ["1", "true", "YES", "On"])
def test_a_flag_is_on_by_any_usual_word(given, value):
    given(value)
    assert env.flag("THING", default=False) is True


@pytest.mark.parametrize("value", ["0", "false", "NO", "Off", ""])
def test_a_flag_is_off_by_any_usual_word(given, value):
    given(value)
    assert env.flag("THING", default=True) is False


def test_a_flag_with_another_word_stops_the_start(given):
    given("maybe")
    with pytest.raises(ImproperlyConfigured, match="write THING=1 or THING=0"):
        env.flag("THING", default=False)


def test_what_is_not_set_has_its_default(given):
    assert env.string("THING", "usual") == "usual"
    assert env.csv("THING", "a,b") == ["a", "b"]
    assert env.flag("THING", default=True) is True
    assert env.integer("THING", 8) == 8


def test_words_are_separated_by_commas_and_blanks_do_not_count(given):
    given(" a.example , ,b.example,")
    assert env.csv("THING") == ["a.example", "b.example"]


@pytest.mark.parametrize("value", ["", "-1", "1.5", "ten", "٣", " 3"])
def test_a_number_that_is_not_whole_stops_the_start(given, value):
    given(value)
    with pytest.raises(ImproperlyConfigured, match="whole number of at least 0"):
        env.integer("THING", 8)


def test_a_number_may_be_the_least_but_not_less(given):
    given("1")
    assert env.integer("THING", 8, minimum=1) == 1
    given("0")
    with pytest.raises(ImproperlyConfigured, match="at least 1"):
        env.integer("THING", 8, minimum=1)


@pytest.mark.parametrize(("value", "minutes"), [("8", 8), ("0.5", 0.5), ("0.02", 0.02)])
def test_minutes_may_have_a_fraction(given, value, minutes):
    given(value)
    assert env.minutes("THING", 8) == minutes


@pytest.mark.parametrize("value", ["", "0", "0.0", "-1", "1e3", "nan", ".5", "٣", " 3", "1234567"])
def test_minutes_that_are_none_or_no_number_stop_the_start(given, value):
    given(value)
    with pytest.raises(ImproperlyConfigured, match="write minutes, such as THING=8"):
        env.minutes("THING", 8)


KEY, KEY_2, KEY_3 = (secrets.token_urlsafe(50) for _ in range(3))


def write(path, text, mode=0o600):
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_secret_comes_from_the_variable_then_its_file_then_the_fallback(given, tmp_path):
    fallback = write(tmp_path / "fallback", f"{KEY}\n")
    assert env.secret("THING", fallback=fallback) == KEY
    given(str(write(tmp_path / "file", f"{KEY_2}\n", 0o440)), name="THING_FILE")
    assert env.secret("THING", fallback=fallback) == KEY_2
    given(KEY_3)
    assert env.secret("THING", fallback=fallback) == KEY_3


def test_a_secret_that_nobody_needs_may_be_missing_but_not_its_file(given, tmp_path):
    assert env.secret("THING") == ""
    given(str(tmp_path / "missing"), name="THING_FILE")
    with pytest.raises(ImproperlyConfigured, match="set THING or THING_FILE"):
        env.secret("THING")


GUESSABLE = {
    "one letter": "a",
    "short": KEY[:31],
    "one letter again and again": "a" * 60,
    "a few letters": "abcdefg" * 9,
    "a piece again and again": f"{KEY[:20]}{KEY[:20]}{KEY[:7]}",
    "the alphabet": "abcdefghijklmnopqrstuvwxyz0123456789",
    "downwards": "zyxwvutsrqponmlkjihgfedcba9876543210",
    "of startproject": f"django-insecure-{KEY}",
    "of development": f"{KEY}-for-development",
    "of tests": f"test-key-{KEY}",
    "along the keyboard": "qwertyuiopasdfghjklzxcvbnm1234567890",
    "down the keyboard": "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "to be changed": f"please-CHANGE-me-{KEY}",
    "a word for it": "this-is-my-very-own-secret-key-for-2026",
    "a password": "correct-horse-battery-Password-staple",
}


@pytest.mark.parametrize("key", GUESSABLE.values(), ids=GUESSABLE.keys())
def test_a_key_that_can_be_guessed_stops_the_start(given, tmp_path, key):
    given(key)
    with pytest.raises(ImproperlyConfigured, match="at least 32 random characters") as stop:
        env.secret("THING")
    assert key not in str(stop.value) or len(key) == 1
    given("")
    with pytest.raises(ImproperlyConfigured, match="can be guessed"):
        env.secret("THING", fallback=write(tmp_path / "file", key))


@pytest.mark.parametrize(
    "make", [secrets.token_hex, secrets.token_urlsafe, lambda size: secrets.token_bytes(size).hex()]
)
def test_a_key_of_16_random_bytes_or_more_starts(given, make):
    for size in (24, 32, 64):
        given(key := make(size))
        assert env.secret("THING") == key


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o666])
def test_a_key_that_every_user_may_read_stops_the_start(given, tmp_path, mode):
    file = write(tmp_path / "file", KEY, mode)
    given(str(file), name="THING_FILE")
    with pytest.raises(ImproperlyConfigured, match=f"chmod o-rwx {file}"):
        env.secret("THING")


def test_no_secret_stops_the_start_and_says_what_to_type(given, tmp_path):
    with pytest.raises(ImproperlyConfigured, match="make secret"):
        env.secret("THING", fallback=tmp_path / "missing")


def test_an_empty_secret_is_no_secret(given, tmp_path):
    given("")
    empty = tmp_path / "empty"
    empty.write_text("\n")
    with pytest.raises(ImproperlyConfigured, match="make secret"):
        env.secret("THING", fallback=empty)
