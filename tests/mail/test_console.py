"""Without a mail server, the worker prints mails as their readers see them."""

import io

import pytest
from django.core import checks
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import override_settings

from marquee.mail.checks import check_mail_leaves

LINK = "https://box.example.org/bookings/link/?token=" + "Ab-_=1" * 40


def printed(**fields):
    stream = io.StringIO()
    console = get_connection("marquee.mail.console.EmailBackend", stream=stream)
    mail = EmailMultiAlternatives(**{"subject": "Grüße", "body": "x", "to": ["a@b.org"]} | fields)
    mail.attach_alternative("<p>HTML</p>", "text/html")
    console.send_messages([mail])
    return stream.getvalue()


def test_the_text_is_printed_as_it_is_read_with_whole_links():
    text = printed(body=f"Schöne Grüße.\n\n{LINK}\n")

    assert "Schöne Grüße." in text
    assert LINK in text.splitlines()
    assert "Subject: Grüße" in text
    assert "To: a@b.org" in text
    assert "=3D" not in text
    assert "HTML" not in text


def test_a_long_subject_stays_on_one_line():
    text = printed(subject="Ü" * 150)
    assert f"Subject: {'Ü' * 150}" in text.splitlines()


def deployment(**settings):
    with override_settings(HTTPS=True, **settings):
        return [warning.id for warning in check_mail_leaves()]


SMTP = "django.core.mail.backends.smtp.EmailBackend"
CONSOLE = "marquee.mail.console.EmailBackend"


@pytest.mark.parametrize(
    ("backend", "url", "warned"),
    [
        (SMTP, "https://box.example.org", []),
        (CONSOLE, "https://box.example.org", ["mail.W001"]),
        (SMTP, "http://localhost:8000", ["mail.W002"]),
        (SMTP, "https://127.0.0.1", ["mail.W002"]),
        (CONSOLE, "http://[::1]:8000", ["mail.W001", "mail.W002"]),
    ],
)
def test_a_deployment_is_warned_of_mails_or_links_that_do_not_arrive(backend, url, warned):
    assert deployment(EMAIL_BACKEND=backend, SITE_URL=url) == warned


def test_without_https_nobody_is_warned():
    with override_settings(HTTPS=False, EMAIL_BACKEND=CONSOLE):
        assert check_mail_leaves() == []


def test_the_check_is_part_of_a_deployment_check():
    assert check_mail_leaves in checks.registry.registry.get_checks(include_deployment_checks=True)
