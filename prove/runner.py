"""The parts of the proof, and how they are run: each engine in a process of its own."""

import importlib
import pkgutil
import resource
import sys
import time
from argparse import Namespace
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from types import ModuleType

from tqdm import tqdm

from prove import faults, mutants, races, refreshes, workload
from prove.results import ENGINES, Finding, Violation


def parts() -> dict[str, ModuleType]:
    """Return the parts of the proof by their names: what has SIZES and a `run`."""
    found = {"mutants": mutants, "races": races, "refreshes": refreshes, "workload": workload}
    for module in pkgutil.iter_modules(faults.__path__):
        part = importlib.import_module(f"prove.faults.{module.name}")
        if hasattr(part, "SIZES") and hasattr(part, "run"):
            found[module.name] = part
    return found


def run(options: Namespace) -> list[Finding]:
    """Run what is wanted, and return what was found.

    The engines have a process each: SQLite's server keeps one core busy, and most faults are
    spent waiting, so one after the other would leave a core idle for half of the time.
    """
    engines = options.engine or list(ENGINES)
    context = get_context("spawn")
    lock = context.RLock()  # the progress bars of both share a terminal
    with ProcessPoolExecutor(
        len(engines), context, initializer=tqdm.set_lock, initargs=(lock,)
    ) as processes:
        found = processes.map(partial(on_engine, options), engines, range(len(engines)))
        return [finding for findings in found for finding in findings]


def on_engine(options: Namespace, engine: str, line: int) -> list[Finding]:
    """Run what is wanted on one engine, one part after another; return what was found."""
    findings = []
    for name, part in parts().items():
        if engine in part.SIZES and name in (options.only or [name]):
            size = part.SIZES[engine]
            count = options.count or (size.quick if options.quick else size.full)
            if count:
                findings += _shown(part, f"{name}, {engine}", (engine, count, options.seed), line)
    return findings


def _shown(part: ModuleType, name: str, what: tuple[str, int, int], line: int) -> list[Finding]:
    """Run a part behind a progress bar, and say in one line what came of it."""
    began, busy = time.monotonic(), _cpu_seconds()
    with tqdm(
        total=what[1], desc=name, position=line, leave=False, smoothing=0.1, disable=None
    ) as bar:
        findings = _findings(part, *what, bar)
    wrong = sum(not finding.is_ok for finding in findings)
    verdict = f"{wrong} of {len(findings)} lines wrong" if wrong else "good"
    took = f"{time.monotonic() - began:.0f} s, {_cpu_seconds() - busy:.0f} s of CPU"
    tqdm.write(f"{name + ':':32}{verdict}, {took}")
    sys.stdout.flush()
    return findings


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of the servers that it has ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usages)


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
