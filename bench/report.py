"""What a run comes to: tables for people, report.json for programs.

`python -m bench.report` writes the tables of var/bench/report.json into docs/benchmarks.md.
"""

import json
import os
import platform
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import session, targets
from bench.peers import PYTHON
from bench.report_section import Section
from prove.report import put
from tests.server import ROOT

REPORT = ROOT / "var" / "bench" / "report.json"
PAGE = ROOT / "docs" / "benchmarks.md"
START, END = "<!-- tables -->", "<!-- end of tables -->"
PACKAGES = ("Django", "djangorestframework", "granian", "psycopg", "orjson")
OF_PEERS = ("fastapi", "uvicorn", "asyncpg", "django-bolt", "gunicorn")
ASK_PEERS = """
import sys
from importlib.metadata import version
print(*(f"{name} {version(name)}" for name in sys.argv[1:]), sep="\\n")
"""


def as_json(
    sections: Mapping[str, Section],
    *,
    options: Mapping[str, Any],
    seconds: float,
    postgresql: str,
) -> dict[str, Any]:
    """Return the report of a run; `options` is its seed, sizes, and whether it was a quick one."""
    return {
        **options,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "took": round(seconds),
        "versions": versions(postgresql),
        "machine": machine(),
        "targets": targets.table(sections),
        "sections": {name: one.as_json() for name, one in sections.items()},
    }


def versions(postgresql: str) -> dict[str, str]:
    """Return what the run was made with; of PostgreSQL and the peers, if they took part."""
    found = {"Python": platform.python_version(), "SQLite": sqlite3.sqlite_version, "wrk": _wrk()}
    if postgresql:
        (row,) = session.rows(postgresql, "SHOW server_version")
        found["PostgreSQL"] = str(row[0])
    return found | {name: version(name) for name in PACKAGES} | _peers()


def _wrk() -> str:
    # Without a URL it prints its version and usage, and exits with an error.
    said = subprocess.run(["wrk", "--version"], capture_output=True, text=True)
    found = re.search(r"wrk \S*?(\d[\w.]*)", said.stdout + said.stderr)
    return found[1] if found else "?"


def _peers() -> dict[str, str]:
    python = ROOT / PYTHON
    if not python.exists():
        return {}
    said = subprocess.run([python, "-c", ASK_PEERS, *OF_PEERS], capture_output=True, text=True)
    return dict(line.split(" ", 1) for line in said.stdout.splitlines())


def machine() -> dict[str, str]:
    """Return what kind of machine it was, without its name."""
    found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return {
        "processor": found[1] if found else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.0f} GB",
        "kernel": f"{platform.system()} {platform.release()}",
    }


def write(report: Mapping[str, Any]) -> None:
    """Keep the report for programs."""
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")


def for_terminal(rows: Sequence[Sequence[str]]) -> str:
    """Return a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def markdown(report: Mapping[str, Any]) -> str:
    """Return the report as Markdown: when and with what, the targets, and each section."""
    length = f"{report['took'] // 60} min {report['took'] % 60} s"
    when = (
        f"One run of the benchmarks, on {report['at'][:10]}, seed {report['seed']}: each case"
        f" {report['repeats']} times for {report['seconds']} s, {length} in all. A figure is the"
        " median of its repeats; in parentheses the least and the most of them, of a ratio that of"
        " the turns."
    )
    text = [
        when,
        "",
        _list(report["machine"]),
        "",
        _list(report["versions"]),
        "",
        "### Targets",
        "",
        _table(report["targets"]),
    ]
    for one in report["sections"].values():
        text += ["", f"### {one['title']}", "", one["description"]]
        for rows in one["tables"]:
            text += ["", _table(rows)]
        for note in one["notes"]:
            text += ["", note]
    return "\n".join(text)


def _list(facts: Mapping[str, str]) -> str:
    return "- " + ", ".join(f"{name} {value}" for name, value in facts.items())


def _table(rows: Sequence[Sequence[str]]) -> str:
    head, *others = rows
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *others))


def write_page(report: Mapping[str, Any], page: Path = PAGE) -> None:
    """Put the tables into docs/benchmarks.md."""
    put(markdown(report), page, START, END)


if __name__ == "__main__":
    kept = json.loads(REPORT.read_text())
    if not kept["is_whole"]:
        sys.exit("That was a part or a sample; docs/benchmarks.md reports whole runs only.")
    write_page(kept)
