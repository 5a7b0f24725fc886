"""Choices that would leave a seat alone, by the cinema's policy: `off`, `advise` or `refuse`."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from marquee.booking import queries
from marquee.booking.errors import SeatsTaken, SingleGap
from marquee.booking.gap_rules import GapAdvice
from marquee.booking.models import Booking, SeatClaim
from marquee.booking.operations import confirm
from marquee.booking.records import CounterTerms, TicketRequest
from marquee.catalog.operations import change_cinema
from marquee.core.cache import clear_caches
from marquee.core.errors import Refused
from tests.factories import (
    assert_refused,
    book_seats,
    book_tickets,
    expire_hold,
    make_auditorium,
    make_cinema,
    make_show,
    make_staff,
    make_user,
)

ROWS = ["A: ssssss", "B: ss", "C: ww"]
BETTER = [["A1", "A2"], ["A3", "A4"], ["A5", "A6"]]


@pytest.fixture
def refusing(db):
    return show_of("refuse")


def show_of(policy, rows=ROWS):
    return make_show(make_auditorium(make_cinema(single_gaps=policy), rows=rows))


@pytest.mark.parametrize("hold", [True, False])
def test_a_choice_that_leaves_a_seat_alone_is_refused_and_better_ones_can_be_booked(
    refusing, alice, hold
):
    with assert_refused(SingleGap, left_alone=["A1"], alternatives=BETTER):
        book_seats(alice, refusing, "A2", "A3", hold=hold)
    assert not Booking.objects.exists()
    assert not SeatClaim.objects.exists()
    for group in BETTER:
        book_seats(make_user(), refusing, *group, hold=hold)


@pytest.mark.parametrize("policy", ["off", "advise"])
def test_only_a_cinema_that_refuses_them_refuses_single_gaps(db, alice, policy):
    assert book_seats(alice, show_of(policy), "A2", "A3").tickets.count() == 2


def test_by_default_a_cinema_advises(db):
    assert make_cinema().single_gaps == "advise"


def test_a_choice_is_booked_when_no_better_one_exists(refusing, alice, bob):
    book_seats(bob, refusing, "A4", "A5", "A6", "B1", "B2")
    assert book_seats(alice, refusing, "A1", "A2").tickets.count() == 2


def test_staff_and_the_counter_may_leave_a_seat_alone(refusing):
    staff = make_staff()
    book_seats(staff, refusing, "A2", "A3")
    book_seats(staff, refusing, "A5", counter=CounterTerms())


def test_the_best_available_leave_no_seat_alone_where_that_is_refused(db, alice, bob, monkeypatch):
    monkeypatch.setattr("random.randrange", lambda stop: 2)  # as who lost a race for the best
    for policy, seats in (("advise", ["A3"]), ("refuse", ["A2"])):
        show = show_of(policy, rows=["A: ssss"])
        book_seats(make_staff(), show, "A1")
        booked = book_tickets(alice, show, [TicketRequest()])
        assert [one.seat.label for one in booked.booking.tickets.all()] == seats


def test_confirming_a_hold_is_never_judged_again(db, alice, bob):
    show = show_of("advise")
    live = book_seats(alice, show, "A2", "A3", hold=True)
    late = book_seats(bob, show, "A5", hold=True)
    expire_hold(late)
    change_cinema(cinema=show.auditorium.cinema, single_gaps="refuse")
    for booking in (live, late):
        confirm(booking=booking)


def test_what_is_offered_instead_of_taken_seats_leaves_no_seat_alone(refusing, alice, bob):
    book_seats(bob, refusing, "A1", "A2")
    with assert_refused(SeatsTaken, alternatives=[["A3", "A4"], ["A5", "A6"], ["B1", "B2"]]):
        book_seats(alice, refusing, "A2", "A3")


def test_seats_that_cool_down_for_the_customer_are_no_better_choice(db, alice, settings):
    show = show_of("refuse", rows=["A: ssss"])
    for _ in range(2):
        expire_hold(book_seats(alice, show, "A1", "A2", hold=True))
    with assert_refused(SingleGap, alternatives=[["A4"]]):
        book_seats(alice, show, "A3")


def test_a_request_sent_again_with_its_key_is_not_judged_again(db, alice, bob):
    show = show_of("refuse")
    first = book_seats(alice, show, "A1", "A2", key="one")
    book_seats(bob, show, "A3", "A4")
    assert book_seats(alice, show, "A1", "A2", key="one") == first


def statements_to_book(policy, *labels):
    show, user = show_of(policy), make_user()
    with CaptureQueriesContext(connection) as queries_made:
        book_seats(user, show, *labels)
    return len(queries_made)


def test_the_policy_costs_one_query_where_it_refuses_and_none_elsewhere(db):
    statements_to_book("off", "A1")  # the caches of plan and prices are filled elsewhere
    off, advise, refuse = (statements_to_book(one, "A1") for one in ("off", "advise", "refuse"))
    assert off == advise == refuse - 1


def test_advice_names_the_seats_left_alone_and_better_choices(db, alice, django_assert_num_queries):
    show = show_of("advise")
    record = queries.get_show_list_item(show.pk)[0].record
    queries.gap_advice(record, ["A1"])  # the plan is cached by now
    with django_assert_num_queries(1):
        advice = queries.gap_advice(record, ["A2", "A3"])
    assert advice == GapAdvice(["A1"], BETTER)
    assert queries.gap_advice(record, ["A1", "A2"]) is None
    book_seats(alice, show, "A1")
    assert queries.gap_advice(record, ["A2", "A3"]) is None


def test_there_is_no_advice_where_gaps_are_ignored_or_for_unknown_seats(
    db, django_assert_num_queries
):
    ignoring, advising = (
        queries.get_show_list_item(show_of(policy).pk)[0].record for policy in ("off", "advise")
    )
    for record in (ignoring, advising):
        queries.gap_advice(record, ["A1"])
    with django_assert_num_queries(0):
        assert queries.gap_advice(ignoring, ["A2"]) is None
        assert queries.gap_advice(advising, ["A2", "Z9"]) is None


LETTERS = st.text("ssssspwc_", min_size=1, max_size=8).filter(lambda row: row.strip("_"))


class EveryBetterChoice(TestCase):
    """On random plans and sales, whoever is refused for a gap can book each better choice."""

    @hypothesis_settings(max_examples=40)
    @given(st.lists(LETTERS, min_size=1, max_size=3), st.data())
    def test_every_better_choice_can_be_booked_as_asked(self, rows, data):
        clear_caches()  # the rows of the example before were rolled back: their ids come again
        show = show_of("refuse", rows=[f"{'ABC'[y]}: {row}" for y, row in enumerate(rows)])
        labels = list(show.seat_plan.seats.values_list("label", flat=True))
        some = st.lists(st.sampled_from(labels), min_size=1, max_size=4, unique=True)
        taken = data.draw(some)
        book_tickets(make_staff(), show, [TicketRequest(label) for label in taken])
        wanted = [label for label in data.draw(some) if label not in taken] or [None]
        types = [data.draw(st.sampled_from([None, "child", "adult"])) for _ in wanted]
        alice = make_user()
        try:
            with transaction.atomic():
                self.book(alice, show, wanted, types)
        except SingleGap as refusal:
            assert wanted != [None]
            for group in refusal.facts["alternatives"]:
                with transaction.atomic():
                    assert len(self.book(alice, show, group, types).tickets) == len(wanted)
                    transaction.set_rollback(True)
        except Refused:
            pass  # cannot be booked anyway: its types, or too few are left

    def book(self, user, show, labels, types):
        return book_tickets(user, show, list(map(TicketRequest, labels, types)))
