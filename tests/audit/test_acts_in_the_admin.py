"""Each page and action of Django's admin leaves one entry in the audit log, with who, where and what."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from marquee.accounts.models import User
from marquee.audit.models import AuditEntry
from marquee.booking.operations import admit
from marquee.catalog.models import (
    Auditorium,
    Cinema,
    Format,
    Genre,
    Movie,
    PriceCard,
    Show,
    TicketType,
)
from marquee.catalog.operations import (
    add_format,
    add_genre,
    add_ticket_type,
    change_auditorium,
)
from marquee.core.actor import acting_staff
from marquee.core.clock import database_now
from marquee.mail.models import Message
from tests.admin.forms import NO_ROLES
from tests.catalog.test_admin import submit
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

PASSWORD = "staple wagon meadow"


def url(model, page, *ids):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=ids)


def add(model, fields, query=""):
    """Return how to add a row."""
    return lambda client: submit(client, url(model, "add") + query, fields)


def change(row, **fields):
    return lambda client: submit(client, url(type(row), "change", row.pk), fields)


def delete(row):
    return lambda client: client.post(url(type(row), "delete", row.pk), {"post": "yes"})


def act(row, action, **more):
    chosen = {"action": action, "_selected_action": [row.pk], "confirmed": "yes"}
    return lambda client: client.post(url(type(row), "changelist"), chosen | more)


def change_user(user, **fields):
    usual = {"email": user.email, "name": user.name, "is_active": "on", **NO_ROLES}
    page = url(User, "change", user.pk)
    return lambda client: client.post(page, usual | {"roles-TOTAL_FORMS": 1} | fields)


def set_password(user, usable):
    fields = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": usable}
    if usable == "false":
        fields["unset-password"] = "yes"
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    return lambda client: client.post(page, fields)


def acts_of_the_catalog(show, spare):
    """Yield what is done to the catalog: its name, how, what is recorded, of which row and cinema."""
    cinema, movie = show.auditorium.cinema, spare.movie
    tomorrow = {"starts_at_0": "2049-03-02", "starts_at_1": "20:00:00"}
    named, other = {"name": "New"}, {"name": "Other"}
    new_show = tomorrow | {
        "movie": movie.pk, "auditorium": spare.auditorium_id, "price_card": spare.price_card_id,
        "ends_at_0": "", "ends_at_1": "", "sales_until_0": "", "sales_until_1": "",
    }  # fmt: skip
    line = {
        "prices-0-category": "standard", "prices-0-type": "adult",
        "prices-0-price": "1", "prices-0-counter_only": None,
    }  # fmt: skip
    rows = {
        Genre: (add_genre(name="Noir"), named, other),
        TicketType: (
            add_ticket_type(code="dog", name="Dog"), named | {"code": "cat"}, other),
        Format: (add_format(code="5D", name="5D"), named | {"code": "VR"}, other),
        Cinema: (
            make_cinema(), named | {"city": "Graz", "timezone": "Europe/Vienna", "currency": "EUR"},
            other),
        Auditorium: (
            make_auditorium(cinema), named | {"cinema": cinema.pk, "rows": "A: ss"}, other),
        Movie: (
            make_movie(), {"title": "M", "runtime_minutes": 117, "original_language": "de"},
            {"title": "M"}),
        PriceCard: (
            make_price_card(cinema),
            named | line | {"cinema": cinema.pk, "default_type": "adult"}, other),
        Show: (show, new_show, tomorrow),
    }  # fmt: skip
    for model, (row, new, changed) in rows.items():
        name, where = model._meta.model_name, None
        if model in {Auditorium, PriceCard, Show}:
            where = cinema.pk
        query = f"?cinema={cinema.pk}" if model is Show else ""
        moved = "moved" if model is Show else "changed"
        yield f"add {name}", add(model, new, query), "added", None, where
        yield f"change {name}", change(row, **changed), moved, row.pk, where
        yield f"delete {name}", delete(row), "deleted", row.pk, where


def acts_on_bookings(show):
    cinema = show.auditorium.cinema_id
    customer = make_user()
    hold, booking = book_seats(customer, show, "A1", hold=True), book_seats(customer, show, "A2")
    used = book_seats(customer, show, "A3").tickets.get()
    admit(ticket=used, reason=EARLY)
    ticket, now = book_seats(customer, show, "A4").tickets.get(), database_now()
    mail = Message.objects.create(
        booking_event=booking.events.get(), kind="booked", recipient="customer", state="dead",
        created_at=now, next_at=now,
    )  # fmt: skip
    yield "confirm_bookings", act(hold, "confirm_bookings"), "confirmed", hold.pk, cinema
    yield "cancel_bookings", act(booking, "cancel_bookings"), "cancelled", booking.pk, cinema
    yield "revoke_links", act(booking, "revoke_links"), "links_revoked", booking.pk, cinema
    why = {"reason": EARLY}
    yield "admit_tickets", act(ticket, "admit_tickets", **why), "admitted", ticket.pk, cinema
    yield "undo_admissions", act(used, "undo_admissions", **why), "undone", used.pk, cinema
    yield "call_off_shows", act(show, "call_off_shows", **why), "called_off", show.pk, cinema
    yield "send_again", act(mail, "send_again"), "sent_again", mail.pk, None


def acts_on_accounts():
    user, clerk = make_user(), make_staff()
    [role] = clerk.roles.all()
    new = {"email": "new@example.com", "name": "New", "usable_password": "true"}
    new |= {"password1": PASSWORD, "password2": PASSWORD}
    yield "add user", lambda client: client.post(url(User, "add"), new), "added", None, None
    named = make_user()
    yield "change user", change_user(named, name="Other"), "changed", named.pk, None
    give = change_user(user, **{"roles-0-role": "gate"})
    yield "give a role", give, "role_given", user.pk, None
    taken = {"roles-0-id": role.pk, "roles-0-DELETE": "on", "roles-INITIAL_FORMS": 1}
    take = change_user(clerk, is_staff="on", **taken)
    yield "take a role", take, "role_taken", clerk.pk, None
    yield "set a password", set_password(user, "true"), "password_set", user.pk, None
    yield "remove a password", set_password(user, "false"), "password_removed", user.pk, None
    yield "delete_accounts", act(user, "delete_accounts"), "closed", user.pk, None


def all_acts():
    """Yield every act, on rows of its own."""
    show = make_show(starts_at=datetime(2049, 3, 1, 20, tzinfo=UTC))
    spare = make_show(make_auditorium(show.auditorium.cinema))
    yield from acts_of_the_catalog(show, spare)
    yield from acts_on_bookings(make_show(starts_in=timedelta(hours=3)))
    yield from acts_on_accounts()
    old = make_show()
    change_auditorium(auditorium=old.auditorium, rows=["A: ssssss"])
    action, cinema = "take_newest_plans", old.auditorium.cinema_id
    yield action, act(old, action), "new_plan", old.pk, cinema


@pytest.fixture
def boss(client):
    staff = make_staff(is_superuser=True)
    client.force_login(staff, "marquee.accounts.backends.RateLimitedBackend")
    client.boss = staff
    return client


def test_each_act_is_recorded_once(boss):
    for name, run, action, subject_id, cinema_id in all_acts():
        before = set(AuditEntry.objects.values_list("pk", flat=True))
        response = run(boss)
        assert response.status_code == 302, (name, response.content.decode())
        entries = AuditEntry.objects.exclude(pk__in=before)
        assert [one.action for one in entries] == [action], name
        entry = entries.get()
        assert entry.actor_id == boss.boss.pk
        assert entry.subject_id == str(subject_id) if subject_id else entry.subject_id, name
        if entry.subject_kind != "cinema":
            assert entry.cinema_id == cinema_id, name
    assert acting_staff() is None


def test_no_page_and_no_action_is_missing_in_that_list():
    request = RequestFactory().get("/")
    request.user = make_staff(is_superuser=True)
    known = {name for name, *_ in all_acts()}
    for model, page in admin.site._registry.items():
        row = User(email="a@example.com") if model is User else model()
        may = {
            "add": page.has_add_permission(request),
            "change": page.has_change_permission(request, row),
            "delete": page.has_delete_permission(request, row),
        }
        acts = {f"{verb} {model._meta.model_name}" for verb, allowed in may.items() if allowed}
        acts |= page.get_actions(request).keys() - {"delete_selected"}
        assert acts <= known, model


def test_rows_that_are_deleted_together_are_recorded_one_by_one(boss):
    movies = [make_movie(), make_movie()]
    chosen = {"action": "delete_selected", "_selected_action": [one.pk for one in movies]}
    boss.post(url(Movie, "changelist"), chosen | {"post": "yes"})
    kept = AuditEntry.objects.order_by("pk").values_list("action", "subject_id")
    assert sorted(kept) == [("deleted", str(one.pk)) for one in movies]


@pytest.mark.parametrize(
    "refuse",
    [
        lambda: change(make_show().auditorium.cinema, currency="USD"),
        lambda: delete(make_show().movie),
        lambda: act(book_seats(make_user(), make_show(), "A1").tickets.get(), "admit_tickets"),
        lambda: add(Genre, {"name": ""}),
    ],
)
def test_what_is_refused_is_not_recorded(boss, refuse):
    refuse()(boss)
    assert not AuditEntry.objects.exists()


def test_a_form_saved_as_it_was_is_not_recorded(boss):
    assert submit(boss, url(Movie, "change", make_movie().pk), {}).status_code == 302
    assert submit(boss, url(Cinema, "change", make_cinema().pk), {}).status_code == 302
    assert not AuditEntry.objects.exists()


# --- The page of the log ---------------------------------------------------------------------------

LOG = partial(reverse, "admin:audit_auditentry_changelist")


def shown(client, query=""):
    response = client.get(LOG() + query)
    assert response.status_code == 200, response
    return [one.pk for one in response.context["cl"].result_list]


@pytest.fixture
def entries(boss):
    """Return entries: a cinema changed by the administrator, and a movie by somebody of the past."""
    cinema = make_cinema(name="Gartenbau")
    change(cinema, city="Graz")(boss)
    mine = AuditEntry.objects.get()
    other = AuditEntry.objects.create(
        at=datetime(2020, 1, 2, 12, tzinfo=UTC), actor_id=99999, action="deleted",
        subject_kind="price_card", subject_id="99998", cinema_id=99999,
    )  # fmt: skip
    return mine, other


def test_administrators_find_entries_by_actor_action_cinema_day_and_subject(boss, entries):
    mine, other = entries
    year = mine.at.astimezone(Cinema.objects.get().tzinfo).year  # of the clock of the back office
    assert shown(boss) == [mine.pk, other.pk]
    for query in (
        f"actor_id={mine.actor_id}", "action__exact=changed", f"cinema_id={mine.cinema_id}",
        f"at__year={year}", f"q=cinema+{mine.subject_id}", "q=Cinema",
    ):  # fmt: skip
        assert shown(boss, f"?{query}") == [mine.pk], query
    day = "at__year=2020&at__month=1&at__day=2"
    for query in ("actor_id=99999", "cinema_id=99999", day, "q=price+card+99998", "q=99998"):
        assert shown(boss, f"?{query}") == [other.pk], query


def test_an_entry_shows_names_of_now_and_links(boss, entries):
    mine, _ = entries
    page = boss.get(LOG()).content.decode()
    assert "Gartenbau" in page
    assert "city: Vienna → Graz" in page
    assert url(Cinema, "change", mine.subject_id) in page
    assert "account 99999" in page
    assert "cinema 99999" in page
    assert "Price card 99998" in page


def test_a_long_value_is_cut_in_the_list_and_whole_on_its_own_page(boss):
    change(make_cinema(), address="Parkring 12. " * 20)(boss)
    entry = AuditEntry.objects.get(changes__has_key="address")
    whole = " ".join(["Parkring 12."] * 20)
    assert whole not in boss.get(LOG()).content.decode()
    page = reverse("admin:audit_auditentry_change", args=[entry.pk])
    assert whole in boss.get(page).content.decode()


def test_the_log_is_to_be_read_alone(boss, entries):
    mine, _ = entries
    page = reverse("admin:audit_auditentry_change", args=[mine.pk])
    assert boss.get(page).status_code == 200
    for path in (page, reverse("admin:audit_auditentry_delete", args=[mine.pk])):
        assert boss.post(path, {"post": "yes"}).status_code == 403
    assert boss.get(reverse("admin:audit_auditentry_add")).status_code == 403
    assert AuditEntry.objects.count() == 2


def test_a_long_list_takes_as_many_statements_as_a_short_one(
    boss, entries, django_assert_max_num_queries
):
    AuditEntry.objects.bulk_create(
        AuditEntry(
            at=database_now(), actor_id=number, action="added", subject_kind="movie",
            subject_id=number, cinema_id=number,
        )
        for number in range(50)
    )  # fmt: skip
    with django_assert_max_num_queries(14):
        boss.get(LOG())
