"""Measure it: what a request costs the server, beside peers and the limit, as the data grows.

python -m bench [--only booking|peers|reads|pages|growth|sqlite|stampede …] [--seed N] [--quick]

Writes docs/benchmarks.md after a whole run, and var/bench/report.json after each.
"""

import argparse
import secrets
import sys
import time
from types import ModuleType

from tqdm import tqdm

from bench import (
    booking,
    growth,
    pages,
    peer_comparison,
    reads,
    report,
    session,
    sqlite,
    stampede,
    targets,
)
from bench.interleaved_runs import REPEATS, SECONDS, InterleavedRuns
from bench.report_section import Section
from bench.session import Session
from tests.server import ROOT

# The comparison comes first: on a young database, as the prototypes of DESIGN 11 were measured.
BENCHMARKS: dict[str, ModuleType] = {
    "peers": peer_comparison,
    "booking": booking,
    "reads": reads,
    "pages": pages,
    "stampede": stampede,
    "growth": growth,
    "sqlite": sqlite,
}


def main() -> int:
    """Run what the command line asks for; return 1 if anything went wrong, 0 if all was measured."""
    options = _wanted()
    print(f"Seed {options.seed}: to repeat this run, add --seed {options.seed}.", flush=True)
    names = [name for name in BENCHMARKS if name in (options.only or BENCHMARKS)]
    began = time.monotonic()
    with tqdm(unit="run", smoothing=0.1, disable=None, dynamic_ncols=True) as bar:
        runs = InterleavedRuns(options.seconds, options.repeats, bar)
        bar.total = sum(BENCHMARKS[name].run_count(runs) for name in names)
        with session.beginning(runs, seed=options.seed, is_quick=options.quick) as started:
            sections, failed = _run(started, names)
            # Looked up by name: a run of SQLite alone has started no PostgreSQL.
            url = vars(started).get("url", "")
            measured = report.as_json(
                sections,
                options={
                    "seed": options.seed, "seconds": options.seconds, "repeats": options.repeats,
                    "is_whole": set(sections) == set(BENCHMARKS) and not options.quick,
                },
                seconds=time.monotonic() - began,
                postgresql=url,
            )  # fmt: skip
    return _tell(measured, sections, failed)


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="each alone:\n"
        + "\n".join(
            f"  python -m bench --only {name:10}{module.__doc__.splitlines()[0]}"
            for name, module in BENCHMARKS.items()
            if module.__doc__
        ),
    )
    parser.add_argument("--only", choices=list(BENCHMARKS), nargs="+", help="only these")
    parser.add_argument("--seconds", type=int, help=f"of a run, at least 1 ({SECONDS})")
    parser.add_argument("--repeats", type=int, help=f"of each run, at least 1 ({REPEATS})")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**6), help="to repeat a run"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="try it out in a few minutes; the figures tell nothing",
    )
    options = parser.parse_args()
    options.seconds = options.seconds or (1 if options.quick else SECONDS)
    options.repeats = options.repeats or (1 if options.quick else REPEATS)
    if min(options.seconds, options.repeats) < 1:
        parser.error("--seconds and --repeats are at least 1.")
    return options


def _run(started: Session, names: list[str]) -> tuple[dict[str, Section], list[str]]:
    """Run these benchmarks, and print their tables as they come; return them, and what failed."""
    sections, failed = {}, []
    for name in names:
        try:
            sections[name] = BENCHMARKS[name].run(started)
        except RuntimeError as problem:
            # The others are to be run all the same.
            failed.append(f"{name}: {problem}")
            started.runs.bar.write(failed[-1])
            continue
        started.runs.bar.write(_shown(sections[name]))
    return sections, failed


def _shown(section: Section) -> str:
    text = ["", section.title]
    for rows in section.tables:
        text += ["", report.for_terminal(rows)]
    return "\n".join([*text, "", *section.notes, *section.problems])


def _tell(measured: dict[str, object], sections: dict[str, Section], failed: list[str]) -> int:
    """Print the targets and what went wrong; write the report, and the page of a whole run."""
    report.write(measured)
    problems = [line for section in sections.values() for line in section.problems] + failed
    print("\nTargets\n")
    print(report.for_terminal(targets.table(sections)))
    if missed := targets.missed(sections):
        print(f"\nMissed: {'; '.join(missed)}.")
    if problems:
        print(
            "\nNot written into docs/benchmarks.md, as something went wrong:", *problems, sep="\n"
        )
    elif measured["is_whole"]:
        report.write_page(measured)
        print(f"\nWritten into {report.PAGE.relative_to(ROOT)}.")
    print(f"\n{measured['took']} s, seed {measured['seed']}.")
    return 1 if problems or not sections else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
