"""Acts at the same time, in every order that matters, without sleeping and hoping.

Each act runs in a thread with a database connection of its own, and stops before any statement it
is told to stop before (COMMIT is one, too). Only one runs at a time: the others stand before a
statement, are done, or wait for a lock that another has. So an interleaving is a plan, not luck:
`interleavings` lets the first act stop before its first, second, third… statement, runs the second
one until it ends or is blocked, lets the first go on, and so on through all of them.

    def two_holds():
        show = make_show()
        return Scene(show, alice=lambda: hold(alice, show), bob=lambda: hold(bob, show))

    for race in interleavings(two_holds):
        assert sorted(race.outcome) == ["Made", "SeatsTaken"], race
"""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connections

# Longer than any wait the database allows (20 s for SQLite's lock): then something is stuck.
SECONDS = 40
END = 10**6

Act = Callable[[], Any]
# Connections that nobody uses now. To open one costs PostgreSQL more than a booking.
spare: list[Any] = []


class Stuck(AssertionError):
    """Somebody neither went on nor waited for the others: says who stood where."""


class Racer:
    """One act, in a thread of its own, that stops before the statement it is told to."""

    def __init__(self, name: str, act: Act, turn: threading.Condition) -> None:
        self.name, self.act, self.turn = name, act, turn
        self.statements: list[str] = []  # the last one has begun, or is what it stands before
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
        """The name of what it got: of the type it returned, or of the refusal it raised."""
        return type(self.result).__name__ if self.result is not None else "done"

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
    """Some acts at once, moved along one at a time; afterwards, what came of it."""

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
        """What each got, in the order in which the scene names them."""
        return tuple(racer.outcome for racer in self.racers.values())

    def advance(self, name: str, until: int = END, *, before: str | None = None) -> Racer:
        """Let one go on until it ends, is blocked, or stands where it is told to stop.

        That is after its first `until` statements, or before one that contains `before`.
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
        """Let all go on to their ends."""
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
        """Wait until the racer stands, or cannot go on before another does."""
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
        # SQLite tells nobody that it waits, but it lets only one write.
        if not any(one.has_transaction and one.stands and not one.is_done for one in others):
            return False
        if racer.statements and racer.statements[-1].startswith("BEGIN IMMEDIATE"):
            self.waited_to_begin = True
            return True
        return time.monotonic() - racer.since > 0.1

    def _where(self) -> str:
        return "\n".join(str(racer) for racer in self.racers.values())


class Scene:
    """A world made for one race: the acts by their names, and what they are about."""

    def __init__(self, about: Any = None, **acts: Act) -> None:
        self.about, self.acts = about, acts


def interleavings(
    make_scene: Callable[[], Scene], *, first: str | None = None, deep: bool = False
) -> Iterator[Race]:
    """Run a fresh scene of two acts in every order that matters, and yield each race when over.

    `first` names the act that stops, for a race whose two sides are alike; without it, each side
    has its turn. `deep` also stops the second act before each of its statements while the first
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
            return  # it ended or was blocked before it came so far: seen already
        yield race


def _played(
    scene: Scene, first: str, stop: int, second_stop: int | None = None
) -> tuple[Race, bool]:
    """Return the race, and whether stopping later would change nothing."""
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
    """Give this thread a database connection of its own, and return it."""
    if spare:
        connections["default"] = spare.pop()
    connection = connections["default"]
    connection.ensure_connection()
    return connection


def _put_back(connection: Any) -> None:
    """Keep a connection for another thread, as good as new, or close it."""
    vars(connection).pop("_commit", None)
    if connection.in_atomic_block or not connection.is_usable():
        connection.close()
    else:
        connection.inc_thread_sharing()
        spare.append(connection)
    del connections["default"]


def disconnect() -> None:
    """Close the connections that are kept. Each test that ran races does so at its end."""
    while spare:
        spare.pop().close()


def _next_stop(race: Race, name: str, stop: int) -> int:
    """Return the next place to stop at. On SQLite, nobody gets into the middle of a transaction."""
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
