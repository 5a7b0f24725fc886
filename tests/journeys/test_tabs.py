"""Several tabs of one visitor: nothing is lost, doubled or mixed."""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.checks import axe, targets
from tests.journeys.screens import PHONE
from tests.journeys.steps import continue_to_checkout, fill_contact, see_no_more, statuses


@pytest.mark.both_engines
def test_two_tabs_and_a_copy_book_each_choice_once(visitor, show):
    first = visitor(PHONE)
    first.watch.expect(409)
    second, copy = first.context.new_page(), first.context.new_page()
    for tab, query in ((first, "seat=A1&seat=A2"), (second, "seat=B1"), (copy, "seat=A1&seat=A2")):
        tab.goto(f"/shows/{show.pk}/?{query}")
    see_no_more(copy)
    continue_to_checkout(first)
    continue_to_checkout(second)
    copy.get_by_role("button", name="Continue").click()
    expect(copy.get_by_role("heading", name="You have these seats already")).to_be_visible()
    axe(copy)
    targets(copy)
    copy.locator(".own-seats", has_text="A1").get_by_role("link").click()
    assert statuses() == [("held", ["A1", "A2"]), ("held", ["B1"])]

    for tab, rows in ((first, ["A1", "A2"]), (second, ["B1"]), (copy, ["A1", "A2"])):
        expect(tab.locator(".order tbody th")).to_have_text(rows)
        fill_contact(tab, name="Ada")
    for tab in (first, copy, second):
        tab.get_by_role("button", name=re.compile("^Book")).click()
        expect(tab).to_have_url(re.compile("/bookings/"))
    assert first.url == copy.url != second.url
    assert statuses() == [("confirmed", ["A1", "A2"]), ("confirmed", ["B1"])]


def test_seats_given_back_in_one_tab_are_not_booked_in_another(visitor, show):
    first = visitor(PHONE)
    first.watch.expect(409)
    first.goto(f"/shows/{show.pk}/?seat=A1")
    continue_to_checkout(first)
    second = first.context.new_page()
    second.goto(first.url)
    fill_contact(second)
    first.get_by_role("button", name="Give the seats back").tap()
    expect(first.get_by_role("status").first).to_contain_text("free for others again")
    second.get_by_role("button", name=re.compile("^Book")).click()

    expect(second.get_by_role("heading", level=1)).to_have_text("You gave these seats back")
    axe(second)
    targets(second)
    assert statuses() == [("cancelled", ["A1"])]
