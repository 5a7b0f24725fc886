"""Load by wrk, and what it cost: responses, latencies, and the CPU of application and database."""

import json
import math
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.process_stats import ProcessTree

SCRIPT = Path(__file__).with_name("load.lua")
CLIENTS = 32
STATUSES = ("s2xx", "s304", "s409", "s503", "other")
NO_WRK = "The load comes from wrk: on Debian and Ubuntu, type `apt install wrk`."


def request(method: str, path: str, token: str = "", body: bytes = b"", **headers: str) -> bytes:
    """Return a request to the API as it goes over the wire; headers by their names with `_`."""
    lines = [f"{method} /api/v1/{path} HTTP/1.1", "Host: 127.0.0.1"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    if method == "POST":
        lines += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run: responses a second, latencies in ms, CPU in ms a request, memory in MB.

    What was not measured is not a number.
    """

    rate: float
    p50: float
    p99: float
    longest: float
    app_ms: float
    db_ms: float
    memory_mb: float
    requests: int
    responses: dict[str, int]
    repeats: tuple["Measurement", ...] = ()  # the runs that these are the medians of

    @property
    def cpu_ms(self) -> float:
        """Server CPU of a request, application and database together."""
        return self.app_ms + self.db_ms


def run(
    address: str,
    requests: Iterable[bytes],
    *,
    app: ProcessTree,
    database: ProcessTree | None,
    seconds: int,
    clients: int = CLIENTS,
    repeat: bool = False,
) -> Measurement:
    """Send the requests for so many seconds, from the first again if `repeat`; return what it cost.

    It ends sooner when each has been sent and answered. Raises RuntimeError when wrk is missing or
    connections broke.
    """
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError(NO_WRK)
    with tempfile.NamedTemporaryFile() as file:
        file.writelines(b"%d\n" % len(one) + one for one in requests)
        file.flush()
        command = [wrk, "-t1", f"-c{clients}", f"-d{seconds:g}s", "--timeout", "30s"]
        command += ["-s", str(SCRIPT), address, "--", file.name, "repeat" if repeat else "once"]
        _wait_until_idle(app)
        before = app.cpu(), database.cpu() if database else 0.0
        ran = subprocess.run(command, capture_output=True, text=True)
        after = app.cpu(), database.cpu() if database else 0.0
    if ran.returncode:
        raise RuntimeError(f"wrk failed:\n{ran.stdout}{ran.stderr}")
    output = json.loads(ran.stdout.splitlines()[-1])
    responses = {name: int(output[name]) for name in STATUSES}
    count = sum(responses.values())
    if output["broken"] or not count:
        raise RuntimeError(f"A run that counts for nothing: {output}")
    app_ms, db_ms = (
        (late - early) * 1000 / count for early, late in zip(before, after, strict=True)
    )
    return Measurement(
        rate=count / output["seconds"],
        p50=output["p50"],
        p99=output["p99"],
        longest=output["longest"],
        app_ms=app_ms,
        db_ms=db_ms,
        memory_mb=app.memory_mb(),
        requests=count,
        responses=responses,
    )


def _wait_until_idle(app: ProcessTree) -> None:
    """Wait for what the run before left under way: wrk goes, and 32 logins take another second."""
    used = -1.0
    for _ in range(100):
        used, before = app.cpu(), used
        if used == before:
            return
        time.sleep(0.1)


def median_run(runs: list[Measurement]) -> Measurement:
    """Return the medians of repeats, and the longest wait and all responses of them together."""
    return Measurement(
        **{
            name: median(getattr(one, name) for one in runs)
            for name in ("rate", "p50", "p99", "app_ms", "db_ms", "memory_mb")
        },
        longest=max(one.longest for one in runs),
        requests=sum(one.requests for one in runs),
        repeats=tuple(runs),
        responses={name: sum(one.responses[name] for one in runs) for name in runs[0].responses},
    )


def combined(first: Measurement, second: Measurement) -> Measurement:
    """Return what one request after another costs: the CPU of both; the waits cannot be added."""
    return Measurement(
        rate=1 / (1 / first.rate + 1 / second.rate),
        p50=math.nan,
        p99=math.nan,
        longest=math.nan,
        app_ms=first.app_ms + second.app_ms,
        db_ms=first.db_ms + second.db_ms,
        memory_mb=max(first.memory_mb, second.memory_mb),
        requests=first.requests + second.requests,
        responses={name: first.responses[name] + second.responses[name] for name in STATUSES},
    )
