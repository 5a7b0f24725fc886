"""Log records that any request can cause: few, short and on one line."""

import logging

import psycopg
import pytest
from django.db import IntegrityError

from marquee.core.log import (
    MAX_LENGTH,
    MAX_MESSAGES,
    OnceAMinute,
    OneLineFormatter,
    describe_error,
)


def record(message, at=600.0):
    made = logging.LogRecord("django.security", logging.ERROR, "", 0, message, (), None)
    made.created = at
    return made


@pytest.fixture
def once_a_minute():
    return OnceAMinute()


def test_a_message_is_logged_once_a_minute(once_a_minute):
    assert once_a_minute.filter(record("no such host"))
    assert not once_a_minute.filter(record("no such host", at=659.0))
    assert once_a_minute.filter(record("another host", at=659.0))
    assert once_a_minute.filter(record("no such host", at=660.0))


def test_a_minute_has_only_so_many_messages(once_a_minute):
    logged = [once_a_minute.filter(record(f"host {n}")) for n in range(2 * MAX_MESSAGES)]
    assert logged == [True] * MAX_MESSAGES + [False] * MAX_MESSAGES
    assert once_a_minute.filter(record("host 0", at=660.0))


def test_long_messages_take_no_more_memory_than_what_is_logged(once_a_minute):
    once_a_minute.filter(record("a" * 100_000))
    assert {len(message) for message in once_a_minute._seen} == {MAX_LENGTH}


def test_a_record_is_one_line():
    line = OneLineFormatter().format(record("one\ntwo\x1b[31m" + "a" * 1000))
    assert line.startswith("ERROR   django.security: one\\ntwo\\x1b[31m")
    assert len(line) == MAX_LENGTH


def test_errors_are_logged_by_our_handlers_alone():
    assert logging.getLogger("django").handlers == []


def test_not_even_debug_logs_the_row_that_postgresql_refused(settings):
    settings.DEBUG = True
    error = IntegrityError("DETAIL: Failing row contains (7, anna).")
    error.__cause__ = psycopg.errors.CheckViolation(str(error))

    assert "anna" not in describe_error(error.__cause__)
    assert "anna" in describe_error(ValueError("anna"))
