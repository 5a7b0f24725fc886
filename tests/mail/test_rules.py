"""How often a mail is tried, and what an error means."""

import re
import smtplib
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from marquee.mail import rules
from marquee.mail.failures import Failure, describe_connection, failure_of

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def until(kind, *, happened=NOW, starts=None, again=None):
    return rules.gives_up_at(kind, happened_at=happened, starts_at=starts, again_at=again)


def test_mails_about_bookings_are_tried_until_the_show():
    for kind in ("booked", "reminder", "moved", "called_off"):
        assert until(kind, starts=NOW + 9 * DAY) == NOW + 9 * DAY


def test_a_booking_made_minutes_before_its_show_is_confirmed_for_an_hour_at_least():
    assert until("booked", starts=NOW + MINUTE) == NOW + HOUR
    assert until("reminder", starts=NOW + MINUTE) == NOW + MINUTE


def test_what_staff_cancel_after_the_start_is_mailed_for_a_day():
    assert until("cancelled", starts=NOW - HOUR) == NOW + DAY


def test_mails_about_accounts_are_tried_for_a_day():
    assert until("reset") == NOW + DAY


def test_what_staff_send_again_is_tried_for_another_day():
    assert until("reset", again=NOW + 5 * DAY) == NOW + 6 * DAY


def test_the_tries_are_ever_further_apart():
    waits = [
        (rules.next_try_at(n, now=NOW, until=NOW + 9 * DAY) - NOW) / MINUTE for n in range(1, 8)
    ]
    assert waits == [1, 5, 15, 60, 60, 60, 60]


@pytest.mark.parametrize(("number", "hours"), [(31, 0), (60, 0), (61, 1), (90, 1), (91, 2)])
def test_with_each_hour_come_as_many_mails_as_may_go(number, hours):
    assert rules.turn_at(number, 30, window_ends=NOW) == NOW + hours * HOUR


def test_no_try_comes_after_the_end():
    assert rules.next_try_at(2, now=NOW, until=NOW + 5 * MINUTE) is not None
    assert rules.next_try_at(2, now=NOW, until=NOW + 4 * MINUTE) is None


class ProviderError(Exception):
    def __init__(self, status_code):
        super().__init__(f"HTTP {status_code} for alice@example.com")
        self.status_code = status_code


def refused(code):
    return smtplib.SMTPRecipientsRefused({"alice@example.com": (code, b"no alice@example.com")})


ERRORS = {
    "recipient, for now": (refused(450), (False, False)),
    "recipient, for good": (refused(550), (True, False)),
    "text, for now": (smtplib.SMTPDataError(451, b"later"), (False, False)),
    "text, for good": (smtplib.SMTPDataError(554, b"spam"), (True, False)),
    "closing": (smtplib.SMTPDataError(421, b"bye"), (False, True)),
    "our sender": (smtplib.SMTPSenderRefused(550, b"who?", "box@example.org"), (False, False)),
    "too large": (smtplib.SMTPSenderRefused(552, b"big", "box@example.org"), (True, False)),
    "sender, nonsense": (smtplib.SMTPSenderRefused(-1, b"", "box@example.org"), (False, True)),
    "nonsense": (smtplib.SMTPDataError(-1, b"yes"), (False, True)),
    "endless line": (smtplib.SMTPResponseException(500, "Line too long."), (False, True)),
    "lost": (smtplib.SMTPServerDisconnected("gone"), (False, True)),
    "timeout": (TimeoutError("timed out"), (False, True)),
    "address in Unicode": (smtplib.SMTPNotSupportedError("SMTPUTF8"), (True, False)),
    "provider, wrong key": (ProviderError(401), (False, True)),
    "provider, too fast": (ProviderError(429), (False, True)),
    "provider, bad request": (ProviderError(400), (True, False)),
    "provider, broken": (ProviderError(503), (False, False)),
    "bug": (ZeroDivisionError("alice@example.com"), (False, False)),
}  # fmt: skip


@pytest.mark.parametrize(("error", "expected"), ERRORS.values(), ids=ERRORS)
def test_an_error_means(error, expected):
    failure = failure_of(error, address="alice@example.com")
    assert (failure.is_final, failure.ends_round) == expected
    assert "alice" not in failure.text


def test_the_words_of_a_server_are_kept_without_addresses_and_on_one_line():
    error = smtplib.SMTPDataError(
        554, b"5.1.1 <Alice@Example.com>:\r\nuser ALICE\x00 " + b"x" * 900
    )
    failure = failure_of(error, address="alice@example.com")
    assert failure.text.startswith("554 5.1.1 <…@…>: user … xxx")
    assert len(failure.text) == 500


@pytest.mark.parametrize(
    "address",
    [
        "anna.quill@birdhouse.example",
        "anna.quill+tag@birdhouse.example",
        "o'quill@birdhouse.example",
    ],
)
@pytest.mark.parametrize(
    "said",
    [
        "5.1.1 <{address}>: rejected",
        "5.1.1 '{address}' is unknown",
        "4.1.2 {domain}: Domain not found",
        "{mailbox} is not known at {domain}.",
        "no mailbox user_{mailbox}_x",
        "https://relay.example/{quoted} says why",
        "{local}=40{domain}",
        "bounce+{local}={domain}@relay.example is full",
        "SRS0=ab12={domain}={local}@relay.example",
        "rfc822;{address}",
        "{upper}",
    ],
)  # fmt: skip
def test_no_spelling_of_the_recipient_is_kept(said, address):
    local, _, domain = address.partition("@")
    reply = said.format(
        address=address, local=local, domain=domain, upper=address.upper(),
        mailbox=local.partition("+")[0], quoted=quote(address),
    )  # fmt: skip
    failure = failure_of(smtplib.SMTPDataError(550, reply.encode()), address=address)
    assert not re.search("anna|quill|birdhouse", failure.text, re.IGNORECASE)


def test_no_token_of_a_link_is_kept():
    said = (
        b"spam: https://box.example/verify-email/?token=w4CwWWRHx9Qwh3_bLb0KUC6ZGxM8uPuRodCKRNUZU4c"
    )
    error = smtplib.SMTPDataError(554, said)
    assert failure_of(error, address="").text == "554 spam: https://box.example/verify-email/?…"


LOGGED = {
    "554 5.7.1": smtplib.SMTPDataError(554, b"5.7.1 Anna, your booking is spam"),
    "451": smtplib.SMTPDataError(451, b"Anna, later"),
    "550 5.1.1": smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"5.1.1 Anna?")}),
    "ProviderError 400": ProviderError(400),
    "550 5.7.1 Who are you?": smtplib.SMTPSenderRefused(550, b"5.7.1 Who are you?", "box@example"),
    "TimeoutError: timed out": TimeoutError("timed out"),
}


@pytest.mark.parametrize(("logged", "error"), LOGGED.items(), ids=LOGGED)
def test_the_log_has_no_words_of_a_server_about_a_mail(logged, error):
    assert failure_of(error, address="alice@example.com").log_text == logged


def test_the_log_has_no_words_of_a_server_about_a_login():
    refused_login = smtplib.SMTPAuthenticationError(535, b"5.7.8 AUTH PLAIN AGJveABnZWhlaW0=")
    assert describe_connection(refused_login) == "login refused: 535 5.7.8"
    blocked = smtplib.SMTPConnectError(554, b"Your address is on a list")
    assert describe_connection(blocked) == "554 Your address is on a list"


def test_of_a_bug_only_its_type_is_kept():
    assert failure_of(KeyError("alice"), address="") == Failure("KeyError")
