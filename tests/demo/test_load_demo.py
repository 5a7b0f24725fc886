import hashlib
import stat
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from marquee.accounts import operations
from marquee.accounts.models import User
from marquee.booking import queries as booking
from marquee.booking.models import Booking, BookingEvent, SeatClaim, Ticket
from marquee.catalog.models import Auditorium, Cinema, Movie, Show, TicketType
from marquee.catalog.queries import get_plan
from marquee.demo.users import CUSTOMER, STAFF, passwords_file

APPS = ("accounts", "catalog", "booking")


def row_counts():
    models = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return {model.__name__: model.objects.count() for model in models}


def digest_of(load_demo):
    """Load a day; return a digest of all of it but ids and codes."""
    load_demo("--days=1")
    tickets = Ticket.objects.order_by(
        "booking__show__auditorium__cinema__name", "booking__show__auditorium__name",
        "booking__show__starts_at", "seat__y", "seat__x",
    ).values_list(
        "booking__show__movie__title", "booking__show__starts_at", "booking__show__format",
        "booking__show__language", "booking__user__email", "booking__created_at",
        "seat__label", "type", "price",
    )  # fmt: skip
    return hashlib.sha256(repr(list(tickets)).encode()).hexdigest()


def logins(printed):
    lines = [line.split() for line in printed.splitlines() if "@" in line]
    return dict(line for line in lines if len(line) == 2)


def delete_all():
    """Delete all bookings, shows and users, without their checks."""
    for model in (BookingEvent, SeatClaim, Ticket, Booking, Show):
        model.objects.all()._raw_delete("default")
    User.objects.all().delete()


def test_it_loads_three_cinemas_in_zones_and_currencies_of_their_own(load_demo):
    load_demo("--days=1")
    assert set(Cinema.objects.values_list("timezone", "currency")) == {
        ("Europe/Vienna", "EUR"), ("Europe/London", "GBP"), ("Asia/Tokyo", "JPY"),
    }  # fmt: skip
    assert Auditorium.objects.count() == 9
    assert Movie.objects.count() >= 30
    assert not Auditorium.objects.filter(shows=None).exists()


def test_loading_twice_adds_nothing(load_demo):
    load_demo("--days=1")
    before = row_counts()
    assert "Added 0 shows and 0 bookings." in load_demo("--days=1")
    assert row_counts() == before


def test_loading_on_a_later_day_adds_only_the_days_that_are_missing(load_demo):
    load_demo("--days=2")
    before = set(Show.objects.values_list("id", "starts_at", "movie"))
    load_demo("--days=2", "--today=2026-03-28")
    after = set(Show.objects.values_list("id", "starts_at", "movie"))
    assert before < after
    last = max(starts_at for _, starts_at, _ in before)
    assert all(starts_at > last - timedelta(hours=2) for _, starts_at, _ in after - before)


def test_a_day_that_staff_planned_or_called_off_stays_as_it_is(load_demo):
    load_demo("--days=1")
    Show.objects.update(state=Show.State.CALLED_OFF)
    load_demo("--days=1")
    assert not Show.objects.filter(state=Show.State.SCHEDULED).exists()


def test_the_same_day_loads_the_same_demo_with_other_passwords(load_demo):
    first, passwords = digest_of(load_demo), logins(load_demo("--days=1"))
    delete_all()
    assert digest_of(load_demo) == first
    again = logins(load_demo("--days=1"))
    assert again.keys() == passwords.keys()
    assert not set(again.values()) & set(passwords.values())


def test_every_booking_is_what_the_operations_would_have_made(load_demo):
    load_demo("--days=1")
    off = Booking.objects.filter(show__state=Show.State.CALLED_OFF)
    assert set(off.values_list("status", flat=True)) == {Booking.Status.CANCELLED}
    loaded = Booking.objects.annotate(sum=Sum("tickets__price"), seats=Count("tickets"))
    loaded = loaded.exclude(pk__in=off)
    assert loaded.exists()
    assert not loaded.exclude(total=F("sum")).exists()
    assert not loaded.exclude(seats__range=(1, 10)).exists()
    assert not loaded.exclude(status=Booking.Status.CONFIRMED).exists()
    assert not loaded.exclude(currency=F("show__auditorium__cinema__currency")).exists()
    assert not loaded.exclude(created_at__lt=F("show__starts_at")).exists()
    assert not loaded.exclude(created_at__gt=F("user__created_at")).exists()
    history = BookingEvent.objects.exclude(booking__in=off)
    assert set(history.values_list("booking", "kind", "at", "by", "actor")) == {
        (booking.pk, "confirmed", booking.created_at, "customer", booking.user_id)
        for booking in loaded
    }
    once_a_show = loaded.values("user", "show").distinct().count()
    assert once_a_show == len(loaded)


def test_every_sold_seat_has_its_ticket_and_its_booking_and_is_on_the_plan_of_the_show(load_demo):
    load_demo("--days=1")
    claims = SeatClaim.objects.exclude(state="free")
    claims = claims.values_list("show", "seat", "booking", "state", "gen")
    tickets = Ticket.objects.filter(status="valid").values_list("booking__show", "seat", "booking")
    assert sorted(claims) == sorted((*ticket, "sold", 1) for ticket in tickets)
    assert not Ticket.objects.exclude(seat__plan=F("booking__show__seat_plan")).exists()


def test_one_show_is_sold_out_and_others_are_not(load_demo):
    load_demo("--days=2")
    items = [booking.get_show_list_item(show.pk) for show in Show.objects.all()]
    left = [
        len(get_plan(show.record.seat_plan_id).seats) - version.taken for show, version in items
    ]
    assert 0 in left
    assert sum(count > 10 for count in left) > len(left) / 2


def test_only_the_accounts_that_are_printed_can_log_in(load_demo):
    printed = logins(load_demo("--days=1"))
    assert printed.keys() == {STAFF, CUSTOMER}
    staff, customer = (
        authenticate(username=email, password=printed[email]) for email in (STAFF, CUSTOMER)
    )
    assert staff.is_superuser
    assert not customer.is_staff
    others = User.objects.exclude(email__in=[STAFF, CUSTOMER])
    assert others.exists()
    assert not any(user.has_usable_password() for user in others)


def test_only_the_owner_can_read_the_passwords(load_demo):
    first = logins(load_demo("--days=1"))
    file = passwords_file()
    assert logins(file.read_text()) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert logins(load_demo("--days=1")) == first


def test_an_account_that_was_deleted_comes_back_and_the_other_keeps_its_password(load_demo):
    first = logins(load_demo("--days=1"))
    operations.delete_account(user=User.objects.get(email=CUSTOMER))
    second = logins(load_demo("--days=1"))
    assert second[STAFF] == first[STAFF]
    assert second[CUSTOMER] != first[CUSTOMER]


def test_once_costs_one_query_while_a_week_lies_ahead(load_demo, capsys, django_assert_num_queries):
    today = timezone.now().date()
    call_command("load_demo", "--days=9", f"--today={today}")
    first = logins(capsys.readouterr().out)
    with django_assert_num_queries(1):
        call_command("load_demo", "--once")
    assert logins(capsys.readouterr().out) == first


def test_once_loads_when_the_week_ahead_is_empty(load_demo):
    load_demo("--days=1", "--today=2020-01-01")
    assert "Added 0 shows" not in load_demo("--days=1", "--once")


@pytest.mark.parametrize("option", ["--days=0", "--shows=0", "--bookings=-1"])
def test_a_size_below_one_is_refused(load_demo, option):
    with pytest.raises(CommandError, match="at least 1"):
        load_demo(option)


def test_customers_could_have_made_its_bookings(load_demo):
    load_demo("--days=1")
    carers = Count("tickets", filter=Q(tickets__type="carer"))
    companions = Count("tickets", filter=Q(tickets__seat__kind="companion"))
    spaces = Count("tickets", filter=Q(tickets__seat__kind="wheelchair"))
    rows = Booking.objects.annotate(carers=carers, companions=companions, spaces=spaces)
    accessible = rows.filter(Q(spaces__gt=0) | Q(companions__gt=0) | Q(carers__gt=0))
    assert accessible.count() > 10
    assert not accessible.exclude(carers=1, companions=1, spaces=1).exists()
    by_show = accessible.values("show", "user").annotate(bookings=Count("pk", distinct=True))
    assert not by_show.filter(bookings__gt=1).exists()
    assert TicketType.objects.get(code="carer").needs_kind == "wheelchair"
