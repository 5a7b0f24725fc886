"""What becomes of a mail when the server accepts, refuses, is slow, hangs, loses the connection or lies."""

import logging
import time
from datetime import timedelta

import pytest
from aiosmtpd.smtp import AuthResult
from django.core import mail as django_mail
from django.db import connection

from marquee.accounts.models import User
from marquee.booking.models import CounterSale
from marquee.booking.operations import close_account
from marquee.booking.records import CounterTerms
from marquee.booking.states import UpcomingBookings
from marquee.catalog.models import Show
from marquee.core.clock import database_now
from marquee.mail import outbox, planning, rules, sending
from marquee.mail.addresses import Undeliverable
from marquee.mail.contents import compose as real_compose
from marquee.mail.models import Message
from tests.factories import book_seats, make_show, make_staff, make_user
from tests.mail.conftest import add_event, due_now, use
from tests.mail.smtp_server import mail_server, raw_server, tls_context
from tests.server import free_port

pytestmark = pytest.mark.django_db


def send():
    sending.pause.end()
    return sending.send_due_mails()


def fresh(message):
    message.refresh_from_db()
    return message


def minutes_until_next_try(message):
    return round((fresh(message).next_at - database_now()).total_seconds() / 60)


def two_due():
    """Return two mails, to alice and then to bob."""
    show = make_show()
    for name, seat in (("alice", "A1"), ("bob", "A2")):
        book_seats(make_user(email=f"{name}@example.com"), show, seat)
    planning.plan_booking_mails()
    return list(Message.objects.order_by("pk"))


def test_an_accepted_mail_is_sent_once(booked, smtp):
    assert send() == 1
    assert send() == 0

    assert fresh(booked).state == "sent"
    assert booked.sent_at is not None
    (mail,) = smtp.mails
    assert mail["To"] == "alice@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == sending.headers.message_id(booked)
    assert mail["Reply-To"] is None


def test_replies_go_where_the_setting_says(booked, smtp, settings):
    settings.MAIL_REPLY_TO = "box@example.org"
    send()
    assert smtp.mails[0]["Reply-To"] == "box@example.org"


def test_a_message_id_is_of_our_host_and_says_nothing_else(settings, booked):
    settings.SITE_URL = "https://box.example.org:8443"
    first = sending.headers.message_id(booked)
    assert first.endswith("@box.example.org>")
    assert str(booked.booking_event_id) not in first.split("@")[0] or len(first) > 40
    booked.kind = "cancelled"
    assert sending.headers.message_id(booked) != first


def test_no_transaction_is_open_while_a_mail_is_sent(transactional_db, booked, smtp, monkeypatch):
    seen = []
    original = sending.within_deadline

    def watched(func):
        seen.append(connection.in_atomic_block)
        return original(func)

    monkeypatch.setattr(sending, "within_deadline", watched)
    assert send() == 1
    assert seen
    assert not any(seen)


def test_a_temporary_refusal_is_tried_again_later_each_time(booked, smtp, caplog):
    caplog.set_level("INFO", "marquee")
    smtp.data = "451 Later, please"
    waits = []
    for _ in range(6):
        assert send() == 0
        waits.append(minutes_until_next_try(booked))
        due_now()
    assert waits == [1, 5, 15, 60, 60, 60]
    assert (booked.state, booked.attempts, booked.error) == ("due", 6, "451 Later, please")
    assert caplog.messages[-1].endswith(f"mail {booked.pk} is tried again: 451")

    smtp.data = "250 Now"
    assert send() == 1

    assert (fresh(booked).state, booked.error) == ("sent", "")
    assert len(smtp.mails) == 1


def test_it_is_given_up_when_the_show_has_begun(booked, smtp):
    smtp.data = "451 Later"
    Show.objects.update(starts_at=database_now() - timedelta(minutes=1))
    Message.objects.update(attempts=4)
    booked.booking_event.at = database_now() - timedelta(hours=1, seconds=1)
    booked.booking_event.save()

    send()

    assert (fresh(booked).state, booked.attempts) == ("dead", 5)
    assert booked.error == "Not sent in time."


def test_a_mail_about_an_account_is_given_up_after_a_day(smtp):
    smtp.data = "451 Later"
    add_event(make_user(), "password")
    planning.plan_account_mails()
    message = Message.objects.get()
    event = message.account_event
    event.at = database_now() - timedelta(hours=23, minutes=30)
    event.save()
    Message.objects.update(attempts=4)

    send()  # the next try would be an hour from now

    assert (fresh(message).state, message.error) == ("dead", "451 Later")


@pytest.mark.parametrize("script", ["rcpt", "data"])
def test_a_final_refusal_is_not_tried_again(booked, smtp, script):
    setattr(smtp, script, "550 5.1.1 <alice@example.com>: no such user Alice here")

    assert send() == 0

    assert (fresh(booked).state, booked.attempts) == ("dead", 1)
    assert booked.error == "550 5.1.1 <…@…>: no such user … here"
    due_now()
    assert send() == 0
    assert fresh(booked).state == "dead"


def test_one_refused_recipient_does_not_keep_others_from_their_mail(smtp):
    smtp.rcpt = lambda address: "550 No" if address.startswith("alice") else "250 OK"
    alice, bob = two_due()

    assert send() == 1

    assert [fresh(alice).state, fresh(bob).state] == ["dead", "sent"]
    assert [mail["To"] for mail in smtp.mails] == ["bob@example.com"]


def test_a_slow_server_is_waited_for(booked, smtp, settings):
    settings.EMAIL_TIMEOUT = 5

    def slow(mail):
        time.sleep(0.8)
        return "250 At last"

    smtp.data = slow
    assert send() == 1
    assert fresh(booked).state == "sent"


def test_a_server_that_hangs_costs_one_timeout_for_all_mails(settings):
    met = []

    def hang(connection):
        met.append(connection)
        connection.sendall(b"220 hello\r\n")
        time.sleep(30)

    messages = two_due()
    with raw_server(hang) as port:
        use(settings, port, EMAIL_TIMEOUT=3)  # two are three seconds more: a busy machine takes one
        started = time.monotonic()
        assert sending.send_due_mails() == 0
        assert sending.send_due_mails() == 0  # the pause has begun
        assert time.monotonic() - started < 2 * settings.EMAIL_TIMEOUT
    assert len(met) == 1

    assert [(fresh(one).state, one.attempts) for one in messages] == [("due", 0)] * 2


def test_a_server_that_sends_a_byte_now_and_then_is_left_after_the_deadline(settings):
    def drip(connection):
        for _ in range(100):
            connection.sendall(b"2")
            time.sleep(0.3)

    messages = two_due()
    with raw_server(drip) as port:
        use(settings, port)
        started = time.monotonic()
        assert sending.send_due_mails() == 0
        assert 2 < time.monotonic() - started < 15  # it would go on for 30

    assert [(fresh(one).state, one.attempts) for one in messages] == [("due", 0)] * 2


def test_without_a_server_no_mail_counts_as_tried_and_the_pauses_grow(settings, caplog):
    messages = two_due()
    use(settings, free_port())
    pauses = []
    for _ in range(7):
        sending.pause.until = 0
        assert sending.send_due_mails() == 0
        pauses.append(round(sending.pause.until - time.monotonic()))

    assert pauses == [10, 30, 60, 120, 300, 300, 300]
    assert [(fresh(one).state, one.attempts) for one in messages] == [("due", 0)] * 2
    assert "The mail server cannot be used (ConnectionRefusedError" in caplog.text


def test_a_connection_lost_after_the_text_is_tried_again_by_the_same_message_id(smtp):
    alice, bob = two_due()
    smtp.data = ["LOST", "250 Taken"]

    assert send() == 0

    assert (fresh(alice).state, alice.attempts) == ("due", 1)
    assert minutes_until_next_try(alice) == 1
    assert (fresh(bob).state, bob.attempts) == ("due", 0)
    due_now()
    assert send() == 2
    ids = [mail["Message-ID"] for mail in smtp.mails if mail["To"] == "alice@example.com"]
    assert len(ids) == 2
    assert len({*ids}) == 1


LIES = {
    "greeting": [b"hello there, no number\r\n"],
    "binary": [bytes(range(256)) * 40],
    "reply": [b"220 ok\r\n", b"250 ok\r\n", b"yes, I think\r\n"],
    "endless": [b"220 ok\r\n", b"250 ok\r\n", b"250 " + b"x" * 20_000 + b"\r\n"],
    "number": [b"220 ok\r\n", b"250 ok\r\n", b"999 what\r\n"],
    "silence": [b""],
}


@pytest.mark.parametrize("said", LIES.values(), ids=LIES)
def test_a_server_that_talks_nonsense_loses_no_mail(booked, settings, said):
    def lie(connection):
        for words in said:
            connection.sendall(words)
            connection.recv(2000)

    with raw_server(lie) as port:
        use(settings, port)
        assert send() == 0

    assert fresh(booked).state == "due"
    assert booked.attempts <= 1


def test_starttls_is_spoken_before_the_password(booked, settings, tmp_path, monkeypatch):
    def login(server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (b"box", b"geheim")
        return AuthResult(success=right, handled=right)

    context = tls_context(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    with mail_server(
        tls_context=context, require_starttls=True, auth_required=True, authenticator=login
    ) as server:
        use(
            settings, server.port,
            EMAIL_USE_TLS=True, EMAIL_HOST_USER="box", EMAIL_HOST_PASSWORD="geheim",
        )  # fmt: skip
        settings.EMAIL_TIMEOUT = 5
        assert send() == 1
        assert server.handler.mails[0]["X-Peer-TLS"] == "yes"


def test_a_password_that_smtp_cannot_send_is_not_in_the_log(booked, caplog, monkeypatch):
    def log_in(connection):  # as smtplib does
        "box\0gehe\u00efm".encode("ascii")

    monkeypatch.setattr(sending, "_open", log_in)
    assert send() == 0
    assert "The mail server cannot be used (UnicodeEncodeError)." in caplog.text
    assert "gehe" not in caplog.text


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(booked, settings, tmp_path):
    with mail_server(tls_context=tls_context(tmp_path), require_starttls=True) as server:
        use(settings, server.port, EMAIL_USE_TLS=True)
        assert send() == 0
        assert server.handler.mails == []
    assert (fresh(booked).state, booked.attempts) == ("due", 0)


def test_a_mail_that_cannot_be_written_stops_no_other_and_is_given_up(smtp, caplog):
    show = make_show()
    bug, bob = make_user(email="bug@example.com"), make_user(email="bob@example.com")
    book_seats(bug, show, "A1")
    book_seats(bob, show, "A2")
    planning.plan_booking_mails()
    broken, fine = Message.objects.order_by("pk")

    assert send() == 1

    assert fresh(fine).state == "sent"
    assert (fresh(broken).state, broken.error) == ("due", "KeyError")
    assert "A mail cannot be written" in caplog.text
    for _ in rules.RETRY_AFTER:
        due_now()
        send()
    assert (fresh(broken).state, broken.attempts) == ("dead", 5)
    assert len(smtp.mails) == 1


def test_what_there_is_nothing_to_say_about_is_dropped(smtp):
    terms = CounterTerms(customer_name="Bob", customer_email="bob@example.com")
    book_seats(make_staff(), make_show(), "A1", counter=terms)
    planning.plan_booking_mails()
    CounterSale.objects.update(customer_email="")

    assert send() == 0

    assert (Message.objects.get().state, smtp.mails) == ("dropped", [])


def test_an_address_that_can_have_no_mail_is_given_up_at_once(booked, smtp, monkeypatch):
    def compose(message):
        raise Undeliverable("This is not one e-mail address.")

    monkeypatch.setattr(sending, "compose", compose)

    assert send() == 0

    assert (fresh(booked).state, booked.attempts) == ("dead", 1)
    assert booked.error == "This is not one e-mail address."


def test_a_closed_account_gets_no_mail_and_leaves_no_address(booked, smtp, monkeypatch):
    monkeypatch.setattr(sending, "compose", real_compose)
    user = booked.booking_event.booking.user
    close_account(user=user, upcoming=UpcomingBookings.CANCEL)
    planning.plan_booking_mails()
    assert set(Message.objects.values_list("kind", flat=True)) == {"booked", "cancelled"}

    assert send() == 0

    assert set(Message.objects.values_list("state", flat=True)) == {"dropped"}
    assert smtp.mails == []


def test_the_address_of_the_moment_of_sending_counts(booked, smtp):
    User.objects.filter(name="Alice").update(email="alice.new@example.com")
    send()
    assert smtp.mails[0]["To"] == "alice.new@example.com"


def test_a_round_ends_after_its_time_and_gives_the_rest_back(smtp, monkeypatch):
    first, second = two_due()
    monkeypatch.setattr(sending, "ROUND_SECONDS", 0.2)

    def slow(mail):
        time.sleep(0.3)
        return "250 Taken"

    smtp.data = slow
    assert send() == 1
    assert [fresh(first).state, fresh(second).state] == ["sent", "due"]
    assert send() == 1
    assert fresh(second).attempts == 0


def test_a_round_with_nothing_to_send_is_one_query(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert sending.send_due_mails() == 0


def test_anymail_sends_by_its_own_backend(booked, settings):
    settings.EMAIL_BACKEND = "anymail.backends.test.EmailBackend"
    django_mail.outbox = []

    assert send() == 1

    assert fresh(booked).state == "sent"
    (mail,) = django_mail.outbox
    assert mail.extra_headers["Message-ID"] == sending.headers.message_id(booked)


def test_a_recipient_whom_anymail_refuses_is_final(booked, settings):
    settings.EMAIL_BACKEND = "tests.mail.refusing_backend.EmailBackend"

    assert send() == 0

    assert fresh(booked).state == "dead"


def test_a_lease_that_ended_is_taken_again_and_counts(booked):
    (ours,) = outbox.claim(limit=5)
    assert outbox.claim(limit=5) == []
    due_now()

    (theirs,) = outbox.claim(limit=5)

    assert (theirs.pk, theirs.attempts) == (ours.pk, 1)
    assert not outbox.note_failed(ours, "Too late", next_at=None)
    assert outbox.note_sent(theirs)
    assert fresh(booked).state == "sent"


def test_no_address_stays_in_the_log(booked, smtp, caplog):
    caplog.set_level(logging.DEBUG, "marquee")
    smtp.data = "550 alice@example.com is unknown"
    send()
    assert "is given up" in caplog.text
    assert "alice" not in caplog.text
