"""The terms of restricted tickets: pure rules about the tickets of one booking."""

import pytest

from marquee.booking import rules
from marquee.booking.errors import (
    CompanionWithoutSpace,
    CounterOnly,
    NeedsAnother,
    WheelchairLimit,
)
from marquee.booking.records import PricedSeat
from marquee.catalog.queries import PlanSeat, PriceTable, Terms

CARER = Terms(needs_kind="wheelchair")
TODDLER = Terms(needs_type="adult")
COUNTER = Terms(counter_only=True)
KINDS = {"s": "standard", "w": "wheelchair", "c": "companion"}


def tickets(text):
    """Return tickets written as "w:adult c:carer": a wheelchair space beside a companion seat."""
    terms = {"carer": CARER, "helper": CARER, "toddler": TODDLER, "press": COUNTER}
    found = []
    for x, word in enumerate(text.split(), 1):
        kind, _, type_ = word.partition(":")
        place = PlanSeat(x, f"A{x}", "A", 1, x, "standard", KINDS[kind])
        found.append(PricedSeat(place, type_, 1000, terms.get(type_)))
    return found


@pytest.mark.parametrize(
    "booked",
    [
        "s:adult s:child",
        "w:adult",
        "w:adult c:carer",
        "w:child s:carer",
        "w:adult c:adult",
        "w:adult w:adult c:carer",
        "w:adult w:adult c:carer c:carer",
        "s:adult s:toddler",
        "w:adult c:carer s:toddler",
    ],
)
def test_what_goes_together_is_booked(booked):
    rules.check_terms(tickets(booked))


@pytest.mark.parametrize(
    ("booked", "types", "allowed"),
    [
        ("s:carer", ["carer"], 0),
        (" ".join(["s:carer"] * 9), ["carer"], 0),
        ("s:adult s:carer", ["carer"], 0),
        ("w:adult s:carer s:carer", ["carer"], 1),
        ("w:adult s:carer s:helper", ["carer", "helper"], 1),
        ("w:carer", ["carer"], 0),
        ("w:carer c:carer", ["carer"], 0),
        ("s:toddler", ["toddler"], 0),
        ("s:toddler s:child", ["toddler"], 0),
        ("s:adult s:toddler s:toddler", ["toddler"], 1),
    ],
)
def test_a_type_that_needs_another_ticket_is_booked_once_for_each_of_those(booked, types, allowed):
    with pytest.raises(NeedsAnother) as refusal:
        rules.check_terms(tickets(booked))
    assert refusal.value.facts["types"] == types
    assert refusal.value.facts["allowed"] == allowed


def test_the_refusal_names_the_ticket_that_is_missing():
    for booked, needs, words in (
        ("s:carer", {"kind": "wheelchair", "type": None}, "needs one in a wheelchair space"),
        ("s:toddler", {"kind": None, "type": "adult"}, "needs one of type adult"),
    ):
        with pytest.raises(NeedsAnother, match=words) as refusal:
            rules.check_terms(tickets(booked))
        assert refusal.value.facts["needs"] == needs


@pytest.mark.parametrize(
    ("booked", "seats", "allowed"),
    [("c:adult", ["A1"], 0), ("w:adult c:adult c:adult", ["A2", "A3"], 1)],
)
def test_companion_seats_go_with_as_many_wheelchair_spaces(booked, seats, allowed):
    with pytest.raises(CompanionWithoutSpace) as refusal:
        rules.check_terms(tickets(booked))
    assert refusal.value.facts == {"seats": seats, "allowed": allowed}


def test_a_type_kept_for_the_counter_is_refused_by_name():
    with pytest.raises(CounterOnly) as refusal:
        rules.check_terms(tickets("s:adult s:press s:press"))
    assert refusal.value.facts == {"types": ["press"]}


def test_wheelchair_spaces_are_limited_with_those_that_the_customer_has():
    rules.check_wheelchair_limit(has=0, wants=1, limit=1)
    rules.check_wheelchair_limit(has=1, wants=1, limit=2)
    for has, wants, limit, left in ((1, 1, 1, 0), (0, 2, 1, 1), (3, 1, 1, 0), (0, 1, 0, 0)):
        with pytest.raises(WheelchairLimit) as refusal:
            rules.check_wheelchair_limit(has=has, wants=wants, limit=limit)
        assert refusal.value.facts == {"limit": limit, "left": left}


def test_the_types_offered_are_those_that_customers_can_book():
    amounts = {("standard", type_): 0 for type_ in ("adult", "press", "carer")}
    terms = {("standard", "press"): COUNTER, ("standard", "carer"): CARER}
    prices = PriceTable(1, "EUR", "adult", amounts, terms)
    assert prices.types("standard") == ["adult", "carer"]
