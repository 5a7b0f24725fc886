"""The peers: the booking work of Marquee, by our own small programs on other people's ground.

Each answers two requests as Marquee does, on Marquee's own tables: `POST shows/{id}/bookings/` and
`GET shows/{id}/availability/`. Each is built and served as its own documentation recommends, with
two processes, as Marquee has. They live in an environment of their own:

    python3 -m venv .venv-peers
    .venv-peers/bin/pip install --require-hashes -r bench/peers/requirements.txt

`bench.session.serving(url, PEERS["fastapi"].command)` starts one, in Marquee's own environment.
"""

from dataclasses import dataclass

PYTHON = ".venv-peers/bin/python"
PROCESSES = "2"
THREADS = "4"


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with: what tables call it, and what starts it, from the root."""

    name: str
    command: list[str]  # with "{port}" where the port belongs


PEERS = {
    "fastapi": Peer(
        "FastAPI + asyncpg, uvicorn",
        [
            *[PYTHON, "-m", "uvicorn", "bench.peers.fastapi_asyncpg:app"],
            *["--host", "127.0.0.1", "--port", "{port}", "--workers", PROCESSES],
            *["--loop", "uvloop", "--http", "httptools"],
            *["--log-level", "warning", "--no-access-log"],
        ],
    ),
    "bolt": Peer(
        "django-bolt + psycopg, runbolt",
        [
            *[PYTHON, "-m", "django", "runbolt", "--settings", "bench.peers.bolt.settings"],
            *["--host", "127.0.0.1", "--port", "{port}", "--processes", PROCESSES, "--no-admin"],
        ],
    ),
    "textbook": Peer(
        "Textbook DRF, ORM + select_for_update, gunicorn",
        [
            *[PYTHON, "-m", "gunicorn", "bench.peers.textbook.wsgi:application"],
            *["--bind", "127.0.0.1:{port}", "--workers", PROCESSES],
            *["--worker-class", "gthread", "--threads", THREADS, "--log-level", "warning"],
        ],
    ),
}
