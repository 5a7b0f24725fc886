"""Prove it: no seat sold twice, no acknowledged booking lost, whatever happens.

python -m prove [--quick] [--seed N] [--engine sqlite|postgresql] [--only PART …]
"""

import argparse
import importlib
import pkgutil
import secrets
import sys
import time
from collections.abc import Iterator
from types import ModuleType

from tqdm import tqdm

from prove import faults, mutants, report, workload
from prove.findings import ENGINES, Finding, Violation


def parts() -> dict[str, ModuleType]:
    """Return the parts of the proof by their names: what has SIZES and a `run`."""
    found = {"mutants": mutants, "workload": workload}
    for module in pkgutil.iter_modules(faults.__path__):
        part = importlib.import_module(f"prove.faults.{module.name}")
        if hasattr(part, "SIZES") and hasattr(part, "run"):
            found[module.name] = part
    return found


def run(wanted: argparse.Namespace) -> Iterator[Finding]:
    """Run what is wanted, one part after another, and yield what they find."""
    chosen = {name: part for name, part in parts().items() if name in (wanted.only or parts())}
    for name, part in chosen.items():
        for engine in wanted.engine or ENGINES:
            if engine not in part.SIZES:
                continue
            size = part.SIZES[engine]
            count = wanted.count or (size.quick if wanted.quick else size.full)
            with tqdm(total=count, desc=f"{name}, {engine}", leave=False, smoothing=0.1) as bar:
                yield from _findings(part, engine, count, wanted.seed, bar)


def _findings(
    part: ModuleType, engine: str, count: int, seed: int, bar: "tqdm[None]"
) -> list[Finding]:
    """Return what a part finds; that it could not do its work is a violation, too."""
    try:
        return list(part.run(engine, count, seed, bar))
    except Exception as problem:  # noqa: BLE001 (the other parts are to be run all the same)
        name = part.__name__.rpartition(".")[2]
        notes = " ".join(getattr(problem, "__notes__", []))
        what = f"{type(problem).__name__}: {problem} {notes}".strip()
        return [Finding(name, engine, 0, violations=[Violation("it could be run", name, what)])]


def main() -> int:
    """Run what the command line asks for; return 1 if anything was wrong, or a mutant survived."""
    parser = argparse.ArgumentParser(prog="python -m prove", allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="a sample, in under three minutes")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="to repeat a run")
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one")
    parser.add_argument("--only", choices=list(parts()), action="append", help="only this part")
    parser.add_argument("--count", type=int, help="how many of each, instead of the usual size")
    wanted = parser.parse_args()
    print(f"Seed {wanted.seed}: to repeat this run, add --seed {wanted.seed}.", flush=True)
    began = time.monotonic()
    findings = list(run(wanted))
    seconds = time.monotonic() - began
    told = report.as_json(findings, seed=wanted.seed, is_quick=wanted.quick, seconds=seconds)
    report.write(told)
    print(report.for_terminal(told))
    print()
    print(", ".join(f"{name} {value}" for name, value in told["versions"].items()))
    wrong = [finding for finding in findings if not finding.is_good]
    verdict = f"{len(wrong)} of {len(findings)} lines are wrong" if wrong else "Nothing was wrong"
    print(f"{verdict}: {told['operations']:,} operations, {seconds:.0f} s, seed {wanted.seed}.")
    return 1 if wrong or not findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
