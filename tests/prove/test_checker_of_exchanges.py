"""The checker on exchanges of seats: one hand-made history for each way to be wrong."""

from tests.prove.history_builder import PRICE, ticket_requests

ALL_OR_NONE, SEATS, EVENTS, TOTALS = (
    "all seats or none",
    "a booking has its seats",
    "one event per transition",
    "totals add up",
)
STORED, TRUE = "every acknowledged change is stored", "every refusal is justified"


def ask(builder, number, *labels, **answer):
    """Send an exchange whose effects are none."""
    row = builder.booking(number)
    return builder.tell(
        row.user, "exchange", show=1, reference=row.reference,
        ticket_requests=ticket_requests(labels), **answer,
    )  # fmt: skip


def test_exchanges_of_holds_and_bookings_pass(builder):
    number = builder.book(1, "A1", "A2", hold=True)
    builder.exchange(number, "A2", "A3")
    ask(builder, number, "A2", "A3", facts=builder.answer(number))  # once more, by the lost answer
    builder.confirm(number)
    builder.exchange(number, "A1", "A4")
    builder.exchange(number, "A2", "A3")
    builder.look()
    builder.look_at(number)
    ask(
        builder,
        builder.book(2, "A1"),
        "A2",
        status=409,
        code="seats_taken",
        facts={"seats": ["A2"]},
    )
    builder.cancel(number)
    builder.look()

    assert builder.violated_invariants() == set()


def test_an_exchange_counts_once_for_the_limit(builder):
    number = builder.book(1, "A2", "A3", "A4", "A5")
    builder.exchange(number, "A1", "A3", "A4", "A5")
    assert builder.violated_invariants() == set()


def test_an_exchange_that_was_never_answered_may_have_its_effect(builder):
    builder.expecting(cuts=True)
    builder.exchange(builder.book(1, "A1"), "A2")
    builder.operations[-1].responded_at = builder.operations[-1].status = 0
    assert builder.violated_invariants() == set()


def test_an_exchange_that_was_acknowledged_and_is_not_there(builder):
    number = builder.book(1, "A1")
    ask(builder, number, "A2", facts=builder.answer(number) | {"seats": ["A2"]})
    assert STORED in builder.violated_invariants()


def test_an_exchange_that_was_refused_and_is_there(builder):
    number = builder.book(1, "A1")
    builder.exchange(number, "A2")
    builder.operations[-1].status = 409
    assert "refused requests change nothing" in builder.violated_invariants()


def test_an_exchange_that_keeps_the_old_seat(builder):
    number = builder.book(1, "A1")
    builder.exchange(number, "A2")
    freed = next(one for one in builder.tables.transitions if one.state == "free")
    builder.tables.transitions.remove(freed)
    assert ALL_OR_NONE in builder.violated_invariants()


def test_an_exchange_with_somebody_in_between(builder):
    number = builder.book(1, "A1")
    builder.exchange(number, "A2")
    builder.tables.transitions[:] = [
        one._replace(tx=None, n=one.n + 5 * (one.state == "free"))
        for one in builder.tables.transitions
    ]
    assert ALL_OR_NONE in builder.violated_invariants()


def test_an_exchange_whose_old_ticket_stays_valid(builder):
    builder.exchange(builder.book(1, "A1"), "A2")
    builder.tables.tickets[0] = builder.tables.tickets[0]._replace(status="valid")
    assert SEATS in builder.violated_invariants()


def test_an_exchange_without_an_event(builder):
    builder.exchange(builder.book(1, "A1"), "A2")
    builder.tables.events.pop()
    assert EVENTS in builder.violated_invariants()


def test_an_exchange_that_costs_more(builder):
    number = builder.book(1, "A1")
    builder.exchange(number, "A2")
    builder.tables.tickets[1] = builder.tables.tickets[1]._replace(price=PRICE + 1)
    builder.change("bookings", number, total=PRICE + 1)
    assert TOTALS in builder.violated_invariants()


def test_an_exchange_refused_for_costing_more_than_it_would(builder):
    ask(builder, builder.book(1, "A1"), "A2", status=409, code="exchange_costs_more")
    assert TRUE in builder.violated_invariants()


def test_an_exchange_when_it_was_too_late(builder):
    builder.facts.soon_shows.append(1)
    builder.exchange(builder.book(1, "A1"), "A2")
    assert STORED in builder.violated_invariants()


def test_somebody_elses_booking_is_not_exchanged(builder):
    builder.exchange(builder.book(1, "A1"), "A2")
    builder.operations[-1].user = 2
    assert STORED in builder.violated_invariants()
