"""The checker is worth what it catches: one hand-made history for each way to be wrong."""

import pytest

from tests.prove.history_builder import HOLD_MS, PRICE, SEATS, ticket_requests


def test_a_clean_history_passes(builder):
    builder.look()
    held = builder.book(1, "A1", "A2", hold=True)
    builder.look()
    builder.refuse(2, "seats_taken", "A1")
    builder.confirm(held)
    bought = builder.book(2, "A3", key="k1")
    builder.replay(2, bought, "A3", key="k1")
    builder.tell(
        2, "book", 422, "key_reused", show=1, key="k1", ticket_requests=ticket_requests(["A4"])
    )
    builder.look_at(held)
    builder.cancel(held)
    builder.look_at(held)
    builder.my_bookings(1)
    expiring_hold = builder.book(3, "A1", hold=True)
    builder.now += HOLD_MS
    builder.look()
    builder.look_at(expiring_hold)
    builder.list_shows(len(SEATS) - 1)
    builder.book(2, "A1")
    builder.expire(expiring_hold)
    builder.list_shows(len(SEATS) - 2)
    builder.confirm(builder.book(4, "A5", hold=True))
    builder.tell(4, "confirm", 404, "not_found", reference="R1")
    builder.look()
    builder.call_off()
    builder.refuse(1, "show_called_off", "A6")
    builder.look()

    assert builder.violated_invariants() == set()


# --- Seats ---


def test_a_seat_sold_while_it_is_sold(builder):
    builder.book(1, "A1")
    builder.book(2, "A1")
    assert "one owner at a time" in builder.violated_invariants()


def test_a_hold_taken_over_before_it_ended(builder):
    builder.book(1, "A1", hold=True)
    builder.book(2, "A1")
    assert "one owner at a time" in builder.violated_invariants()


def test_a_claim_changed_past_the_record(builder):
    builder.book(1, "A1")
    builder.change("claims", 1, state="sold", booking=7)
    assert "one owner at a time" in builder.violated_invariants()


def test_a_seat_sold_twice_to_the_same_booking(builder):
    builder.move(1, "sold", builder.book(1, "A1"))
    assert "legal transitions only" in builder.violated_invariants()


def test_a_hold_tidied_up_before_it_ended(builder):
    builder.expire(builder.book(1, "A1", hold=True))
    assert "legal transitions only" in builder.violated_invariants()


@pytest.mark.parametrize("gen", [1, 3, 9])
def test_a_gen_that_does_not_follow(builder, gen):
    builder.cancel(builder.book(1, "A1"))
    builder.tables.transitions[-1] = builder.tables.transitions[-1]._replace(gen=gen)
    assert "versions without gaps" in builder.violated_invariants()


def test_versions_against_the_order_of_requests(builder):
    """Bob's request was answered before Alice's was sent, and yet hers has the smaller gen."""
    alice = builder.book(1, "A1", sent=1500)
    builder.cancel(alice, sent=1600)
    builder.book(2, "A1", sent=1200)
    assert "real-time order" in builder.violated_invariants()


def test_half_a_booking(builder):
    builder.book(1, "A1", "A2")
    builder.tables.transitions.pop()
    builder.tables.claims.pop()
    assert "all seats or none" in builder.violated_invariants()


def test_a_booking_in_two_transactions(builder):
    builder.book(1, "A1", "A2")
    builder.tables.transitions[-1] = builder.tables.transitions[-1]._replace(tx=1)
    assert "all seats or none" in builder.violated_invariants()


def test_a_confirmation_of_some_seats(builder):
    booking = builder.book(1, "A1", "A2", hold=True)
    builder.confirm(booking)
    builder.tables.transitions.pop()
    assert {"all seats or none", "one event per transition"} <= builder.violated_invariants()


def test_more_seats_than_one_customer_may_have(builder):
    builder.book(1, "A1", "A2", "A3")
    builder.book(1, "A4", "A5")
    assert builder.violated_invariants() == {"seat limit"}


def test_seats_of_a_hold_that_ended_do_not_count(builder):
    lapsed = builder.book(1, "A1", "A2", "A3", hold=True)
    builder.now += HOLD_MS
    builder.expire(lapsed)
    builder.book(1, "A4", "A5")
    assert builder.violated_invariants() == set()


def test_a_seat_sold_after_the_show_was_called_off(builder):
    builder.call_off()
    builder.book(1, "A1")
    assert "nothing sold after a call-off" in builder.violated_invariants()


def test_a_booking_forgotten_when_the_show_was_called_off(builder):
    builder.call_off()
    forgotten = builder.tables.transitions.pop()
    builder.book(1, "A1")
    builder.tables.transitions.append(forgotten._replace(n=9))
    assert "nothing sold after a call-off" in builder.violated_invariants()


def test_a_claim_of_a_booking_that_is_over(builder):
    booking = builder.book(1, "A1")
    builder.cancel(booking)
    builder.move(1, "sold", booking)
    assert "no orphan claims" in builder.violated_invariants()


def test_a_claim_without_a_ticket(builder):
    builder.move(2, "sold", builder.book(1, "A1"))
    assert {"no orphan claims", "all seats or none"} <= builder.violated_invariants()


def test_a_claim_that_ends_at_another_time_than_its_booking(builder):
    booking = builder.book(1, "A1", hold=True)
    builder.change("bookings", booking, held_until=1)
    assert "no orphan claims" in builder.violated_invariants()


def test_two_shows_in_one_auditorium_at_once(builder):
    (show,) = builder.tables.shows
    builder.tables.shows.append(show._replace(id=2))
    builder.facts.initial_shows.append(2)
    assert builder.violated_invariants() == {"no overlapping shows"}


# --- Books ---


def test_a_transition_without_its_event(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.tables.events.pop()
    assert "one event per transition" in builder.violated_invariants()


def test_an_event_twice(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.tables.events.append(builder.tables.events[-1])
    assert "one event per transition" in builder.violated_invariants()


def test_a_cancelled_booking_that_keeps_its_seat(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.tables.transitions.pop()
    builder.tables.claims[:] = [builder.tables.claims[0]._replace(state="sold", booking=1, gen=1)]
    assert "a booking has its seats" in builder.violated_invariants()


def test_a_cancelled_booking_whose_ticket_still_admits(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.change("tickets", 1, status="valid")
    assert "a booking has its seats" in builder.violated_invariants()


def test_a_total_that_is_not_the_sum(builder):
    builder.change("bookings", builder.book(1, "A1", "A2"), total=PRICE)
    assert "totals add up" in builder.violated_invariants()


def test_a_ticket_at_another_price(builder):
    booking = builder.book(1, "A1")
    builder.change("tickets", booking, price=1)
    builder.change("bookings", booking, total=1)
    assert "totals add up" in builder.violated_invariants()


# --- Responses ---


def test_an_acknowledged_booking_that_is_lost(builder):
    builder.book(1, "A1")
    for rows in ("bookings", "tickets", "events", "transitions", "claims"):
        getattr(builder.tables, rows).clear()
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_other_seats_than_were_asked_for(builder):
    builder.book(1, "A1")
    builder.operations[-1].ticket_requests = ticket_requests(["A2"])
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_other_seats_than_were_acknowledged(builder):
    builder.book(1, "A1")
    builder.operations[-1].facts["seats"] = ["A2"]
    assert "every acknowledged change is stored" in builder.violated_invariants()


def test_another_type_of_ticket_than_was_asked_for(builder):
    builder.book(1, "A1")
    builder.operations[-1].ticket_requests = [["A1", "child"]]
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_a_hold_of_another_length(builder):
    builder.facts.hold_micros = 1
    builder.book(1, "A1", hold=True)
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_a_sale_after_sales_had_closed(builder):
    builder.facts.closed_shows.append(1)
    builder.book(1, "A1")
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_a_cancellation_when_it_was_too_late(builder):
    builder.facts.soon_shows.append(1)
    builder.cancel(builder.book(1, "A1", hold=True))
    assert builder.violated_invariants() == set()

    builder.cancel(builder.book(1, "A1"))
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_a_yes_before_it_was_so(builder):
    builder.book(1, "A1", sent=builder.now - 100)
    assert "every acknowledged change is stored" in builder.violated_invariants()


def test_an_acknowledged_confirmation_that_is_lost(builder):
    booking = builder.book(1, "A1", hold=True)
    facts = builder.answer(booking) | {"status": "confirmed"}
    builder.tell(1, "confirm", show=1, reference="R1", facts=facts)
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_a_cancellation_of_a_stranger(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.operations[-1].user = 2
    assert "every acknowledged change is stored" in builder.violated_invariants()


def test_a_call_off_that_is_lost(builder):
    builder.tell(99, "call_off", show=1)
    assert builder.violated_invariants() == {"every acknowledged change is stored"}


def test_a_refused_booking_that_was_made(builder):
    builder.store(1, "A1")
    builder.refuse(1, "seats_taken", "A1")
    assert "refused requests change nothing" in builder.violated_invariants()


def test_a_refused_cancellation_that_was_done(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.operations[-1].status, builder.operations[-1].code = 409, "not_held"
    assert "refused requests change nothing" in builder.violated_invariants()


def test_a_show_that_nobody_scheduled(builder):
    (show,) = builder.tables.shows
    builder.tables.shows.append(show._replace(id=2, auditorium=2))
    assert builder.violated_invariants() == {
        "refused requests change nothing",
        "one audit entry per act",
    }


def test_seats_called_taken_that_were_free(builder):
    builder.refuse(1, "seats_taken", "A1")
    assert builder.violated_invariants() == {"every refusal is justified"}


def test_seats_called_taken_that_were_freed_long_before(builder):
    builder.cancel(builder.book(1, "A1"))
    builder.refuse(2, "seats_taken", "A1")
    assert builder.violated_invariants() == {"every refusal is justified"}


def test_a_show_called_off_by_nobody(builder):
    builder.refuse(1, "show_called_off", "A1")
    assert builder.violated_invariants() == {"every refusal is justified"}


def test_a_limit_that_was_not_reached(builder):
    builder.book(1, "A1")
    builder.refuse(1, "seat_limit", "A2")
    assert builder.violated_invariants() == {"every refusal is justified"}


def test_a_hold_refused_as_ended_that_had_not(builder):
    booking = builder.book(1, "A1", hold=True)
    row = builder.booking(booking)
    builder.tell(1, "cancel", 409, "not_held", show=1, reference=row.reference)
    assert builder.violated_invariants() == {"every refusal is justified"}


def test_an_answer_that_nobody_expects(builder):
    builder.refuse(1, "not_authenticated", "A1", status=401)
    assert builder.violated_invariants() == {"every refusal is justified"}
