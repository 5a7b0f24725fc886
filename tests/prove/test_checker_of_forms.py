"""The checker on what the pages' forms did: one hand-made history for each violation."""

import random

import pytest

from prove import pages
from prove.history import Operation
from prove.http_client import Response
from tests.prove.history_builder import HOLD_MS, ticket_requests

FORMS, STORED, TRUE = (
    "one live hold per form",
    "every acknowledged change is stored",
    "every refusal is justified",
)


def send(builder, user, *labels, form, booking=None, status=201, code="", replayed=False):
    """Send the form of a page that holds seats; a redirect says which booking it made."""
    reference = {} if booking is None else {"reference": f"R{booking}", "status": "held"}
    builder.tell(
        user, "book", status, code, show=1, hold=True, form=form, ticket_requests=ticket_requests(labels),
        facts=reference | {"replayed": replayed},
    )  # fmt: skip


def hold_by_form(builder, user, *labels, form):
    number = builder.store(user, *labels, hold=True, key="0" * 64)
    send(builder, user, *labels, form=form, booking=number)
    return number


def test_a_form_sent_twice_holds_once(builder):
    number = hold_by_form(builder, 1, "A1", form="f")
    send(builder, 1, "A1", form="f", booking=number, replayed=True)
    assert builder.violated_invariants() == set()


def test_a_form_sent_twice_may_not_hold_twice(builder):
    hold_by_form(builder, 1, "A1", form="f")
    number = builder.store(1, "A2", hold=True, key="1" * 64)
    send(builder, 1, "A1", form="f", booking=number, replayed=True)
    assert FORMS in builder.violated_invariants()


def test_a_form_sent_twice_may_not_be_refused_for_its_own_hold(builder):
    hold_by_form(builder, 1, "A1", form="f")
    send(builder, 1, "A1", form="f", status=409, code=pages.REFUSED)
    assert FORMS in builder.violated_invariants()


def test_a_form_whose_hold_has_ended_may_be_refused(builder):
    hold_by_form(builder, 1, "A1", form="f")
    builder.now += 2 * HOLD_MS
    builder.book(2, "A1")
    send(builder, 1, "A1", form="f", status=409, code=pages.REFUSED)
    assert FORMS not in builder.violated_invariants()


def test_a_form_holds_anew_once_its_hold_has_ended(builder):
    hold_by_form(builder, 1, "A1", form="f")
    builder.now += 2 * HOLD_MS
    hold_by_form(builder, 1, "A1", form="f")
    assert FORMS not in builder.violated_invariants()


def test_a_form_whose_hold_is_not_stored(builder):
    send(builder, 1, "A1", form="f", booking=7)
    assert STORED in builder.violated_invariants()


def test_a_form_refused_without_a_reason(builder):
    send(builder, 1, "A1", form="f", status=409, code=pages.REFUSED)
    assert TRUE in builder.violated_invariants()


def test_a_form_refused_for_a_seat_that_was_taken(builder):
    builder.book(2, "A1")
    send(builder, 1, "A1", form="f", status=409, code=pages.REFUSED)
    assert builder.violated_invariants() == set()


@pytest.mark.parametrize("labels", [("A1",), ("A1", "A2")])
def test_a_form_that_was_never_answered_may_have_its_effect(builder, labels):
    builder.expecting(cuts=True)
    builder.store(1, *labels, hold=True, key="0" * 64)
    builder.tell(
        1, "book", 0, show=1, hold=True, form="f", ticket_requests=ticket_requests(labels), responded_at=0,
    )  # fmt: skip
    assert builder.violated_invariants() == set()


def test_a_redirect_to_the_checkout_is_a_hold_and_one_to_the_seats_is_none():
    def status_of(location, verb="book"):
        one = Operation(1, 1, verb, status=302, form="f")
        pages.note(one, Response(302, f"HTTP/1.1 302 Found\r\nlocation: {location}".encode(), None))
        return one.status, one.facts.get("reference")

    assert status_of("/checkout/k7q2mxw4/") == (201, "K7Q2MXW4")
    assert status_of("/shows/7/?seat=a1") == (302, None)
    assert status_of("/bookings/k7q2mxw4/", "confirm") == (200, "K7Q2MXW4")


def test_a_form_is_filled_in_from_its_page():
    html = '<input name="csrfmiddlewaretoken" value="abc"><input name="key" value="k-1">'
    page = Response(200, b"", html)
    one = Operation(1, 1, "book", form=pages.new_key(random.Random(1)))
    assert pages.read_token(page) == "abc"
    assert pages.fill_in(one, page)
    assert one.form == "k-1"
    assert not pages.fill_in(Operation(1, 1, "confirm", form="confirm"), page)
