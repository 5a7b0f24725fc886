"""The checker on reads, keys and unknown outcomes: one hand-made history for each violation."""

import pytest

from tests.prove.history_builder import HOLD_MS, MS, PRICE, SEATS, HistoryBuilder, ticket_requests

# --- Unknown outcomes and keys ---


def cut(builder, user, *labels, key=""):
    """Send a booking whose response never comes."""
    builder.tell(
        user, "book", 0, show=1, key=key, ticket_requests=ticket_requests(labels), responded_at=0
    )


def test_a_cut_request_may_have_no_effect(builder):
    builder.expecting(cuts=True)
    cut(builder, 1, "A1")
    assert builder.violated_invariants() == set()


def test_a_cut_request_may_have_its_effect(builder):
    builder.expecting(cuts=True)
    builder.store(1, "A1")
    cut(builder, 1, "A1")
    assert builder.violated_invariants() == set()


def test_a_cut_request_may_not_have_two_effects(builder):
    builder.expecting(cuts=True)
    cut(builder, 1, "A1")
    builder.cancel(builder.store(1, "A1"))
    builder.store(1, "A1")
    assert "refused requests change nothing" in builder.violated_invariants()


def test_a_cut_request_may_not_be_half_done(builder):
    builder.expecting(cuts=True)
    builder.store(1, "A1", key="k")
    cut(builder, 1, "A1", "A2", key="k")
    builder.tell(
        1, "book", 409, "seat_limit", show=1, key="k", ticket_requests=ticket_requests(["A1", "A2"])
    )
    assert "unknown outcomes: at most one effect" in builder.violated_invariants()


def test_a_key_that_made_two_bookings(builder):
    builder.book(1, "A1", key="k")
    builder.book(1, "A2", key="k")
    assert "one effect per key" in builder.violated_invariants()


def test_a_key_that_is_answered_differently(builder):
    booking = builder.book(1, "A1", key="k")
    builder.replay(1, booking, "A1", key="k")
    builder.operations[-1].facts["total"] = 1
    assert "one effect per key" in builder.violated_invariants()


def test_a_replay_that_does_not_say_so(builder):
    booking = builder.book(1, "A1", key="k")
    builder.replay(1, booking, "A1", key="k")
    builder.operations[-1].facts["replayed"] = False
    assert "one effect per key" in builder.violated_invariants()


def test_a_repeated_request_that_is_refused(builder):
    builder.book(1, "A1", key="k")
    builder.refuse(1, "seats_taken", "A1", key="k")
    assert builder.violated_invariants() == {"one effect per key"}


def test_another_request_with_the_key_that_gets_the_old_answer(builder):
    booking = builder.book(1, "A1", key="k")
    builder.replay(1, booking, "A2", key="k")
    assert "one effect per key" in builder.violated_invariants()


def test_a_key_that_is_never_answered(builder):
    builder.expecting(cuts=True, unavailable=True)
    cut(builder, 1, "A1", key="k")
    cut(builder, 1, "A1", key="k")
    assert builder.violated_invariants() == {"no stuck keys"}


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failure_that_no_fault_explains(builder, status):
    builder.tell(1, "availability", status, "try_again", show=1, facts={"retry_after": "1"})
    assert builder.violated_invariants() == {"no unexplained 5xx"}


def test_a_503_without_retry_after_even_where_a_fault_explains_one(builder):
    builder.expecting(unavailable=True)
    builder.tell(1, "availability", 503, "try_again", show=1, facts={"retry_after": ""})
    assert builder.violated_invariants() == {"no unexplained 5xx"}


def test_a_request_that_is_never_answered(builder):
    cut(builder, 1, "A1")
    assert builder.violated_invariants() == {"no unexplained 5xx"}


def test_an_answer_after_six_seconds(builder):
    builder.tell(99, "schedule", 409, "show_overlaps", sent=1, responded_at=2)
    builder.tell(99, "schedule", 409, "show_overlaps", sent=1, responded_at=6001)
    builder.tell(99, "schedule", 201, facts={"id": 1}, sent=1, responded_at=2)
    assert builder.violated_invariants() == {"no response after five seconds"}


@pytest.mark.parametrize(("usual", "slow", "is_stall"), [
    (400, 5001, True), (700, 6999, False), (700, 7001, True), (3000, 20_001, True),
])  # fmt: skip
def test_where_all_is_slow_a_stall_is_what_takes_ten_times_as_long(builder, usual, slow, is_stall):
    for took in (usual, usual, slow):
        builder.tell(99, "schedule", 409, "show_overlaps", sent=1, responded_at=1 + took)
    builder.tell(99, "schedule", 201, facts={"id": 1}, sent=1, responded_at=1 + usual)
    assert ("no response after five seconds" in builder.violated_invariants()) == is_stall


# --- Reads ---


def test_a_seat_shown_as_taken_after_it_was_freed(builder):
    booking = builder.book(1, "A1")
    stale = builder.look()
    builder.cancel(booking)
    stale.sent, stale.responded_at = builder.now * MS, (builder.now + 2) * MS
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


def test_a_seat_shown_as_free_after_it_was_sold(builder):
    stale = builder.look()
    builder.book(1, "A1")
    stale.sent, stale.responded_at = builder.now * MS, (builder.now + 2) * MS
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


def test_a_seat_shown_as_taken_that_nobody_ever_had(builder):
    builder.look().facts |= {"taken": ["A6"], "left": 5}
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


def test_a_seat_shown_as_held_after_the_hold_ended(builder):
    builder.book(1, "A1", hold=True)
    stale = builder.look()
    builder.now += HOLD_MS
    stale.sent, stale.responded_at = builder.now * MS, (builder.now + 2) * MS
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


def test_a_map_of_two_moments(builder):
    """A1 as before, A2 as after: each may be, but no version counts both so."""
    builder.book(1, "A1", "A2")
    torn = builder.look()
    torn.sent, torn.responded_at = (builder.now - 25) * MS, builder.now * MS
    torn.facts |= {"taken": ["A2"], "left": 5, "version": 1}
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


def test_a_read_while_a_change_is_under_way_may_show_either(builder):
    before = builder.look()
    builder.book(1, "A1")
    after = builder.look()
    for read in (before, after):
        read.sent, read.responded_at = 1000 * MS, builder.now * MS
    assert builder.violated_invariants() == set()


@pytest.mark.parametrize("wrong", [-2, -1, 1, 2])
def test_a_version_that_counts_wrongly(builder, wrong):
    builder.book(1, "A1")
    builder.look().facts["version"] += wrong
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


def test_seats_left_that_do_not_fit_those_taken(builder):
    builder.look().facts["left"] = len(SEATS) - 1
    assert builder.violated_invariants() == {"no stale or dirty seat map"}


@pytest.mark.parametrize("wrong", [-1, 1])
def test_a_list_of_shows_with_other_seats_left(builder, wrong):
    builder.book(1, "A1", "A2")
    builder.list_shows(len(SEATS) - 2 + wrong)
    assert builder.violated_invariants() == {"no stale list"}


def test_a_list_of_shows_read_while_a_change_is_under_way_may_show_either(builder):
    builder.list_shows(len(SEATS), sent=builder.now, responded_at=builder.now + 15)
    builder.list_shows(len(SEATS) - 1, sent=builder.now - 10, responded_at=builder.now + 5)
    builder.now -= 20
    builder.book(1, "A1")
    assert builder.violated_invariants() == set()


def test_a_version_that_goes_back(builder):
    builder.book(1, "A1")
    newer = builder.look()
    older = builder.look()
    newer.facts["version"], older.facts["version"] = 5, 4
    assert "versions never decrease" in builder.violated_invariants()


def test_a_booking_shown_as_it_was(builder):
    booking = builder.book(1, "A1")
    stale = builder.look_at(booking)
    builder.cancel(booking)
    stale.sent, stale.responded_at = builder.now * MS, (builder.now + 2) * MS
    assert builder.violated_invariants() == {"no stale booking"}


def test_a_booking_shown_with_tickets_of_another_moment(builder):
    booking = builder.book(1, "A1")
    builder.look_at(booking).facts["tickets"] = [["adult", PRICE, "void"]]
    assert builder.violated_invariants() == {"no stale booking"}


def test_a_hold_shown_as_held_after_it_ended(builder):
    stale = builder.look_at(builder.book(1, "A1", hold=True))
    builder.now += HOLD_MS
    stale.sent, stale.responded_at = builder.now * MS, (builder.now + 2) * MS
    assert builder.violated_invariants() == {"no stale booking"}


def test_a_booking_shown_to_somebody_else(builder):
    builder.look_at(builder.book(1, "A1")).user = 2
    assert builder.violated_invariants() == {"no stale booking"}


def test_a_list_with_somebody_elses_booking(builder):
    builder.book(1, "A1")
    builder.my_bookings(1).user = 2
    assert builder.violated_invariants() == {"no stale booking"}


def test_a_list_that_leaves_a_booking_out(builder):
    builder.book(1, "A1")
    builder.book(1, "A2")
    listed = builder.my_bookings(1)
    listed.facts["all"].pop(0)
    assert builder.violated_invariants() == {"no stale booking"}


# --- Clocks ---


def test_what_the_clocks_cannot_tell_is_no_violation_when_they_are_off():
    """A database clock an hour ahead says nothing about what clients saw."""
    builder = HistoryBuilder().expecting(clock=False)
    builder.facts.offset_ns = 3_600_000 * MS
    builder.book(1, "A1", hold=True)
    builder.look()
    assert builder.violated_invariants() == set()
