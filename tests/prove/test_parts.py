"""The proof's own tools: files, replies, the table; and a short run of the whole."""

import json
from argparse import Namespace
from types import SimpleNamespace

import pytest
from django.db import connection

from prove import report, runner, workload
from prove.history import History, Operation, read
from prove.http_client import parse
from prove.results import Finding, Size, Violation, merged

SIZES = {"mutants": Size(full=9, quick=3), "races": Size(full=8, quick=0)}


def test_a_history_is_read_as_it_was_written(tmp_path):
    one = Operation(1, 2, "book", 3, ticket_requests=[["A1", "adult"]], sent=5, facts={"total": 7})
    with History(tmp_path / "history") as history:
        history.write(one)
        history.write(Operation(1, 2, "seats", 3, sent=6, responded_at=7, status=200))

    assert [operation.number for operation in read(tmp_path / "history")] == [1, 2]
    assert next(read(tmp_path / "history")) == one


@pytest.mark.parametrize("status", [0, 500, 503])
def test_an_outcome_is_unknown_without_an_answer_or_with_a_5xx(status):
    one = Operation(1, 2, "book", responded_at=9 if status else 0, status=status)
    assert one.is_outcome_unknown
    assert not one.is_accepted
    assert not one.is_refused


REPLY = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"


def test_a_reply_is_parsed_when_it_is_whole():
    whole = bytearray(REPLY + b'{"a": 1}')
    assert all(parse(whole[:length]) is None for length in range(len(whole)))

    reply, length = parse(whole + b"HTTP/1.1 200")
    assert (reply.status, reply.body, length) == (201, {"a": 1}, len(whole))


def test_a_304_has_no_body():
    reply, length = parse(bytearray(b'HTTP/1.1 304 Not Modified\r\netag: "12-3"\r\n\r\n'))
    assert (reply.header("etag"), reply.body, length) == ('"12-3"', None, 43)


def test_findings_of_one_name_are_added_up():
    wrong = Violation("a", "b", "c")
    one, other = merged(
        [Finding("a", "x", 1), Finding("a", "x", 2, violations=[wrong]), Finding("a", "y", 3)]
    )
    assert (one.checked, one.violations, other.checked) == (3, [wrong], 3)


def test_nothing_checked_is_not_good():
    assert not Finding("a", "sqlite", 0).is_ok


def test_the_table_goes_between_its_markers(tmp_path):
    page = tmp_path / "proof.md"
    page.write_text(f"Before\n{report.START}\nold\n{report.END}\nAfter\n")
    reported = {
        "at": "2026-01-01T00:00:00", "seed": 7, "seconds": 61, "operations": 1000,
        "versions": {"Python": "3.11"},
        "findings": [Finding("one owner", "sqlite", 1000).as_json()],
    }  # fmt: skip

    report.write_document(json.loads(json.dumps(reported)), page)

    text = page.read_text()
    assert text.startswith("Before\n")
    assert text.endswith("After\n")
    assert "old" not in text
    assert "| one owner | 1,000 operations |  | 0 |" in text
    assert "seed 7, 1 min 1 s, 1,000 operations" in text


def test_a_quick_run_leaves_out_what_the_suite_has(monkeypatch):
    run = []
    parts = {name: SimpleNamespace(SIZES={"sqlite": size}) for name, size in SIZES.items()}
    monkeypatch.setattr(runner, "parts", lambda: parts)
    monkeypatch.setattr(runner, "_shown", lambda part, name, what, line: run.append(what) or [])
    for is_quick in (True, False):
        options = Namespace(only=None, count=None, quick=is_quick, seed=7)
        assert runner.on_engine(options, "sqlite", 0) == []
    assert run == [("sqlite", 3, 7), ("sqlite", 9, 7), ("sqlite", 8, 7)]


@pytest.mark.both_engines
def test_a_short_run_finds_nothing_wrong():
    findings = workload.run(connection.vendor, 150, 1, NoBar())

    assert [str(one) for finding in findings for one in finding.violations] == []
    assert sum(finding.checked for finding in findings) > 150


class NoBar:
    """A progress bar for nobody."""

    def update(self, n=1):
        """Go on."""
