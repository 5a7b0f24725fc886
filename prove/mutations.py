"""The real code with one mistake in it: what each mutant changes, and which invariants it breaks.

An edit replaces a text that must stand in the code exactly once. Races are widened by a short sleep
at the mistake, so that seconds suffice to see them lost. `prove/unguarded.py` and
`prove/unrecorded.py` have further ones.
"""

from prove.edits import (
    ALL_OR_NONE,
    BOOKING_READS,
    CALLED_OFF,
    CATALOG_TRANSACTIONS,
    DEADLOCKS,
    EVENTS,
    FOR_BOOKING,
    GAPS,
    LEGAL,
    LOOK_FIRST,
    LOSE_THE_RACE,
    NO_SIDE_EFFECTS,
    NO_TRANSACTION,
    ONE_EFFECT,
    OPEN_TO_ALL,
    ORPHANS,
    OVERLAP,
    OWNER,
    SEAT_LIMIT_KEPT,
    SEAT_MAPS,
    SEATS,
    SHOW_LISTS,
    SLEEP,
    STORED,
    TOTALS,
    TRUE,
    Edit,
    Mutant,
)
from prove.unguarded import UNGUARDED
from prove.unrecorded import UNRECORDED

MUTANTS = [
    Mutant(
        "no WHERE on take-over",
        (OWNER,),
        (OPEN_TO_ALL,),
    ),
    Mutant(
        "check, then insert",
        (OWNER,),
        (OPEN_TO_ALL, LOOK_FIRST),
        only_on={"sqlite": NO_TRANSACTION},
        weights={"book": 60},
    ),
    Mutant(
        "unsorted seats",
        (DEADLOCKS,),
        (
            Edit(
                "booking/operations/insert.py",
                "new_booking.id, %(until)s, 1\n"
                "    FROM new_booking, unnest(%(seats)s::bigint[]) AS seat ORDER BY seat",
                "new_booking.id, %(until)s,\n"
                "        CASE WHEN pg_sleep(0.002) IS NULL THEN 1 ELSE 1 END\n"
                "    FROM new_booking, unnest(%(seats)s::bigint[]) AS seat ORDER BY random()",
            ),
        ),
        engines=("postgresql",),
        weights={"book": 60},
    ),
    Mutant(
        "partial wins kept",
        (ALL_OR_NONE,),
        (
            Edit(
                "booking/operations/book.py",
                "lost = {priced.seat.id for priced in priced_seats} - won",
                "lost = {priced.seat.id for priced in priced_seats if not won}",
            ),
        ),
    ),
    Mutant(
        "confirm without ownership",
        (OWNER,),
        (
            Edit(
                "booking/claims.py",
                """IS_HELD_BY_BOOKING = "(seat_claim.state = 'held' AND seat_claim""",
                """IS_HELD_BY_BOOKING = "(TRUE OR seat_claim""",
            ),
        ),
        weights={"confirm_late": 100},
        operations=2500,
    ),
    Mutant(
        "release without compare-and-set",
        (LEGAL, NO_SIDE_EFFECTS, SEATS),
        (
            Edit(
                "booking/claims.py",
                """IS_OWNED = "(seat_claim.state IN ('held', 'sold') AND""",
                """IS_OWNED = "(seat_claim.state IN ('held', 'sold') OR""",
            ),
        ),
        weights={"hold": 60},
        operations=2500,
    ),
    Mutant(
        "key stored in a second transaction",
        (ONE_EFFECT, NO_SIDE_EFFECTS),
        (
            Edit(
                "booking/operations/book.py",
                "idempotency_key=request.key,\n        request",
                "request",
            ),
            Edit(
                "booking/operations/book.py",
                "return _book_once(request, attempt)",
                "return _with_key(request, _book_once(request, attempt))",
            ),
            Edit(
                "booking/operations/book.py",
                "@transactional\ndef _book_once(",
                f"""def _with_key(request: BookingRequest, result: BookingResult) -> BookingResult:
    {SLEEP.format(seconds=0.03)}
    if request.key is not None and not result.is_replay:
        Booking.objects.filter(pk=result.booking.pk).update(idempotency_key=request.key)
    return result


@transactional
def _book_once(""",
            ),
        ),
        weights={"repeat": 30},
    ),
    Mutant(
        "no user-limit guard",
        (SEAT_LIMIT_KEPT,),
        only_on={
            "postgresql": (
                Edit("booking/locks.py", FOR_BOOKING, '"FOR KEY SHARE OF show",'),
                Edit("booking/locks.py", "        counter_locks=BOOKER_COUNTER_LOCKS_SQL,\n", ""),
                LOSE_THE_RACE["postgresql"],
            ),
            "sqlite": (*NO_TRANSACTION, LOSE_THE_RACE["sqlite"]),
        },
        weights={"exceed_limit": 60},
    ),
    Mutant(
        "late confirmation past the limit",
        (SEAT_LIMIT_KEPT,),
        (
            Edit(
                "booking/rules.py",
                "    check_seat_limit(has=usage.customer_seats, wants=len(locked.seats))\n",
                "",
            ),
        ),
        weights={"confirm_late": 100},
        operations=5000,
    ),
    Mutant(
        "no show guard against calling off",
        (CALLED_OFF,),
        only_on={
            "postgresql": (
                Edit("booking/locks.py", FOR_BOOKING, '"FOR NO KEY UPDATE OF account",'),
                LOSE_THE_RACE["postgresql"],
            ),
            "sqlite": (*NO_TRANSACTION, LOSE_THE_RACE["sqlite"]),
        },
        weights={"book": 60, "cancel": 60},
    ),
    Mutant(
        "call-off leaves the holds",
        (CALLED_OFF,),
        (
            Edit(
                "booking/queries/bookings.py",
                "return effective_status_q(BookingStatus.HELD) | effective_status_q(BookingStatus.CONFIRMED)",
                "return effective_status_q(BookingStatus.CONFIRMED)",
            ),
        ),
        weights={"hold": 60},
    ),
    Mutant(
        "stale cache",
        (SEAT_MAPS,),
        (
            Edit(
                "booking/queries/availability.py",
                "def availability_version(show_id: int) -> AvailabilityVersion:\n",
                """_versions: dict[int, tuple[float, AvailabilityVersion]] = {}


def availability_version(show_id: int) -> AvailabilityVersion:
    import time

    read_at, version = _versions.get(show_id, (0, None))
    if version is None or time.monotonic() - read_at >= 3:
        version = _read_version(show_id)
        _versions[show_id] = time.monotonic(), version
    return version


def _read_version(show_id: int) -> AvailabilityVersion:
""",
            ),
        ),
    ),
    Mutant(
        "stale list",
        (SHOW_LISTS,),
        (
            Edit(
                "api/resources/show_lists.py",
                "        version = show_list_version(cached.shows)\n",
                "        version = show_list_version([])._replace(seats=cached.version.seats)\n",
            ),
        ),
        weights={"shows": 20},
    ),
    Mutant(
        "expired holds shown as held",
        (SEAT_MAPS,),
        (
            Edit(
                "booking/queries/availability.py",
                "HAS_EXPIRED_SQL = f\"claim.state = 'held'",
                "HAS_EXPIRED_SQL = f\"claim.state = 'nobody'",
            ),
        ),
        operations=2500,
    ),
    Mutant(
        "clock two seconds off",
        (OWNER,),
        (
            Edit(
                "booking/claims.py",
                "guard=guard.format(now=clock.now_sql()))",
                "guard=guard.format(now=_process_now()))",
            ),
            Edit(
                "booking/claims.py",
                "guard=guard.format(now=clock.now_sql()),",
                "guard=guard.format(now=_process_now()),",
            ),
            Edit(
                "booking/claims.py",
                "def claim(\n",
                """def _process_now() -> str:
    from datetime import UTC, timedelta

    now = datetime.now(UTC) + timedelta(seconds=2)
    return f"'{now.replace(tzinfo=None)}'"


def claim(
""",
            ),
        ),
    ),
    Mutant(
        "overlap check without its guard",
        (OVERLAP,),
        (
            Edit(
                "catalog/operations/shows.py",
                "    _check_no_overlap(show)\n    try:\n",
                f"    _check_no_overlap(show)\n    {SLEEP.format(seconds=0.1)}\n    try:\n",
            ),
            Edit("catalog/operations/shows.py", "@transactional\ndef add_show(", "def add_show("),
            Edit(
                "catalog/locks.py",
                'select_for_update(no_key=not exclusive, of=("self",))',
                "all()",
            ),
            Edit("catalog/locks.py", "Revision.objects.select_for_update().first()", "pass"),
        ),
        sql={"postgresql": "ALTER TABLE show DROP CONSTRAINT show_no_overlap"},
    ),
    Mutant(
        "gen does not rise",
        (GAPS,),
        (Edit("booking/claims.py", "gen = seat_claim.gen + 1", "gen = seat_claim.gen"),),
    ),
    Mutant(
        "gen starts anew",
        (GAPS,),
        (Edit("booking/claims.py", "gen = seat_claim.gen + 1", "gen = excluded.gen"),),
    ),
    Mutant(
        "confirm skips a seat",
        (SEATS, ALL_OR_NONE),
        (
            Edit(
                "booking/operations/confirm.py",
                "    lost = locked.seats - claims.sell(booking.show_id, locked.seats, booking.pk)\n",
                "    some = set(sorted(locked.seats)[:2])\n    lost = some - claims.sell(booking.show_id, some, booking.pk)\n",
            ),
        ),
        weights={"confirm": 40},
    ),
    Mutant(
        "late confirmation of some seats",
        (SEATS, ALL_OR_NONE),
        (
            Edit(
                "booking/operations/confirm.py",
                "    if lost:\n        raise seat_rules.hold_seats_lost(",
                "    if lost and not lost:\n        raise seat_rules.hold_seats_lost(",
            ),
        ),
        weights={"confirm_late": 100},
        operations=2500,
    ),
    Mutant(
        "tickets not voided",
        (SEATS,),
        (
            Edit(
                "booking/operations/transitions.py",
                'return len(fetch_all(sql, {"bookings": keys_param(booking_ids)}))',
                "return 0",
            ),
        ),
    ),
    Mutant(
        "cancelling leaves no event",
        (EVENTS,),
        (
            Edit(
                "booking/operations/cancel.py",
                "    transitions.record_events([booking.pk], kind, locked.now, actor, reason=reason)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "cancelling keeps the seats",
        (SEATS, ORPHANS),
        (
            Edit(
                "booking/operations/cancel.py",
                "    _release(booking, locked, locked.seats)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "a yes in forty is not kept",
        (STORED,),
        (
            Edit(
                "core/transactions.py",
                "    with transaction.atomic():\n        return func()\n",
                "    with transaction.atomic():\n"
                "        done = func()\n"
                "        transaction.set_rollback(random.random() < 0.025)\n"
                "        return done\n",
            ),
            CATALOG_TRANSACTIONS,
        ),
    ),
    Mutant(
        "a refusal that keeps what it wrote",
        (NO_SIDE_EFFECTS, ALL_OR_NONE),
        NO_TRANSACTION,
    ),
    Mutant(
        "same key, other request, old response",
        (ONE_EFFECT,),
        (
            Edit(
                "booking/rules.py",
                "if stored_digest != digest:",
                "if stored_digest == '':",
            ),
        ),
        weights={"reuse": 30},
    ),
    Mutant(
        "another customer's booking",
        (STORED,),
        (
            Edit(
                "booking/queries/bookings.py",
                "WHERE user_id = %(user)s AND reference",
                "WHERE user_id != 0 * %(user)s AND reference",
            ),
        ),
        weights={"use_foreign_booking": 30},
    ),
    Mutant(
        "the last ticket is free",
        (TOTALS,),
        (
            Edit(
                "booking/operations/book.py",
                "sum(priced.price for priced in self.priced_seats)",
                "sum(priced.price for priced in self.priced_seats[: len(self.priced_seats) - 1 or 1])",
            ),
        ),
    ),
    Mutant(
        "everybody's bookings",
        (BOOKING_READS,),
        (
            Edit(
                "booking/queries/bookings.py",
                "SELECT id FROM booking WHERE user_id = %(user)s AND {theirs} {beyond}",
                "SELECT id FROM booking WHERE user_id != 0 * %(user)s AND {theirs} {beyond}",
            ),
        ),
        weights={"bookings": 30},
    ),
    Mutant(
        "a booking read at two moments",
        (BOOKING_READS,),
        (
            Edit(
                "booking/queries/bookings.py",
                "    return [_details(row) for row in fetch_all(sql, parameters)]\n",
                f"""    rows = fetch_all(sql, parameters)
    {SLEEP.format(seconds=0.03)}
    again = fetch_all(sql, parameters)
    return [
        __import__('dataclasses').replace(_details(row), tickets=_details(late).tickets)
        for row, late in zip(rows, again)
    ]
""",
            ),
        ),
        weights={"booking": 60, "cancel": 40},
    ),
    Mutant(
        "everybody's keys",
        (STORED, ONE_EFFECT, TRUE),
        (
            Edit(
                "booking/queries/bookings.py",
                "WHERE user_id = %(user)s AND idempotency_key",
                "WHERE user_id != 0 * %(user)s AND idempotency_key",
            ),
        ),
    ),
    Mutant(
        "never too late to cancel",
        (STORED,),
        (
            Edit(
                "booking/rules.py",
                "status == BookingStatus.CONFIRMED and locked.now >= until:",
                "status == BookingStatus.CONFIRMED and locked.now is until:",
            ),
        ),
        weights={"change_late": 60},
    ),
    Mutant(
        "holds of twice the length",
        (STORED,),
        (
            Edit(
                "booking/hold_rules.py",
                "minutes=settings.HOLD_MINUTES",
                "minutes=2 * settings.HOLD_MINUTES",
            ),
        ),
    ),
    *UNGUARDED,
    *UNRECORDED,
]
