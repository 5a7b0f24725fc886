"""Signing up, logging in and out, and the pages of one's own account."""

import re

import pytest
from playwright.sync_api import expect

from marquee.accounts.models import User
from tests.factories import make_user
from tests.journeys.checks import axe, budget, targets
from tests.journeys.screens import DESKTOP, PHONE

PASSWORD = "correct horse battery"
PAGES = ("", "email/", "password/", "sessions/", "delete/")


def test_signing_up_says_what_is_missing_and_leads_to_the_account(visitor):
    phone = visitor(PHONE)
    phone.watch.expect(400)
    phone.goto("/sign-up/?next=/account/")
    budget(phone, phone.watch)
    phone.get_by_role("button", name="Open the account").tap()
    expect(phone).to_have_title(re.compile("^Error: "))
    axe(phone)
    targets(phone)

    phone.get_by_label("Name").fill("Ada")
    phone.get_by_label("E-mail", exact=False).first.fill("ada@example.com")
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Open the account").tap()

    expect(phone.get_by_role("heading", level=1)).to_have_text("Account")
    assert User.objects.get(email="ada@example.com").name == "Ada"
    axe(phone)
    targets(phone)


@pytest.mark.both_engines
def test_logging_in_with_a_wrong_password_first_and_out_again(desktop):
    make_user(email="ada@example.com", password=PASSWORD)
    desktop.watch.expect(400)
    desktop.goto("/log-in/?next=/account/sessions/")
    desktop.get_by_label("E-mail", exact=False).first.fill("ada@example.com")
    desktop.get_by_label("Password", exact=True).fill("something else")
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_title(re.compile("^Error: "))
    axe(desktop)
    desktop.get_by_label("Password", exact=True).fill(PASSWORD)
    desktop.keyboard.press("Enter")
    expect(desktop).to_have_url(re.compile("/account/sessions/$"))

    for path in PAGES:
        desktop.goto(f"/account/{path}")
        axe(desktop)
        targets(desktop)
        desktop.set_viewport_size(PHONE["viewport"])
        targets(desktop)
        desktop.set_viewport_size(DESKTOP["viewport"])
    header = desktop.get_by_role("navigation", name="Main")
    header.get_by_role("button", name="Alice").click()
    axe(desktop)
    targets(desktop)
    header.get_by_role("button", name="Log out").click()
    expect(desktop.get_by_role("link", name="Log in")).to_be_visible()
    desktop.go_back()
    desktop.reload()
    expect(desktop).to_have_url(re.compile("/log-in/"))
