"""Times in the back office are those of the cinema's clock, never of UTC."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from marquee.booking.models import Booking, BookingEvent, Ticket
from marquee.booking.operations import admit
from marquee.catalog.admin_days import LocalDayFilter
from marquee.catalog.models import Show
from tests.catalog.test_admin import admin_url, assert_saved, submit
from tests.factories import (
    EARLY,
    book_seats,
    make_auditorium,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

LOS_ANGELES = "America/Los_Angeles"
local = datetime.fromisoformat


@pytest.fixture
def admin_client(client):
    client.force_login(make_staff(is_superuser=True))
    return client


def show_in(zone, at, **fields):
    auditorium = make_auditorium(make_cinema(timezone=zone))
    return make_show(auditorium, starts_at=local(at), **fields)


def listed(client, model, **query):
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    response = client.get(url, query)
    assert response.status_code == 200
    return list(response.context["cl"].result_list)


def page_of(client, row):
    url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return client.get(url).content.decode()


def test_a_show_is_titled_by_its_local_time_with_its_zone(admin_client):
    show = show_in("Europe/Vienna", "2049-06-24T20:15")
    assert str(show).endswith(", 2049-06-24 20:15 (Europe/Vienna)")
    for page in ("change", "delete", "history"):
        content = admin_client.get(admin_url(show, page)).content.decode()
        assert "2049-06-24 20:15 (Europe/Vienna)" in content
        assert "18:15" not in content
    lists = admin_client.get(admin_url(Show, "changelist")).content.decode()
    assert "2049-06-24 20:15 (Europe/Vienna)" in lists


def test_an_evening_in_los_angeles_is_filed_under_its_own_day(admin_client):
    show = show_in(LOS_ANGELES, "2049-02-05T19:30")
    show_in("Europe/Vienna", "2049-02-06T19:30")
    day = {"starts_on__year": 2049, "starts_on__month": 2, "starts_on__day": 5}
    assert listed(admin_client, Show, **day) == [show]
    assert listed(admin_client, Show, business_day="2049-02-05") == [show]


def test_new_years_eve_is_filed_under_its_own_year(admin_client):
    eve = show_in(LOS_ANGELES, "2048-12-31T19:30")
    new_year = show_in("Europe/Vienna", "2049-01-01T20:00")
    assert listed(admin_client, Show, starts_on__year=2048) == [eve]
    assert listed(admin_client, Show, starts_on__year=2049) == [new_year]
    page = admin_client.get(admin_url(Show, "changelist")).content.decode()
    assert "?starts_on__year=2048" in page


@pytest.mark.parametrize("choice", ["yesterday", "today", "tomorrow", "week"])
def test_today_is_each_cinemas_own_business_day(admin_client, monkeypatch, choice):
    now = datetime(2049, 2, 6, 4, 30, tzinfo=UTC)  # 05:30 in Vienna, 20:30 in Los Angeles
    show_days = {"yesterday": 4, "today": 5, "tomorrow": 6, "week": 11}
    day = show_days[choice]
    wanted = [
        show_in(zone, f"2049-02-{at}")
        for zone in ("Europe/Vienna", LOS_ANGELES)
        for at in (f"{day:02}T22:00", f"{day + 1:02}T00:30")
    ]
    for zone in ("Europe/Vienna", LOS_ANGELES):
        show_in(zone, f"2049-02-{show_days['week'] + 1}T12:00")
    monkeypatch.setattr(LocalDayFilter, "now", lambda self: now)
    assert set(listed(admin_client, Show, business_day=choice)) == set(wanted)


def test_bookings_and_tickets_are_found_by_the_business_day_of_their_show(admin_client):
    show = show_in(LOS_ANGELES, "2049-02-06T00:30")
    booking = book_seats(make_user(), show, "A1")
    book_seats(make_user(), show_in(LOS_ANGELES, "2049-02-06T20:00"), "A1")
    day = {"business_day": "2049-02-05"}
    assert listed(admin_client, Booking, **day) == [booking]
    assert listed(admin_client, Ticket, **day) == [booking.tickets.get()]


@pytest.mark.parametrize(
    ("choice", "found"), [("today", 1), ("yesterday", 0), ("week", 1), ("month", 1), ("year", 1)]
)
def test_bookings_are_filed_under_the_day_they_were_made_by_the_cinemas_clock(
    admin_client, monkeypatch, choice, found
):
    booking = book_seats(make_user(), show_in(LOS_ANGELES, "2049-05-05T19:30"), "A1")
    # 31 December, 19:30 to 23:30: in UTC, the next year.
    made, now = datetime(2049, 1, 1, 3, 30, tzinfo=UTC), datetime(2049, 1, 1, 7, 30, tzinfo=UTC)
    Booking.objects.filter(pk=booking.pk).update(created_at=made)
    monkeypatch.setattr(LocalDayFilter, "now", lambda self: now)
    assert len(listed(admin_client, Booking, made=choice)) == found
    assert listed(admin_client, Booking, made="2048-12-31") == [booking]
    assert listed(admin_client, Booking, made="2049-01-01") == []


@pytest.mark.parametrize("name", ["business_day", "made"])
@pytest.mark.parametrize("value", ["soon", "2049-02-30", "9999-12-31", "0001-01-01", "'", "-1"])
def test_a_day_that_is_none_is_a_400_or_finds_nothing(admin_client, name, value):
    make_show()
    url = reverse("admin:booking_booking_changelist")
    assert admin_client.get(url, {name: value}).status_code in {200, 400}


def test_all_times_of_a_booking_are_by_the_cinemas_clock(admin_client):
    show = show_in(LOS_ANGELES, "2049-02-05T19:30")
    hold = book_seats(make_user(), show, "A1", hold=True)
    used = book_seats(make_user(), show, "A2")
    admit(ticket=used.tickets.get(), reason=EARLY)
    at = datetime(2049, 1, 2, 4, 5, tzinfo=UTC)
    Booking.objects.update(created_at=at)
    until = at + timedelta(minutes=8)
    Booking.objects.filter(pk=hold.pk).update(held_until=until, held_at_most_until=until)
    Ticket.objects.filter(status="used").update(used_at=at + timedelta(minutes=1))
    BookingEvent.objects.update(at=at + timedelta(minutes=2))

    pages = page_of(admin_client, hold) + page_of(admin_client, used)

    for clock in ("20:05", "20:13", "20:06", "20:07"):
        assert f"2049-01-01 {clock} ({LOS_ANGELES})" in pages, clock
    assert "04:0" not in pages
    tickets = admin_client.get(reverse("admin:booking_ticket_changelist")).content.decode()
    assert f"2049-01-01 20:06 ({LOS_ANGELES})" in tickets
    assert show.written_start in tickets


def test_what_belongs_to_no_cinema_is_by_the_clock_of_most_cinemas_with_its_zone(admin_client):
    make_cinema()
    for _ in range(2):
        make_cinema(timezone=LOS_ANGELES)
    user = make_user()
    at = datetime(2049, 1, 2, 4, 5, tzinfo=UTC)
    type(user).objects.filter(pk=user.pk).update(created_at=at, last_login=at)
    accounts = admin_client.get(reverse("admin:accounts_user_changelist")).content.decode()
    for page in (page_of(admin_client, user), accounts):
        assert "2049-01-01 20:05 PST" in page


@pytest.mark.parametrize(
    ("office", "zone", "typed", "instant"),
    [
        # These times do not exist, or exist twice, by the office's clock.
        ("Europe/Vienna", LOS_ANGELES, ("2049-03-28", "02:30"), "2049-03-28T09:30+00:00"),
        ("Europe/Vienna", LOS_ANGELES, ("2049-10-31", "02:30"), "2049-10-31T09:30+00:00"),
        (LOS_ANGELES, "Europe/Vienna", ("2049-06-24", "20:15"), "2049-06-24T18:15+00:00"),
    ],
)
def test_times_are_typed_by_the_cinemas_clock(admin_client, office, zone, typed, instant):
    for _ in range(2):
        make_cinema(timezone=office)
    auditorium = make_auditorium(make_cinema(timezone=zone))
    day, clock = typed
    fields = {
        "movie": make_movie().pk,
        "auditorium": auditorium.pk,
        "price_card": make_price_card(auditorium.cinema).pk,
        "starts_at_0": day,
        "starts_at_1": clock,
    }
    add = f"{admin_url(Show, 'add')}?cinema={auditorium.cinema_id}"
    assert_saved(submit(admin_client, add, fields))
    show = Show.objects.get()
    assert show.starts_at == datetime.fromisoformat(instant)
    page = page_of(admin_client, show)
    assert f'value="{day}"' in page
    assert f'value="{clock}:00"' in page
    assert_saved(submit(admin_client, admin_url(show), {"language": "de"}))
    assert Show.objects.get().starts_at == show.starts_at


def test_an_overlap_is_told_with_the_zone(admin_client):
    show = show_in(LOS_ANGELES, "2049-02-05T19:30")
    fields = {
        "movie": show.movie_id,
        "auditorium": show.auditorium_id,
        "price_card": show.price_card_id,
        "starts_at_0": "2049-02-05",
        "starts_at_1": "20:00",
    }
    url = f"{admin_url(Show, 'add')}?cinema={show.auditorium.cinema_id}"
    page = submit(admin_client, url, fields).content.decode()
    start, end = "2049-02-05 19:30", "2049-02-05 21:45"
    assert f"from {start} (America/Los_Angeles) to {end} (America/Los_Angeles)" in page


def test_the_zone_is_reset_after_a_page(admin_client):
    make_cinema(timezone=LOS_ANGELES)
    admin_client.get(reverse("admin:index"))
    assert timezone.get_current_timezone_name() == "UTC"


def test_times_that_are_only_read_are_by_the_cinemas_clock_too(client):
    make_cinema()
    show = show_in(LOS_ANGELES, "2049-02-05T19:30")
    Show.objects.filter(pk=show.pk).update(state="called_off")  # nobody changes it any more
    client.force_login(make_staff(is_superuser=True))
    page = page_of(client, show)
    for clock in ("19:30", "21:30"):
        assert f"2049-02-05 {clock} ({LOS_ANGELES})" in page
    assert "2049-02-06" not in page
