"""Run acts concurrently in every order that matters, deterministically and without sleeps.

Each act runs in its own thread with its own database connection, and pauses before chosen
statements (COMMIT counts as one). Only one act runs at a time: each other act is paused, done, or
waiting for a lock. `interleavings` pauses the first act before its first, second, third… statement
in turn. At each pause it runs the second act until that ends or is blocked, then lets the first go on.

    def two_holds():
        show = make_show()
        return Scene(show, alice=lambda: hold(alice, show), bob=lambda: hold(bob, show))

    for race in interleavings(two_holds):
        assert sorted(race.outcome) == ["Booking", "SeatsTaken"], race
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connections

# Longer than any wait the database allows (20 s for SQLite's lock): after that, something is stuck.
SECONDS = 40
END = 10**6

Act = Callable[[], Any]
# Unused connections. Opening one costs PostgreSQL more than a booking.
spare: list[Any] = []


class Stuck(AssertionError):
    """An act neither went on nor waited for another: the message says where each one is."""


class Racer:
    """One act in its own thread, which pauses before a chosen statement."""

    def __init__(self, name: str, act: Act, turn: threading.Condition) -> None:
        self.name, self.act, self.turn = name, act, turn
        self.statements: list[str] = []  # the last one is running, or is the one it pauses before
        self.may_begin = 0
        self.stop_at: str | None = None
        self.stands = True
        self.is_done = False
        self.has_transaction = False
        self.pid: int | None = None
        self.since = time.monotonic()
        self.result: Any = None
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __str__(self) -> str:
        last = " ".join(self.statements[-1].split())[:150] if self.statements else "anything"
        how = "stands before" if self.stands else "is in"
        count = len(self.statements)
        return f"{self.name} {'is done' if self.is_done else f'{how} statement {count}: {last}'}"

    @property
    def outcome(self) -> str:
        """The name of the type that the act returned, or of the refusal that it raised."""
        if self.result is None or isinstance(self.result, bool):  # whether it changed anything
            return "done"
        return type(self.result).__name__

    def _run(self) -> None:
        connection = _connect()
        try:
            if connection.vendor == "postgresql":
                self.pid = connection.connection.info.backend_pid
            commit = connection._commit

            def stop_and_commit() -> None:
                self._stop_before("COMMIT", connection)
                commit()

            connection._commit = stop_and_commit
            with connection.execute_wrapper(self._execute):
                self.result = self.act()
        except Exception as refusal:  # noqa: BLE001 (whatever it was, it is the result)
            self.result = refusal
        finally:
            _put_back(connection)
            with self.turn:
                self.is_done = self.stands = True
                self.turn.notify_all()

    def _execute(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        self._stop_before(sql, context["connection"])
        return execute(sql, params, many, context)

    def _stop_before(self, sql: str, connection: Any) -> None:
        with self.turn:
            self.statements.append(sql)
            self.has_transaction = _has_transaction(connection)
            self.stands = True
            self.turn.notify_all()
            if self.stop_at is not None and self.stop_at in sql:
                self.may_begin, self.stop_at = len(self.statements) - 1, None
            if not self.turn.wait_for(lambda: self.may_begin >= len(self.statements), SECONDS):
                raise Stuck(f"Nobody let it go on: {self}")
            self.stands = False
            self.since = time.monotonic()


class Race:
    """Concurrent acts, advanced one at a time, and their results afterwards."""

    def __init__(self, scene: "Scene") -> None:
        self.scene = scene
        self.turn = threading.Condition()
        self.racers = {name: Racer(name, act, self.turn) for name, act in scene.acts.items()}
        self.plan: list[str] = []
        self.waited_to_begin = False

    def __str__(self) -> str:
        lines = [*self.plan, *(f"{one.name}: {one.result!r}" for one in self.racers.values())]
        return "\n".join(["This is the race:", *lines])

    def __getitem__(self, name: str) -> Any:
        return self.racers[name].result

    @property
    def outcome(self) -> tuple[str, ...]:
        """The outcome of each act, in the scene's order."""
        return tuple(racer.outcome for racer in self.racers.values())

    def advance(self, name: str, until: int = END, *, before: str | None = None) -> Racer:
        """Run one act until it ends, is blocked, or reaches its pause.

        The pause is after its first `until` statements, or before one that contains `before`.
        """
        racer = self.racers[name]
        with self.turn:
            racer.stop_at = before
            self._start(racer)
            if racer.may_begin < until:
                racer.may_begin = until
                racer.stands = racer.is_done
            self.turn.notify_all()
        self._settle(racer)
        self.plan.append(str(racer))
        return racer

    def finish(self) -> None:
        """Run all acts to their ends."""
        with self.turn:
            for racer in self.racers.values():
                self._start(racer)
                racer.may_begin = END
            self.turn.notify_all()
            if not self.turn.wait_for(self._all_done, SECONDS):
                raise Stuck(f"They did not end.\n{self}\n" + self._where())
        for racer in self.racers.values():
            racer.thread.join(SECONDS)

    def _start(self, racer: Racer) -> None:
        if not racer.thread.is_alive() and not racer.is_done:
            racer.stands = False
            racer.since = time.monotonic()
            racer.thread.start()

    def _all_done(self) -> bool:
        return all(racer.is_done for racer in self.racers.values())

    def _settle(self, racer: Racer) -> None:
        """Wait until the racer is paused, or blocked by another."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            with self.turn:
                if self.turn.wait_for(lambda: racer.stands, 0.002):
                    return
            if self._is_blocked(racer):
                return
        raise Stuck(f"{racer.name} neither went on nor waited for a lock.\n" + self._where())

    def _is_blocked(self, racer: Racer) -> bool:
        others = [other for other in self.racers.values() if other is not racer]
        if connections["default"].vendor == "postgresql":
            return racer.pid is not None and _waits_for_a_lock(racer.pid)
        # SQLite reports no waits, but it has only one writer.
        if not any(one.has_transaction and one.stands and not one.is_done for one in others):
            return False
        if racer.statements and racer.statements[-1].startswith("BEGIN IMMEDIATE"):
            self.waited_to_begin = True
            return True
        return time.monotonic() - racer.since > 0.1

    def _where(self) -> str:
        return "\n".join(str(racer) for racer in self.racers.values())


class Scene:
    """The setup of one race: its acts by name, and what they are about."""

    def __init__(self, about: Any = None, **acts: Act) -> None:
        self.about, self.acts = about, acts


def interleavings(
    make_scene: Callable[[], Scene], *, first: str | None = None, deep: bool = False
) -> Iterator[Race]:
    """Run a fresh scene of two acts in every order that matters, and yield each finished race.

    `first` names the act that pauses, for a race whose two sides are alike; without it, each side
    pauses. `deep` also pauses the second act before each of its statements while the first
    goes on to its end: needed where three steps of one must fall between the steps of the other.
    """
    names = [first] if first else list(make_scene().acts)
    for name in names:
        stop, over = 0, False
        while not over:
            race, over = _played(make_scene(), name, stop)
            yield race
            if deep and not over:
                yield from _deeper(make_scene, name, stop)
            stop = _next_stop(race, name, stop)


def _deeper(make_scene: Callable[[], Scene], name: str, stop: int) -> Iterator[Race]:
    for second_stop in range(1, END):
        race, over = _played(make_scene(), name, stop, second_stop)
        if over:
            return  # it ended or was blocked earlier: that race was run already
        yield race


def _played(
    scene: Scene, first: str, stop: int, second_stop: int | None = None
) -> tuple[Race, bool]:
    """Return the race, and whether a later pause would change nothing."""
    race = Race(scene)
    try:
        over = race.advance(first, stop).is_done
        for other in scene.acts:
            if other != first:
                racer = race.advance(other, END if second_stop is None else second_stop)
                if second_stop is not None:
                    over = racer.is_done or not racer.stands
        race.advance(first)
    finally:
        race.finish()
    return race, over


def _connect() -> Any:
    """Give this thread its own database connection, and return it."""
    if spare:
        connections["default"] = spare.pop()
    connection = connections["default"]
    connection.ensure_connection()
    return connection


def _put_back(connection: Any) -> None:
    """Reset a connection and keep it for another thread, or close it."""
    vars(connection).pop("_commit", None)
    if connection.in_atomic_block or not connection.is_usable():
        connection.close()
    else:
        connection.inc_thread_sharing()
        spare.append(connection)
    del connections["default"]


def disconnect() -> None:
    """Close the spare connections. Each test that ran races calls this at its end."""
    while spare:
        spare.pop().close()


def _next_stop(race: Race, name: str, stop: int) -> int:
    """Return the next statement to pause before. SQLite runs nothing inside another's transaction."""
    if not race.waited_to_begin:
        return stop + 1
    rest = race.racers[name].statements[stop:]
    ends = (n for n, sql in enumerate(rest, stop + 1) if sql.startswith(("COMMIT", "BEGIN")))
    return next(ends, len(race.racers[name].statements) + 1)


def _has_transaction(connection: Any) -> bool:
    raw = connection.connection
    return bool(connection.vendor == "sqlite" and raw is not None and raw.in_transaction)


def _waits_for_a_lock(pid: int) -> bool:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return bool(cursor.fetchone()[0])
