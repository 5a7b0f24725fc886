"""The header of pages: where to go, and who is logged in."""

import re

import pytest
from django.db import OperationalError

from marquee.web.storefront.account import PasswordResetView
from tests.factories import make_user
from tests.web.html import GERMAN

pytestmark = pytest.mark.django_db

PAGE = "/password-reset/"


def header(response):
    """Return the links and buttons of the header, each with its URL if it has one."""
    html = response.content.decode().partition("<header")[2].partition("</header>")[0]
    found = re.findall(r"<(?:a|button)\b([^>]*)>(.*?)</(?:a|button)>", html, re.DOTALL)
    url = re.compile('href="(.*?)"')
    return [
        ((match[1] if (match := url.search(tag)) else ""), re.sub("<.*?>", "", content).strip())
        for tag, content in found
    ]


def test_the_header_of_a_visitor_leads_to_what_is_on_the_bookings_and_the_login(client):
    assert header(client.get(PAGE)) == [
        ("/", "Marquee"),
        ("/", "What's on"),
        ("/bookings/", "My bookings"),
        ("/log-in/?next=/password-reset/", "Log in"),
    ]
    assert "Anmelden" in header(client.get(PAGE, headers=GERMAN))[-1]


def test_the_login_of_the_header_keeps_what_was_chosen(client):
    response = client.get(f"{PAGE}?seat=C7&seat=C8")

    assert header(response)[-1][0] == "/log-in/?next=/password-reset/%3Fseat%3DC7%26seat%3DC8"


def test_the_header_of_an_account_has_its_name_its_page_and_log_out(client):
    client.force_login(make_user(name="Anna <b>Bauer</b>"))
    response = client.get(PAGE)

    assert header(response)[3:] == [
        ("", "Anna &lt;b&gt;Bauer&lt;/b&gt;"),
        ("/account/", "Account"),
        ("", "Log out"),
    ]
    assert '<form method="post" action="/log-out/">' in response.content.decode()


def test_an_account_without_a_name_shows_its_address(client):
    client.force_login(make_user(name="", email="anna@example.com"))

    assert header(client.get(PAGE))[3] == ("", "anna@example.com")


def test_a_visitor_without_a_session_costs_no_statement(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(PAGE)


def test_a_page_about_an_error_does_not_say_who_is_logged_in_and_queries_nothing(
    client, monkeypatch, django_assert_num_queries
):
    def away(*_):
        raise OperationalError("Nobody is there.")

    client.force_login(make_user())
    monkeypatch.setattr(PasswordResetView, "dispatch", away)
    with django_assert_num_queries(0):
        response = client.get(PAGE)

    assert header(response)[-1] == ("/account/", "Account")
