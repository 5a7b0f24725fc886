"""What a run of the proof comes to: a table for people, report.json for programs.

`python -m prove.report` writes the table of var/prove/report.json into docs/proof.md.
"""

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

from prove import rounds
from prove.results import ENGINES, Finding
from tests import postgres
from tests.server import ROOT

REPORT = rounds.SAVED_RUNS / "report.json"
PAGE = ROOT / "docs" / "proof.md"
START, END = "<!-- table -->", "<!-- end of table -->"
PACKAGES = ("Django", "djangorestframework", "granian", "psycopg")
MAX_SHOWN = 5  # violations of one line of the table


def as_json(
    findings: Sequence[Finding], *, seed: int, is_quick: bool, seconds: float
) -> dict[str, Any]:
    """Return the report of a run."""
    return {
        "seed": seed,
        "quick": is_quick,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds),
        "operations": operations(findings),
        "violations": sum(len(finding.violations) for finding in findings),
        "versions": versions(),
        "findings": [finding.as_json() for finding in findings],
    }


def operations(findings: Sequence[Finding]) -> int:
    """Return how many operations went through the checker."""
    return sum(one.checked for one in findings if one.name == "no unexplained 5xx")


def versions() -> dict[str, str]:
    """Return what the proof was run with."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version}
    with postgres.running() as url, psycopg.connect(url) as server:
        row = server.execute("SHOW server_version").fetchone()
        found["PostgreSQL"] = row[0] if row else "?"
    return found | {name: version(name) for name in PACKAGES} | {"cores": str(os.cpu_count())}


def write(report: dict[str, Any]) -> None:
    """Keep the report for programs."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1) + "\n")


def lines(report: dict[str, Any]) -> list[list[str]]:
    """Return the table: each invariant or fault, what was checked on each engine, violations."""
    by_name: dict[str, dict[str, dict[str, Any]]] = {}
    for one in report["findings"]:
        by_name.setdefault(one["name"], {})[one["engine"]] = one
    rows = [["invariant or fault", "SQLite", "PostgreSQL", "violations"]]
    for name, by_engine in by_name.items():
        counts = [_count(by_engine.get(engine)) for engine in ENGINES]
        violations = sum(len(one["violations"]) for one in by_engine.values())
        rows.append([name, *counts, str(violations)])
    return rows


def _count(one: dict[str, Any] | None) -> str:
    return f"{one['checked']:,} {one['unit']}" if one else ""


def table(report: dict[str, Any]) -> str:
    """Return the report as Markdown: when and with what, the table, and what parts remarked."""
    head, *rows = lines(report)
    length = f"{report['seconds'] // 60} min {report['seconds'] % 60} s"
    when = f"{report['at'][:10]}, seed {report['seed']}, {length}"
    said = ", ".join(f"{name} {value}" for name, value in report["versions"].items())
    marked = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    notes = [f"- {one['name']}, {one['engine']}: {one['note']}" for one in _noted(report)]
    text = [f"{when}, {report['operations']:,} operations. {said}.", "", *marked, "", *notes]
    return "\n".join(text).rstrip()


def _noted(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for one in report["findings"] if one["note"]]


def for_terminal(report: dict[str, Any]) -> str:
    """Return the report for a terminal, with what was wrong below the table."""
    rows = lines(report)
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    text = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    text += ["", *(f"{one['name']}, {one['engine']}: {one['note']}" for one in _noted(report))]
    for one in report["findings"]:
        text += ["", *one["violations"][:MAX_SHOWN]] if one["violations"] else []
        text += [f"Saved in {one['saved_in']}"] if one["saved_in"] else []
    text += ["", ", ".join(f"{name} {value}" for name, value in report["versions"].items())]
    return "\n".join(text)


def write_document(report: dict[str, Any], page: Path = PAGE) -> None:
    """Put the table into docs/proof.md."""
    put(table(report), page, START, END)


def put(text: str, page: Path, start: str, end: str) -> None:
    """Put a text between two markers of a page. Raises ValueError when they are not there."""
    before, _, finish = page.read_text().partition(start)
    _, found, after = finish.partition(end)
    if not found:
        raise ValueError(f"{page.name} has no {start} … {end}.")
    page.write_text(f"{before}{start}\n{text}\n{end}{after}")


if __name__ == "__main__":
    saved_in = json.loads(REPORT.read_text())
    if saved_in["quick"]:
        sys.exit("That was a sample; docs/proof.md reports full runs only.")
    write_document(saved_in)
