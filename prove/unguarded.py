"""More mutants: a rule that is not asked, a lock that is too weak, an effect that is left out."""

from prove.edits import (
    ALL_OR_NONE,
    BOTH,
    CALLED_OFF,
    DEADLOCKS,
    EVENTS,
    FAILURES,
    FORMS,
    GUESTS,
    MOVES,
    NO_SIDE_EFFECTS,
    ONE_EFFECT,
    ORPHANS,
    OWNER,
    SEAT_LIMIT_KEPT,
    SEAT_MAPS,
    SEATS,
    SHOW_LISTS,
    SHOWN,
    SLEEP,
    STORED,
    TOTALS,
    TRUE,
    Edit,
    Mutant,
)

VISITS = {"hold_by_page": 10, "hold_many": 50, "log_in": 30, "exceed_limit": 20}
EXCHANGES = {"book": 40, "exchange": 60}
UNGUARDED = [
    Mutant(
        "a call-off whose lock lets waiting bookings through",
        (CALLED_OFF,),
        (
            Edit(
                "booking/locks.py",
                "shows.select_for_update().get()",
                f"(shows.select_for_update(no_key=True).get(), {SLEEP.format(seconds=0.05)})",
            ),
        ),
        engines=("postgresql",),
        weights={"book": 60},
    ),
    Mutant(
        "seats of a confirmation in descending order",
        (DEADLOCKS,),
        (
            Edit(
                "booking/claims.py",
                "        %(until)s::timestamptz, 1\n"
                "    FROM unnest(%(seats)s::bigint[]) AS seat ORDER BY seat\n",
                "        %(until)s::timestamptz,\n"
                "        CASE WHEN pg_sleep(0.01) IS NULL THEN 1 ELSE 1 END\n"
                "    FROM unnest(%(seats)s::bigint[]) AS seat ORDER BY seat DESC\n",
            ),
        ),
        engines=("postgresql",),
        weights={"hold": 60, "confirm": 60},
        is_rare=True,
    ),
    Mutant(
        "holds do not count for the limit",
        (SEAT_LIMIT_KEPT,),
        (
            Edit(
                "booking/queries/usage.py",
                "OR booking.status = 'held' AND booking.held_until >",
                "OR FALSE AND booking.held_until >",
            ),
        ),
        weights={"exceed_limit": 60},
    ),
    Mutant(
        "sales never close",
        (STORED,),
        (Edit("booking/rules.py", "if now >= sales_until:", "if now is sales_until:"),),
        weights={"book": 60},
    ),
    Mutant(
        "blocking some of the seats",
        (STORED,),
        (
            Edit(
                "booking/operations/block.py",
                "not_free = seats - claims.block(show.pk, seats)",
                "not_free = claims.block(show.pk, seats) and set()",
            ),
        ),
    ),
    Mutant(
        "call-off leaves the tickets valid",
        (SEATS,),
        (
            Edit(
                "booking/operations/call_off.py",
                "    transitions.void_tickets(booking_ids)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "call-off keeps the seats",
        (CALLED_OFF, ORPHANS),
        (Edit("booking/operations/call_off.py", "claims.release_all(show.pk, ", "set("),),
    ),
    Mutant(
        "call-off leaves no event",
        (EVENTS,),
        (
            Edit(
                "booking/operations/call_off.py",
                "    transitions.record_events(booking_ids, EventKind.CALLED_OFF, now, actor, reason=reason)\n",
                "",
            ),
        ),
    ),
    Mutant(
        "confirming what was cancelled",
        (EVENTS, SEATS),
        (
            Edit(
                "booking/rules.py",
                "    if locked.status == BookingStatus.CANCELLED:\n        raise NotHeld(",
                "    if locked.status is None:\n        raise NotHeld(",
            ),
            Edit(
                "booking/operations/confirm.py",
                "out_of=[BookingStatus.HELD, BookingStatus.EXPIRED]",
                "out_of=[BookingStatus.HELD, BookingStatus.EXPIRED, BookingStatus.CANCELLED]",
            ),
        ),
        weights={"confirm": 60},
    ),
    Mutant(
        "confirming twice is refused",
        (TRUE,),
        (
            Edit(
                "booking/operations/confirm.py",
                "    if locked.status == BookingStatus.CONFIRMED:\n        return False\n",
                "",
            ),
        ),
        weights={"confirm": 60},
    ),
    Mutant(
        "cancelling twice fails",
        (FAILURES,),
        (
            Edit(
                "booking/operations/cancel.py",
                "    if locked.status == BookingStatus.CANCELLED or (part and not part.cancelled):\n"
                "        return False\n",
                "",
            ),
        ),
        weights={"cancel": 60},
    ),
    Mutant(
        "same key, held or booked",
        (ONE_EFFECT,),
        (
            Edit(
                "booking/operations/book.py",
                "content = [self.show_id, self.hold, tickets,",
                "content = [self.show_id, tickets,",
            ),
        ),
        weights={"reuse": 30},
    ),
    Mutant(
        "keys are not looked for",
        (ONE_EFFECT, FAILURES),
        (
            Edit(
                "booking/operations/book.py",
                "if replay := _find_replay(request):\n                refusal",
                "if replay := _find_replay(request) and None:\n                refusal",
            ),
        ),
        weights={"repeat": 30},
    ),
    Mutant(
        "everybody pays the dearest price",
        (TOTALS,),
        (
            Edit(
                "booking/rules.py",
                "return PricedSeat(seat, type_, price, ",
                "return PricedSeat(seat, type_, max(prices.amounts.values()), ",
            ),
        ),
    ),
    Mutant(
        "blocked seats shown as free",
        (SEAT_MAPS,),
        (
            Edit(
                "booking/queries/availability.py",
                "\"claim.state = 'blocked'\"",
                "\"claim.state = 'nobody'\"",
            ),
        ),
        weights={"seats": 30, "availability": 30},
    ),
    Mutant(
        "a version that does not count the clock",
        (SEAT_MAPS,),
        (
            Edit(
                "booking/queries/availability.py",
                "return 2 * self.gen + self.expired_holds",
                "return 2 * self.gen",
            ),
        ),
        weights={"hold": 60, "availability": 30},
        operations=2500,
    ),
    Mutant(
        "lists count holds that have ended",
        (SHOW_LISTS,),
        (
            Edit(
                "booking/queries/availability.py",
                "OR state = 'held' AND expires_at > {now})",
                "OR state = 'held' AND (TRUE OR expires_at > {now}))",
            ),
        ),
        weights={"hold": 60, "shows": 20},
        operations=2500,
    ),
    Mutant(
        "a form's key is ignored",
        (FORMS,),
        (
            Edit(
                "web/storefront/holds.py",
                "result = hold(key=asked.key(form_key))",
                "result = hold(key=None)",
            ),
        ),
        weights={"hold_by_page": 80},
    ),
    Mutant(
        "the checkout says booked, and confirms nothing",
        (STORED,),
        (
            Edit(
                "web/storefront/checkout.py",
                "is_new = confirm(booking=booking, expected_total=expected, contact=contact)",
                "is_new = True",
            ),
        ),
        weights={"hold_by_page": 40, "confirm_by_page": 60},
    ),
    Mutant(
        "blocking takes sold seats",
        (OWNER,),
        (
            Edit(
                "booking/claims.py",
                "return _transition(show_id, seats, BLOCKED, None, None, IS_AVAILABLE)",
                "return _transition(show_id, seats, BLOCKED, None, None, f'({IS_AVAILABLE} OR {HAS_OWNER})')",
            ),
        ),
    ),
    Mutant(
        "expired holds are not released",
        (TRUE,),
        (
            Edit(
                "booking/claims.py",
                "OR seat_claim.state = 'held' AND seat_claim.expires_at <= {now}",
                "OR FALSE AND seat_claim.expires_at <= {now}",
            ),
        ),
        weights={"hold": 60},
        operations=2500,
    ),
    Mutant(
        "an exchange gives seats up before it has others",
        (SEATS, NO_SIDE_EFFECTS),
        (
            Edit(
                "booking/operations/exchange.py",
                "    try:\n        return _exchange_once(",
                "    _give_up(booking, tickets)\n    try:\n        return _exchange_once(",
            ),
            Edit(
                "booking/operations/exchange.py",
                "@transactional\ndef _exchange_once(",
                """@transactional
def _give_up(booking: Booking, tickets: Sequence[TicketRequest]) -> None:
    had = Ticket.objects.filter(booking=booking, status="valid")
    gone = had.exclude(seat__label__in=[one.seat for one in tickets])
    claims.release(booking.show_id, set(gone.values_list("seat_id", flat=True)), booking.pk)


@transactional
def _exchange_once(""",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "an exchange takes seats that others have",
        (OWNER,),
        (
            Edit(
                "booking/claims.py",
                "THEN {IS_OWNED} ELSE {IS_AVAILABLE} END)",
                "THEN {IS_OWNED} ELSE ({IS_AVAILABLE} OR TRUE) END)",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "an exchange keeps what it could get",
        (ALL_OR_NONE,),
        (
            Edit(
                "booking/operations/exchange.py",
                "if one.seat.id in wanted - passed])",
                "if one.seat.id in wanted and not passed])",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "an exchange may cost more",
        (TOTALS,),
        (
            Edit(
                "booking/exchange_rules.py",
                "if total.minor > before.minor:",
                "if total.minor is before.minor:",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "an exchange charges the new seats alone",
        (TOTALS,),
        (
            Edit(
                "booking/exchange_rules.py",
                "for priced in self.result)",
                "for priced in self.new)",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "tickets given up stay valid",
        (SEATS, STORED),
        (
            Edit(
                "booking/operations/exchange.py",
                "transitions.void_some_tickets(given_up, at=locked.now)",
                "transitions.void_some_tickets([], at=locked.now)",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "seats given up count for the limit",
        (TRUE,),
        (
            Edit(
                "booking/queries/usage.py",
                'IS_KEPT_SQL = "ticket.released_at IS NULL"',
                'IS_KEPT_SQL = "TRUE"',
            ),
        ),
        weights=EXCHANGES | {"exceed_limit": 30},
        is_rare=True,
    ),
    Mutant(
        "an exchange leaves no event",
        (EVENTS,),
        (
            Edit(
                "booking/operations/exchange.py",
                "    transitions.record_events([booking.pk], EventKind.EXCHANGED, locked.now, actor)\n",
                "",
            ),
        ),
        weights=EXCHANGES,
    ),
    Mutant(
        "never too late to exchange",
        (STORED,),
        (
            Edit(
                "booking/exchange_rules.py",
                "BookingStatus.CONFIRMED and locked.now >= locked.cancel_until:",
                "BookingStatus.CONFIRMED and locked.now is locked.cancel_until:",
            ),
        ),
        weights={"change_late": 60},
    ),
    Mutant(
        "two provisional guests of a visitor",
        (GUESTS,),
        (
            Edit(
                "accounts/operations/guests.py",
                "    if guest := queries.find_provisional_guest(visitor):\n        return guest\n",
                "",
            ),
        ),
        sql=dict.fromkeys(BOTH, "DROP INDEX account_one_provisional_guest_of_a_visitor"),
        weights=VISITS,
    ),
    Mutant(
        "a login leaves the holds behind",
        (MOVES,),
        (
            Edit(
                "web/storefront/holds.py",
                "return MovedHolds() if visitor is None else move_holds(",
                "return MovedHolds() if visitor else move_holds(",
            ),
        ),
        weights=VISITS,
        operations=1500,
        is_rare=True,
    ),
    Mutant(
        "a login moves the holds of others",
        (MOVES,),
        (
            Edit(
                "booking/operations/move_holds.py",
                "    guests = guests_of_visitor(visitor)\n",
                "    guests = list(User.objects.filter(visitor__isnull=False).values_list('pk', flat=True))\n",
            ),
        ),
        weights=VISITS,
        operations=1500,
        is_rare=True,
    ),
    Mutant(
        "a login moves more holds than the account may have",
        (SEAT_LIMIT_KEPT,),
        (
            Edit(
                "booking/operations/move_holds.py",
                "    new_owner.check_limits(show_id, seats, user.pk, now=now)\n",
                "",
            ),
        ),
        weights=VISITS,
        operations=1500,
        is_rare=True,
    ),
    Mutant(
        "bookings of all visitors",
        (SHOWN,),
        (
            Edit(
                "web/customers.py",
                "visitor is not None and owner.visitor == visitor",
                "visitor is not None and owner.visitor is not None",
            ),
        ),
        weights={"look": 60},
    ),
]
