"""The checker is worth what it catches: one hand-made history for each way to be wrong."""

import pytest

from tests.prove.history_builder import HOLD_MS, MS, PRICE, SEATS, Story, wishes


@pytest.fixture
def story():
    return Story()


def test_a_clean_history_passes(story):
    story.look()
    held = story.book(1, "A1", "A2", hold=True)
    story.look()
    story.refuse(2, "seats_taken", "A1")
    story.confirm(held)
    bought = story.book(2, "A3", key="k1")
    story.replay(2, bought, "A3", key="k1")
    story.tell(2, "book", 422, "key_reused", show=1, key="k1", wishes=wishes(["A4"]))
    story.look_at(held)
    story.cancel(held)
    story.look_at(held)
    story.my_bookings(1)
    lapsing = story.book(3, "A1", hold=True)
    story.now += HOLD_MS
    story.look()
    story.look_at(lapsing)
    story.list_shows(len(SEATS) - 1)
    story.book(2, "A1")
    story.expire(lapsing)
    story.list_shows(len(SEATS) - 2)
    story.confirm(story.book(4, "A5", hold=True))
    story.tell(4, "confirm", 404, "not_found", reference="R1")
    story.look()
    story.call_off()
    story.refuse(1, "show_called_off", "A6")
    story.look()

    assert story.broken() == set()


# --- Seats ---


def test_a_seat_sold_while_it_is_sold(story):
    story.book(1, "A1")
    story.book(2, "A1")
    assert "one owner at a time" in story.broken()


def test_a_hold_taken_over_before_it_ended(story):
    story.book(1, "A1", hold=True)
    story.book(2, "A1")
    assert "one owner at a time" in story.broken()


def test_a_claim_changed_past_the_record(story):
    story.book(1, "A1")
    story.change("claims", 1, state="sold", booking=7)
    assert "one owner at a time" in story.broken()


def test_a_seat_sold_twice_to_the_same_booking(story):
    story.move(1, "sold", story.book(1, "A1"))
    assert "legal transitions only" in story.broken()


def test_a_hold_tidied_up_before_it_ended(story):
    story.expire(story.book(1, "A1", hold=True))
    assert "legal transitions only" in story.broken()


@pytest.mark.parametrize("gen", [1, 3, 9])
def test_a_gen_that_does_not_follow(story, gen):
    story.cancel(story.book(1, "A1"))
    story.tables.transitions[-1] = story.tables.transitions[-1]._replace(gen=gen)
    assert "versions without gaps" in story.broken()


def test_versions_against_the_order_of_requests(story):
    """Bob's request was answered before Alice's was sent, and yet hers has the smaller gen."""
    alice = story.book(1, "A1", sent=1500)
    story.cancel(alice, sent=1600)
    story.book(2, "A1", sent=1200)
    assert "real-time order" in story.broken()


def test_half_a_booking(story):
    story.book(1, "A1", "A2")
    story.tables.transitions.pop()
    story.tables.claims.pop()
    assert "all seats or none" in story.broken()


def test_a_booking_in_two_transactions(story):
    story.book(1, "A1", "A2")
    story.tables.transitions[-1] = story.tables.transitions[-1]._replace(tx=1)
    assert "all seats or none" in story.broken()


def test_a_confirmation_of_some_seats(story):
    booking = story.book(1, "A1", "A2", hold=True)
    story.confirm(booking)
    story.tables.transitions.pop()
    assert {"all seats or none", "one event per transition"} <= story.broken()


def test_more_seats_than_one_customer_may_have(story):
    story.book(1, "A1", "A2", "A3")
    story.book(1, "A4", "A5")
    assert story.broken() == {"seat limit"}


def test_seats_of_a_hold_that_ended_do_not_count(story):
    lapsed = story.book(1, "A1", "A2", "A3", hold=True)
    story.now += HOLD_MS
    story.expire(lapsed)
    story.book(1, "A4", "A5")
    assert story.broken() == set()


def test_a_seat_sold_after_the_show_was_called_off(story):
    story.call_off()
    story.book(1, "A1")
    assert "nothing sold after a call-off" in story.broken()


def test_a_booking_forgotten_when_the_show_was_called_off(story):
    story.call_off()
    forgotten = story.tables.transitions.pop()
    story.book(1, "A1")
    story.tables.transitions.append(forgotten._replace(n=9))
    assert "nothing sold after a call-off" in story.broken()


def test_a_claim_of_a_booking_that_is_over(story):
    booking = story.book(1, "A1")
    story.cancel(booking)
    story.move(1, "sold", booking)
    assert "no orphan claims" in story.broken()


def test_a_claim_without_a_ticket(story):
    story.move(2, "sold", story.book(1, "A1"))
    assert {"no orphan claims", "all seats or none"} <= story.broken()


def test_a_claim_that_ends_at_another_time_than_its_booking(story):
    booking = story.book(1, "A1", hold=True)
    story.change("bookings", booking, held_until=1)
    assert "no orphan claims" in story.broken()


def test_two_shows_in_one_room_at_once(story):
    (show,) = story.tables.shows
    story.tables.shows.append(show._replace(id=2))
    story.facts.built.append(2)
    assert story.broken() == {"no overlapping shows"}


# --- Books ---


def test_a_transition_without_its_event(story):
    story.cancel(story.book(1, "A1"))
    story.tables.events.pop()
    assert "one event per transition" in story.broken()


def test_an_event_twice(story):
    story.cancel(story.book(1, "A1"))
    story.tables.events.append(story.tables.events[-1])
    assert "one event per transition" in story.broken()


def test_a_cancelled_booking_that_keeps_its_seat(story):
    story.cancel(story.book(1, "A1"))
    story.tables.transitions.pop()
    story.tables.claims[:] = [story.tables.claims[0]._replace(state="sold", booking=1, gen=1)]
    assert "a booking has its seats" in story.broken()


def test_a_cancelled_booking_whose_ticket_still_admits(story):
    story.cancel(story.book(1, "A1"))
    story.change("tickets", 1, status="valid")
    assert "a booking has its seats" in story.broken()


def test_a_total_that_is_not_the_sum(story):
    story.change("bookings", story.book(1, "A1", "A2"), total=PRICE)
    assert "totals add up" in story.broken()


def test_a_ticket_at_another_price(story):
    booking = story.book(1, "A1")
    story.change("tickets", booking, price=1)
    story.change("bookings", booking, total=1)
    assert "totals add up" in story.broken()


# --- Answers ---


def test_an_acknowledged_booking_that_is_lost(story):
    story.book(1, "A1")
    for rows in ("bookings", "tickets", "events", "transitions", "claims"):
        getattr(story.tables, rows).clear()
    assert story.broken() == {"every yes is kept"}


def test_other_seats_than_were_asked_for(story):
    story.book(1, "A1")
    story.operations[-1].wishes = wishes(["A2"])
    assert story.broken() == {"every yes is kept"}


def test_other_seats_than_were_acknowledged(story):
    story.book(1, "A1")
    story.operations[-1].facts["seats"] = ["A2"]
    assert "every yes is kept" in story.broken()


def test_another_type_of_ticket_than_was_asked_for(story):
    story.book(1, "A1")
    story.operations[-1].wishes = [["A1", "child"]]
    assert story.broken() == {"every yes is kept"}


def test_a_hold_of_another_length(story):
    story.facts.hold_micros = 1
    story.book(1, "A1", hold=True)
    assert story.broken() == {"every yes is kept"}


def test_a_sale_after_sales_had_closed(story):
    story.facts.closed.append(1)
    story.book(1, "A1")
    assert story.broken() == {"every yes is kept"}


def test_a_cancellation_when_it_was_too_late(story):
    story.facts.soon.append(1)
    story.cancel(story.book(1, "A1", hold=True))
    assert story.broken() == set()

    story.cancel(story.book(1, "A1"))
    assert story.broken() == {"every yes is kept"}


def test_a_yes_before_it_was_so(story):
    story.book(1, "A1", sent=story.now - 100)
    assert "every yes is kept" in story.broken()


def test_an_acknowledged_confirmation_that_is_lost(story):
    booking = story.book(1, "A1", hold=True)
    facts = story.answer(booking) | {"status": "confirmed"}
    story.tell(1, "confirm", show=1, reference="R1", facts=facts)
    assert story.broken() == {"every yes is kept"}


def test_a_cancellation_of_a_stranger(story):
    story.cancel(story.book(1, "A1"))
    story.operations[-1].user = 2
    assert "every yes is kept" in story.broken()


def test_a_call_off_that_is_lost(story):
    story.tell(99, "call_off", show=1)
    assert story.broken() == {"every yes is kept"}


def test_a_refused_booking_that_was_made(story):
    story.store(1, "A1")
    story.refuse(1, "seats_taken", "A1")
    assert "every no leaves no trace" in story.broken()


def test_a_refused_cancellation_that_was_done(story):
    story.cancel(story.book(1, "A1"))
    story.operations[-1].status, story.operations[-1].code = 409, "not_held"
    assert "every no leaves no trace" in story.broken()


def test_a_show_that_nobody_scheduled(story):
    (show,) = story.tables.shows
    story.tables.shows.append(show._replace(id=2, auditorium=2))
    assert story.broken() == {"every no leaves no trace"}


def test_seats_called_taken_that_were_free(story):
    story.refuse(1, "seats_taken", "A1")
    assert story.broken() == {"every no is true"}


def test_seats_called_taken_that_were_freed_long_before(story):
    story.cancel(story.book(1, "A1"))
    story.refuse(2, "seats_taken", "A1")
    assert story.broken() == {"every no is true"}


def test_a_show_called_off_by_nobody(story):
    story.refuse(1, "show_called_off", "A1")
    assert story.broken() == {"every no is true"}


def test_a_limit_that_was_not_reached(story):
    story.book(1, "A1")
    story.refuse(1, "seat_limit", "A2")
    assert story.broken() == {"every no is true"}


def test_a_hold_refused_as_ended_that_had_not(story):
    booking = story.book(1, "A1", hold=True)
    row = story.booking(booking)
    story.tell(1, "cancel", 409, "not_held", show=1, reference=row.reference)
    assert story.broken() == {"every no is true"}


def test_an_answer_that_nobody_expects(story):
    story.refuse(1, "not_authenticated", "A1", status=401)
    assert story.broken() == {"every no is true"}


# --- Unknown outcomes and keys ---


def cut(story, user, *labels, key=""):
    """Send a booking whose answer never comes."""
    story.tell(user, "book", 0, show=1, key=key, wishes=wishes(labels), answered=0)


def test_a_cut_request_may_have_no_effect(story):
    story.expecting(cuts=True)
    cut(story, 1, "A1")
    assert story.broken() == set()


def test_a_cut_request_may_have_its_effect(story):
    story.expecting(cuts=True)
    story.store(1, "A1")
    cut(story, 1, "A1")
    assert story.broken() == set()


def test_a_cut_request_may_not_have_two_effects(story):
    story.expecting(cuts=True)
    cut(story, 1, "A1")
    story.cancel(story.store(1, "A1"))
    story.store(1, "A1")
    assert "every no leaves no trace" in story.broken()


def test_a_cut_request_may_not_be_half_done(story):
    story.expecting(cuts=True)
    story.store(1, "A1", key="k")
    cut(story, 1, "A1", "A2", key="k")
    story.tell(1, "book", 409, "seat_limit", show=1, key="k", wishes=wishes(["A1", "A2"]))
    assert "unknown outcomes: nothing or one effect" in story.broken()


def test_a_key_that_made_two_bookings(story):
    story.book(1, "A1", key="k")
    story.book(1, "A2", key="k")
    assert "one effect per key" in story.broken()


def test_a_key_that_is_answered_differently(story):
    booking = story.book(1, "A1", key="k")
    story.replay(1, booking, "A1", key="k")
    story.operations[-1].facts["total"] = 1
    assert "one effect per key" in story.broken()


def test_a_replay_that_does_not_say_so(story):
    booking = story.book(1, "A1", key="k")
    story.replay(1, booking, "A1", key="k")
    story.operations[-1].facts["replayed"] = False
    assert "one effect per key" in story.broken()


def test_a_repeated_request_that_is_refused(story):
    story.book(1, "A1", key="k")
    story.refuse(1, "seats_taken", "A1", key="k")
    assert story.broken() == {"one effect per key"}


def test_another_request_with_the_key_that_gets_the_old_answer(story):
    booking = story.book(1, "A1", key="k")
    story.replay(1, booking, "A2", key="k")
    assert "one effect per key" in story.broken()


def test_a_key_that_is_never_answered(story):
    story.expecting(cuts=True, unavailable=True)
    cut(story, 1, "A1", key="k")
    cut(story, 1, "A1", key="k")
    assert story.broken() == {"no stuck keys"}


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_that_no_fault_explains(story, status):
    story.tell(1, "availability", status, "try_again", show=1, facts={"retry_after": "1"})
    assert story.broken() == {"no unexplained 5xx"}


def test_a_503_without_retry_after_even_where_a_fault_explains_one(story):
    story.expecting(unavailable=True)
    story.tell(1, "availability", 503, "try_again", show=1, facts={"retry_after": ""})
    assert story.broken() == {"no unexplained 5xx"}


def test_a_request_that_is_never_answered(story):
    cut(story, 1, "A1")
    assert story.broken() == {"no unexplained 5xx"}


def test_an_answer_after_six_seconds(story):
    story.tell(99, "schedule", 409, "show_overlaps", sent=1, answered=2)
    story.tell(99, "schedule", 409, "show_overlaps", sent=1, answered=6001)
    story.tell(99, "schedule", 201, facts={"id": 1}, sent=1, answered=2)
    assert story.broken() == {"no answer after five seconds"}


# --- Reads ---


def test_a_seat_shown_as_taken_after_it_was_freed(story):
    booking = story.book(1, "A1")
    stale = story.look()
    story.cancel(booking)
    stale.sent, stale.answered = story.now * MS, (story.now + 2) * MS
    assert story.broken() == {"no stale or dirty seat map"}


def test_a_seat_shown_as_free_after_it_was_sold(story):
    stale = story.look()
    story.book(1, "A1")
    stale.sent, stale.answered = story.now * MS, (story.now + 2) * MS
    assert story.broken() == {"no stale or dirty seat map"}


def test_a_seat_shown_as_taken_that_nobody_ever_had(story):
    story.look().facts |= {"taken": ["A6"], "left": 5}
    assert story.broken() == {"no stale or dirty seat map"}


def test_a_seat_shown_as_held_after_the_hold_ended(story):
    story.book(1, "A1", hold=True)
    stale = story.look()
    story.now += HOLD_MS
    stale.sent, stale.answered = story.now * MS, (story.now + 2) * MS
    assert story.broken() == {"no stale or dirty seat map"}


def test_a_map_of_two_moments(story):
    """A1 as before, A2 as after: each may be, but no version counts both so."""
    story.book(1, "A1", "A2")
    torn = story.look()
    torn.sent, torn.answered = (story.now - 25) * MS, story.now * MS
    torn.facts |= {"taken": ["A2"], "left": 5, "version": 1}
    assert story.broken() == {"no stale or dirty seat map"}


def test_a_read_while_a_change_is_under_way_may_show_either(story):
    before = story.look()
    story.book(1, "A1")
    after = story.look()
    for read in (before, after):
        read.sent, read.answered = 1000 * MS, story.now * MS
    assert story.broken() == set()


@pytest.mark.parametrize("wrong", [-2, -1, 1, 2])
def test_a_version_that_counts_wrongly(story, wrong):
    story.book(1, "A1")
    story.look().facts["version"] += wrong
    assert story.broken() == {"no stale or dirty seat map"}


def test_seats_left_that_do_not_fit_those_taken(story):
    story.look().facts["left"] = len(SEATS) - 1
    assert story.broken() == {"no stale or dirty seat map"}


@pytest.mark.parametrize("wrong", [-1, 1])
def test_a_list_of_shows_with_other_seats_left(story, wrong):
    story.book(1, "A1", "A2")
    story.list_shows(len(SEATS) - 2 + wrong)
    assert story.broken() == {"no stale list"}


def test_a_list_of_shows_read_while_a_change_is_under_way_may_show_either(story):
    story.list_shows(len(SEATS), sent=story.now, answered=story.now + 15)
    story.list_shows(len(SEATS) - 1, sent=story.now - 10, answered=story.now + 5)
    story.now -= 20
    story.book(1, "A1")
    assert story.broken() == set()


def test_a_version_that_goes_back(story):
    story.book(1, "A1")
    newer = story.look()
    older = story.look()
    newer.facts["version"], older.facts["version"] = 5, 4
    assert "versions never go back" in story.broken()


def test_a_booking_shown_as_it_was(story):
    booking = story.book(1, "A1")
    stale = story.look_at(booking)
    story.cancel(booking)
    stale.sent, stale.answered = story.now * MS, (story.now + 2) * MS
    assert story.broken() == {"no stale booking"}


def test_a_booking_shown_with_tickets_of_another_moment(story):
    booking = story.book(1, "A1")
    story.look_at(booking).facts["tickets"] = [["adult", PRICE, "void"]]
    assert story.broken() == {"no stale booking"}


def test_a_hold_shown_as_held_after_it_ended(story):
    stale = story.look_at(story.book(1, "A1", hold=True))
    story.now += HOLD_MS
    stale.sent, stale.answered = story.now * MS, (story.now + 2) * MS
    assert story.broken() == {"no stale booking"}


def test_a_booking_shown_to_somebody_else(story):
    story.look_at(story.book(1, "A1")).user = 2
    assert story.broken() == {"no stale booking"}


def test_a_list_with_somebody_elses_booking(story):
    story.book(1, "A1")
    story.my_bookings(1).user = 2
    assert story.broken() == {"no stale booking"}


def test_a_list_that_leaves_a_booking_out(story):
    story.book(1, "A1")
    story.book(1, "A2")
    listed = story.my_bookings(1)
    listed.facts["all"].pop(0)
    assert story.broken() == {"no stale booking"}


# --- Clocks ---


def test_what_the_clocks_cannot_tell_is_no_violation_when_they_are_off():
    """A database clock an hour ahead says nothing about what clients saw."""
    story = Story().expecting(clock=False)
    story.facts.offset_ns = 3_600_000 * MS
    story.book(1, "A1", hold=True)
    story.look()
    assert story.broken() == set()
