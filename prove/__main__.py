"""Prove it: no seat sold twice, no acknowledged booking lost, whatever happens.

python -m prove [--quick] [--seed N] [--engine sqlite|postgresql] [--only PART …]
"""

import argparse
import secrets
import sys
import time

from prove import report
from prove.results import ENGINES
from prove.runner import parts, run


def main() -> int:
    """Run what the command line asks for; return 1 if anything was wrong, or a mutant survived."""
    parser = argparse.ArgumentParser(prog="python -m prove", allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="a sample, in under three minutes")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**6), help="to repeat a run"
    )
    parser.add_argument("--engine", choices=ENGINES, action="append", help="only this one")
    parser.add_argument("--only", choices=list(parts()), action="append", help="only this part")
    parser.add_argument("--count", type=int, help="how many of each, instead of the usual size")
    options = parser.parse_args()
    print(f"Seed {options.seed}: to repeat this run, add --seed {options.seed}.", flush=True)
    began = time.monotonic()
    findings = run(options)
    seconds = time.monotonic() - began
    summary = report.as_json(findings, seed=options.seed, is_quick=options.quick, seconds=seconds)
    report.write(summary)
    print(report.for_terminal(summary))
    wrong = [finding for finding in findings if not finding.is_ok]
    verdict = f"{len(wrong)} of {len(findings)} lines are wrong" if wrong else "Nothing was wrong"
    print(f"{verdict}: {summary['operations']:,} operations, {seconds:.0f} s, seed {options.seed}.")
    return 1 if wrong or not findings else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted.")
