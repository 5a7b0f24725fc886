"""Each event that customers get mail about gives one mail, whoever commits when."""

import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from marquee.accounts.models import AccountEvent
from marquee.booking.models import Booking, BookingEvent, CounterSale
from marquee.booking.operations import call_off, cancel, confirm, exchange, expire, move_show
from marquee.booking.records import CounterTerms, TicketRequest
from marquee.catalog.operations import change_cinema
from marquee.core.clock import database_now
from marquee.mail import planning, queries, rules
from marquee.mail.models import Message, OutboxStart
from tests.factories import book_seats, expire_hold, make_show, make_staff, make_user
from tests.mail.conftest import add_event

pytestmark = pytest.mark.django_db


def planned():
    planning.plan_everything()
    return list(Message.objects.order_by("pk").values_list("kind", "recipient"))


def test_a_booking_is_confirmed_by_one_mail():
    book_seats(make_user(), make_show(), "A1")

    assert planned() == [("booked", "customer")]
    assert planned() == [("booked", "customer")]


def test_a_hold_is_mailed_only_once_it_is_confirmed():
    booking = book_seats(make_user(), make_show(), "A1", hold=True)
    assert planned() == []

    confirm(booking=booking)

    assert planned() == [("booked", "customer")]


def test_a_hold_given_back_or_expired_or_called_off_or_moved_is_not_mailed():
    show, alice = make_show(), make_user()
    cancel(booking=book_seats(alice, show, "A1", hold=True))
    expired = book_seats(alice, show, "A2", hold=True)
    expire_hold(expired)
    expire(booking=expired)
    book_seats(alice, show, "A3", hold=True)
    move_show(show=show, starts_at=show.starts_at + timedelta(hours=3), confirm_bookings=1)
    call_off(show=show)

    assert BookingEvent.objects.filter(kind__in=["cancelled", "called_off", "moved"]).count() == 3
    assert planned() == []


def test_what_happens_to_a_confirmed_booking_is_mailed():
    show, alice = make_show(), make_user()
    booking = book_seats(alice, show, "A1", "A2")
    exchange(booking=booking, tickets=[TicketRequest("A2"), TicketRequest("A3")])
    cancel(booking=booking, tickets=["A2"])
    move_show(show=show, starts_at=show.starts_at + timedelta(hours=3), confirm_bookings=1)
    show.refresh_from_db()
    move_show(show=show, language="de", confirm_bookings=1)
    call_off(show=show)
    cancel(booking=book_seats(alice, make_show(), "A1"))

    kinds = [kind for kind, _ in planned()]
    assert kinds == [
        "booked", "exchanged", "reduced", "moved", "changed", "called_off", "booked", "cancelled",
    ]  # fmt: skip


def test_a_sale_at_the_counter_is_mailed_to_the_address_that_was_written_down():
    show, clerk = make_show(), make_staff()
    terms = {"customer_name": "Bob"}
    book_seats(clerk, show, "A1", counter=CounterTerms(**terms, customer_email="bob@example.com"))
    book_seats(clerk, show, "A2", counter=CounterTerms(**terms, customer_email=""))

    assert CounterSale.objects.count() == 2
    assert planned() == [("booked", "counter")]


ACCOUNT_EVENTS = [
    ("signed_up", "verify", "customer"),
    ("verify", "verify", "customer"),
    ("reset_asked", "reset", "event"),
    ("new_email", "new_email", "event"),
    ("email", "email", "event"),
    ("password", "password", "customer"),
    ("reset", "password", "customer"),
    ("close_asked", "close", "customer"),
    ("factor_added", "factor_on", "customer"),
    ("factor_gone", "factor_off", "customer"),
    ("factor_reset", "factor_off", "customer"),
    ("wrong_codes", "codes", "customer"),
]


@pytest.mark.parametrize(("event", "kind", "recipient"), ACCOUNT_EVENTS)
def test_an_event_of_an_account_gives_its_mail(event, kind, recipient):
    add_event(make_user(), event, "new@example.com")

    assert planned() == [(kind, recipient)]


@pytest.mark.parametrize("event", ["verified", "log_out", "closed", "guest"])
def test_other_events_of_accounts_give_none(event):
    add_event(make_user(), event)

    assert planned() == []


def test_every_kind_of_event_is_decided():
    decided = {kind for kind, *_ in ACCOUNT_EVENTS} | {"verified", "log_out", "closed", "guest"}
    assert decided == {*AccountEvent.Kind.values}
    assert {*rules.ACCOUNT_MAILS} == {kind for kind, *_ in ACCOUNT_EVENTS} | {"guest"}


def test_guests_verify_their_address_only_where_they_must(settings):
    settings.BOOK_BEFORE_VERIFYING = False
    add_event(make_user(), "guest")

    assert planned() == [("verify", "customer")]


def test_the_owner_of_an_address_that_somebody_else_asks_for_is_warned():
    make_user(email="owner@example.com")
    alice = make_user(email="alice.one@example.com")
    add_event(alice, "new_email", "Owner@example.com")
    add_event(alice, "new_email", "Alice.One@example.com")  # another spelling of her own

    assert planned() == [("in_use", "event"), ("new_email", "event")]


def test_an_event_is_found_though_it_commits_after_later_ones():
    """A cursor of the last id would skip it."""
    early = add_event(make_user(), "password")
    early_values = AccountEvent.objects.values().get(pk=early.pk)
    early.delete()
    add_event(make_user(), "password")
    assert len(planned()) == 1

    AccountEvent.objects.create(**early_values)  # commits now, with the id and time it took before

    assert len(planned()) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_a_late_commit_is_found_by_the_next_round():
    alice, bob = make_user(), make_user()
    inserted, may_commit = threading.Event(), threading.Event()

    def commit_late():
        with transaction.atomic():
            add_event(alice, "password")
            inserted.set()
            may_commit.wait(30)
        connection.close()

    late = threading.Thread(target=commit_late)
    late.start()
    inserted.wait(30)
    add_event(bob, "password")
    assert planning.plan_account_mails() == 1
    may_commit.set()
    late.join()

    assert planning.plan_account_mails() == 1
    assert Message.objects.count() == 2


def test_a_round_looks_at_the_last_minutes_and_the_hourly_one_at_thirty_days():
    book_seats(make_user(), make_show(), "A1")
    OutboxStart.objects.update(since=database_now() - timedelta(days=100))
    BookingEvent.objects.update(at=database_now() - timedelta(hours=20))
    assert planning.plan_booking_mails() == 0

    assert planning.plan_booking_mails(back=planning.EVER) == 1

    Message.objects.all().delete()
    BookingEvent.objects.update(at=database_now() - timedelta(days=31))
    assert planning.plan_booking_mails(back=planning.EVER) == 0


def test_events_from_before_there_was_mail_are_never_mailed():
    book_seats(make_user(), make_show(), "A1")
    add_event(make_user(), "password")
    OutboxStart.objects.update(since=database_now() + timedelta(seconds=1))

    assert planned() == []


def test_without_the_row_that_says_since_when_nothing_is_mailed():
    book_seats(make_user(), make_show(), "A1")
    OutboxStart.objects.all().delete()

    assert planned() == []


def test_the_bookings_of_the_demo_are_never_mailed_and_real_ones_are():
    call_command("load_demo", "--days", "2", "--today", "2031-05-01", verbosity=0)
    assert Booking.objects.count() > 100
    assert planned() == []

    real = book_seats(make_user(), make_show(), "A1")
    BookingEvent.objects.filter(booking=real).update(
        at=OutboxStart.objects.get().since + timedelta(seconds=1)
    )
    call_command("load_demo", "--days", "3", "--today", "2031-05-01", verbosity=0)

    assert planned() == [("booked", "customer")]


def test_many_events_are_planned_in_batches(monkeypatch):
    monkeypatch.setattr(planning, "BATCH_SIZE", 2)
    alice = make_user()
    for _ in range(5):
        add_event(alice, "password")

    assert planning.plan_account_mails() == 5
    assert Message.objects.count() == 5


def test_a_round_without_events_is_one_query_each(django_assert_num_queries):
    with django_assert_num_queries(1):
        planning.plan_booking_mails()
    with django_assert_num_queries(1):
        planning.plan_account_mails()
    with django_assert_num_queries(1):
        planning.plan_reminders()


@pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="PostgreSQL's plan follows the statistics"
)
def test_the_index_of_mailed_events_serves_the_scan():
    sql = queries.BOOKING_EVENTS_SQL.replace("%(after)s", queries._ago(planning.LATELY))
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", {"limit": 10})
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "booking_event_to_mail (at>?)" in plan
    assert "message_once_for_a_booking_event (booking_event_id=?)" in plan


# --- Reminders ------------------------------------------------------------------------------------


def booked_days_ago(show):
    booking = book_seats(make_user(), show, "A1")
    earlier = database_now() - timedelta(days=3)
    OutboxStart.objects.update(since=earlier - timedelta(days=1))
    BookingEvent.objects.filter(booking=booking).update(at=earlier)
    return booking


def reminding_show(hours=24, **options):
    show = make_show(**options)
    change_cinema(cinema=show.auditorium.cinema, reminder_hours=hours)
    return show


def test_a_customer_is_reminded_once_when_the_show_is_near():
    booked_days_ago(reminding_show(starts_in=timedelta(hours=23)))

    assert planning.plan_reminders() == 1
    assert planning.plan_reminders() == 0
    reminder = Message.objects.get()
    assert (reminder.kind, reminder.recipient) == ("reminder", "customer")


def test_a_reminder_does_not_stand_for_the_confirmation():
    booked_days_ago(reminding_show(starts_in=timedelta(hours=23)))
    planning.plan_reminders()

    planning.plan_booking_mails(back=planning.EVER)

    assert sorted(Message.objects.values_list("kind", flat=True)) == ["booked", "reminder"]


@pytest.mark.parametrize(
    "show",
    [
        {"hours": 24, "starts_in": timedelta(hours=25)},
        {"hours": 0, "starts_in": timedelta(hours=1)},
    ],
    ids=["later", "never"],
)
def test_nobody_is_reminded_too_early_or_where_the_cinema_does_not_want_it(show):
    booked_days_ago(reminding_show(**show))

    assert planning.plan_reminders() == 0


def test_who_booked_within_that_time_is_not_reminded():
    book_seats(make_user(), reminding_show(starts_in=timedelta(hours=23)), "A1")

    assert planning.plan_reminders() == 0


def test_nobody_is_reminded_of_a_booking_that_was_cancelled_or_a_show_that_was_called_off():
    cancel(booking=booked_days_ago(reminding_show(starts_in=timedelta(hours=23))))
    gone = reminding_show(starts_in=timedelta(hours=23))
    booked_days_ago(gone)
    call_off(show=gone)

    assert planning.plan_reminders() == 0
