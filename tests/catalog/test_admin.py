"""The admin saves by the operations: versions rise, and refusals are errors of the form."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from marquee.catalog.models import (
    Auditorium,
    Cinema,
    Movie,
    Price,
    PriceCard,
    SeatPlan,
    Show,
    TicketType,
)
from marquee.catalog.operations import add_movie
from marquee.catalog.queries import get_prices
from tests.factories import (
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

EIGHT = datetime(2049, 3, 1, 20, tzinfo=UTC)


@pytest.fixture
def admin_client():
    client = Client()
    client.force_login(
        make_staff(is_superuser=True), "marquee.accounts.backends.RateLimitedBackend"
    )
    return client


def admin_url(row, page="change"):
    if isinstance(row, type):
        return reverse(f"admin:catalog_{row._meta.model_name}_{page}")
    return reverse(f"admin:catalog_{row._meta.model_name}_{page}", args=[row.pk])


def submit(admin_client, where, fields):
    """Submit a form as a browser does: the values of the page, with these fields changed."""
    page = admin_client.get(where)
    form = page.context["adminform"].form
    data = {form.add_prefix(name): _text(form[name]) for name in form.fields}
    for formset in page.context["inline_admin_formsets"]:
        inner = formset.formset
        for part in (inner.management_form, *inner.forms):
            data |= {part.add_prefix(name): _text(part[name]) for name in part.fields}
    widgets = {name: form.fields[name].widget for name in form.fields}
    for name, widget in widgets.items():
        if hasattr(widget, "decompress"):
            data |= dict(zip((f"{name}_0", f"{name}_1"), _split(data.pop(name)), strict=True))
    return admin_client.post(where, {k: v for k, v in (data | fields).items() if v is not None})


def _text(field):
    value = field.value()
    return getattr(value, "pk", value)


def _split(value):
    return (f"{value:%Y-%m-%d}", f"{value:%H:%M:%S}") if value else ("", "")


def errors(response):
    """Return the errors of a form that is shown again."""
    assert response.status_code == 200, response.status_code
    return " ".join(str(error) for error in response.context["errors"])


def assert_saved(response):
    """Assert that the form was saved: the response redirects."""
    assert response.status_code == 302, errors(response)


@pytest.mark.parametrize(
    "kind", ["movie", "genre", "cinema", "auditorium", "pricecard", "tickettype", "show"]
)
def test_every_page_opens(admin_client, kind):
    show = make_show(movie=make_movie(genres=["Drama"]))
    rows = {
        "movie": show.movie,
        "genre": show.movie.genres.get(),
        "cinema": show.auditorium.cinema,
        "auditorium": show.auditorium,
        "pricecard": show.price_card,
        "tickettype": TicketType.objects.get(code="adult"),
        "show": show,
    }
    row = rows[kind]
    kind = type(row)
    assert admin_client.get(admin_url(kind, "changelist"), {"q": "a"}).status_code == 200
    own = [admin_url(row, page) for page in ("change", "delete", "history")]
    for page in (admin_url(kind, "add"), *own):
        assert admin_client.get(page).status_code == 200, page


def test_a_movie_is_added_and_changed_with_its_genres(admin_client):
    drama = add_movie(title="x", runtime_minutes=1, genres=["Drama"]).genres.get()
    assert_saved(
        submit(
            admin_client,
            admin_url(Movie, "add"),
            {"title": "M", "runtime_minutes": 111, "genres": [drama.pk]},
        )
    )
    movie = Movie.objects.get(title="M")
    assert list(movie.genres.all()) == [drama]
    assert_saved(submit(admin_client, admin_url(movie), {"title": "M (1931)", "genres": None}))
    movie.refresh_from_db()
    assert (movie.title, movie.runtime_minutes, movie.genres.count()) == ("M (1931)", 111, 0)


def test_a_cinema_with_prices_keeps_its_currency_and_the_form_says_why(admin_client):
    card = make_price_card()
    response = submit(admin_client, admin_url(card.cinema), {"currency": "CHF", "name": "Other"})
    assert "so its time zone and currency stay" in errors(response)
    assert Cinema.objects.get().currency == "EUR"
    assert Cinema.objects.get().name != "Other"
    assert_saved(submit(admin_client, admin_url(card.cinema), {"name": "Rex"}))
    assert Cinema.objects.get().name == "Rex"


def test_an_auditorium_is_added_with_its_seat_plan(admin_client):
    fields = {"cinema": make_cinema().pk, "name": "One", "rows": "A: ss_s\r\n\r\nB: pp\r\n"}
    assert_saved(submit(admin_client, admin_url(Auditorium, "add"), fields))
    plan = SeatPlan.objects.get()
    assert (plan.version, plan.rows, plan.seats.count()) == (1, ["A: ss_s", "B: pp"], 5)


def test_another_plan_is_a_new_version_and_is_shown_with_the_old_one(admin_client):
    auditorium = make_auditorium(rows=["A: ss_s"])
    assert_saved(submit(admin_client, admin_url(auditorium), {"name": "Other"}))
    assert SeatPlan.objects.count() == 1
    assert_saved(submit(admin_client, admin_url(auditorium), {"rows": "A: ssss"}))
    assert sorted(SeatPlan.objects.values_list("version", flat=True)) == [1, 2]
    page = admin_client.get(admin_url(auditorium)).content.decode()
    assert "<pre>A: ss_s</pre>" in page
    assert "<pre>A: ssss</pre>" in page


def test_a_plan_that_cannot_be_read_is_an_error_of_the_field(admin_client):
    auditorium = make_auditorium(rows=["A: ss"], name="One")
    response = submit(admin_client, admin_url(auditorium), {"rows": "A: s?", "name": "Other"})
    assert "Row 1 has '?'" in response.context["adminform"].form.errors["rows"][0]
    assert SeatPlan.objects.get().rows == ["A: ss"]
    assert Auditorium.objects.get().name == "One"


def test_a_price_card_is_added_with_its_prices(admin_client):
    fields = {
        "cinema": make_cinema().pk, "name": "Evenings", "default_type": "adult",
        "prices-0-category": "standard", "prices-0-type": "adult", "prices-0-price": "12.50",
        "prices-1-category": "standard", "prices-1-type": "child", "prices-1-price": "9",
    }  # fmt: skip
    assert_saved(submit(admin_client, admin_url(PriceCard, "add"), fields))
    card = PriceCard.objects.get()
    assert card.version == 1
    assert sorted(card.prices.values_list("type", "amount")) == [("adult", 1250), ("child", 900)]


def test_changed_prices_raise_the_version_and_an_untouched_card_keeps_it(admin_client):
    card = make_price_card(prices={("standard", "adult"): "12.50", ("standard", "child"): "9"})
    assert_saved(submit(admin_client, admin_url(card), {"name": "Other"}))
    card.refresh_from_db()
    assert (card.name, card.version) == ("Other", 1)
    assert_saved(
        submit(admin_client, admin_url(card), {"prices-0-price": "13", "prices-1-DELETE": "on"})
    )
    card.refresh_from_db()
    assert card.version == 2
    assert [(price.type_id, price.amount) for price in card.prices.all()] == [("adult", 1300)]


def test_prices_that_are_refused_are_errors_of_the_form(admin_client):
    card = make_price_card(prices={("standard", "adult"): "12.50"})
    response = submit(admin_client, admin_url(card), {"name": "Other", "prices-0-price": "12.505"})
    assert "EUR has 2 decimals" in errors(response)
    response = submit(admin_client, admin_url(card), {"prices-0-DELETE": "on"})
    assert "has no price" in errors(response)
    card.refresh_from_db()
    assert (card.version, Price.objects.get().amount) == (1, 1250)
    assert card.name != "Other"


def show_fields(show, **fields):
    return {
        "movie": show.movie_id,
        "auditorium": show.auditorium_id,
        "price_card": show.price_card_id,
        "starts_at_0": "2049-03-01",
        "starts_at_1": "20:15",
    } | fields


def test_a_show_is_scheduled_by_the_cinemas_clock(admin_client):
    other = make_show()
    assert_saved(submit(admin_client, admin_url(Show, "add"), show_fields(other)))
    show = Show.objects.exclude(pk=other.pk).get()
    assert show.starts_at == datetime(2049, 3, 1, 19, 15, tzinfo=UTC)
    assert show.ends_at == show.starts_at + timedelta(hours=2)
    assert (show.sales_until, show.language) == (show.starts_at, "en")


def test_an_overlap_is_an_error_of_the_form(admin_client):
    first = make_show(starts_at=EIGHT)
    response = submit(admin_client, admin_url(Show, "add"), show_fields(first))
    assert f"{first.movie.title} has" in errors(response)
    assert Show.objects.count() == 1


def test_a_moved_show_that_would_overlap_stays_where_it_was(admin_client):
    first = make_show(starts_at=EIGHT)
    second = make_show(first.auditorium, starts_at=EIGHT + timedelta(days=1))
    response = submit(
        admin_client, admin_url(second), {"starts_at_0": "2049-03-01", "starts_at_1": "22:00"}
    )
    assert f"{first.movie.title} has" in errors(response)
    second.refresh_from_db()
    assert second.starts_at == EIGHT + timedelta(days=1)


def test_a_show_is_shown_and_moved_by_the_cinemas_clock(admin_client):
    show = make_show(starts_at=EIGHT)
    page = admin_client.get(admin_url(show)).content.decode()
    assert 'value="21:00:00"' in page
    assert "2049-03-01 21:00" in admin_client.get(admin_url(Show, "changelist")).content.decode()
    assert_saved(submit(admin_client, admin_url(show), {"starts_at_1": "21:30"}))
    show.refresh_from_db()
    assert show.starts_at == EIGHT + timedelta(minutes=30)
    assert show.ends_at == show.starts_at + timedelta(hours=2)


def test_an_untouched_time_stays_even_in_the_hour_that_comes_twice(admin_client):
    second = datetime(2049, 10, 31, 1, 30, tzinfo=UTC)  # half past two, again
    show = make_show(starts_at=second)
    assert_saved(submit(admin_client, admin_url(show), {"subtitles": "fr"}))
    show.refresh_from_db()
    assert (show.starts_at, show.subtitles) == (second, "fr")


def test_rows_that_shows_depend_on_are_not_deleted(admin_client):
    show = make_show()
    for row in (show.movie, show.auditorium, show.price_card):
        assert admin_client.post(admin_url(row, "delete"), {"post": "yes"}).status_code == 200
        assert type(row).objects.filter(pk=row.pk).exists()
    assert admin_client.post(admin_url(show, "delete"), {"post": "yes"}).status_code == 302
    for row in (show.movie, show.auditorium, show.price_card):
        assert admin_client.post(admin_url(row, "delete"), {"post": "yes"}).status_code == 302
    assert not Movie.objects.exists()


def test_selected_rows_are_deleted_by_the_operation_too(admin_client):
    movies = [make_movie(), make_movie()]
    chosen = {
        "action": "delete_selected",
        "_selected_action": [m.pk for m in movies],
        "post": "yes",
    }
    assert admin_client.post(admin_url(Movie, "changelist"), chosen).status_code == 302
    assert not Movie.objects.exists()


def test_another_position_of_a_ticket_type_raises_the_version_of_its_cards(admin_client):
    card = make_price_card()
    for code, version in (("senior", 1), ("adult", 2)):
        row = TicketType.objects.get(code=code)
        assert_saved(submit(admin_client, admin_url(row, "change"), {"position": 9}))
        card.refresh_from_db()
        assert card.version == version
    assert get_prices(card.pk, 2).types("standard") == ["child", "adult"]


def test_the_restrictions_of_a_ticket_type_change_and_a_refusal_is_an_error_of_the_form(
    admin_client,
):
    card = make_price_card()
    child, adult = (TicketType.objects.get(code=code) for code in ("child", "adult"))
    assert_saved(
        submit(admin_client, admin_url(child), {"needs_type": "adult", "counter_only": "on"})
    )
    child.refresh_from_db()
    assert (child.needs_type, child.counter_only) == (adult, True)
    card.refresh_from_db()
    assert card.version == 2
    response = submit(admin_client, admin_url(adult), {"needs_kind": "wheelchair"})
    assert "It is the default type of" in errors(response)
    both = {"needs_kind": "wheelchair", "needs_type": "adult"}
    assert "not both" in errors(submit(admin_client, admin_url(child), both))
    adult.refresh_from_db()
    assert not adult.is_restricted


def test_a_ticket_type_is_added(admin_client):
    new = {"code": "press", "name": "Press", "counter_only": "on"}
    assert_saved(submit(admin_client, admin_url(TicketType, "add"), new))
    assert TicketType.objects.get(code="press").counter_only


def test_a_card_restricts_a_price_to_the_counter_and_limits_wheelchair_spaces(admin_client):
    card = make_price_card(prices={("standard", "adult"): "12.50", ("standard", "child"): "9"})
    child = card.prices.get(type="child")
    assert_saved(
        submit(
            admin_client, admin_url(card), {"prices-1-counter_only": "on", "wheelchair_limit": 2}
        )
    )
    card.refresh_from_db()
    assert (card.version, card.wheelchair_limit) == (2, 2)
    counter_price = card.prices.get(counter_only=True)
    assert (counter_price.type_id, counter_price.amount) == (child.type_id, child.amount)
    assert_saved(submit(admin_client, admin_url(card), {"wheelchair_limit": 3}))
    card.refresh_from_db()
    assert (card.version, card.wheelchair_limit) == (3, 3)
    assert card.prices.get(counter_only=True).type_id == "child"


def prices_of(card):
    return list(Price.objects.filter(card=card).order_by("pk").values())


def price_form(card, **more):
    """Return a form that changes the first price of a card, though the user's page may not show it."""
    first = Price.objects.filter(card=card).earliest("pk")
    row = {"id": first.pk, "card": card.pk, "category": first.category, "type": first.type_id}
    return {
        "name": "Renamed",
        "default_type": "adult",
        "wheelchair_limit": 1,
        "prices-TOTAL_FORMS": 2,
        "prices-INITIAL_FORMS": 1,
        **{f"prices-0-{name}": value for name, value in row.items()},
        "prices-0-price": "0.01",
        "prices-1-category": "recliner",
        "prices-1-type": "child",
        "prices-1-price": "0.01",
    } | more


def labels(page, field):
    return [str(label) for _, label in page.context["adminform"].form.fields[field].choices]


def test_a_new_show_is_offered_the_auditoriums_and_price_cards_of_one_cinema(admin_client):
    here, there = make_show(), make_show()
    where = admin_url(Show, "add")

    assert f"?cinema={there.auditorium.cinema_id}" in admin_client.get(where).content.decode()
    page = admin_client.get(where, {"cinema": here.auditorium.cinema_id})

    assert labels(page, "price_card") == ["---------", here.price_card.name]
    assert labels(page, "auditorium") == ["---------", here.auditorium.name]
    assert labels(admin_client.get(admin_url(here)), "price_card")[1:] == [here.price_card.name]


def test_what_another_cinema_has_is_refused_by_the_server_too(admin_client):
    here, there = make_show(), make_show()
    crossing = show_fields(here, price_card=there.price_card_id)

    for query in (
        "",
        f"?cinema={here.auditorium.cinema_id}",
        f"?cinema={there.auditorium.cinema_id}",
    ):
        response = admin_client.post(admin_url(Show, "add") + query, crossing)
        assert "Choose one of" in errors(response)
    response = submit(admin_client, admin_url(here), {"price_card": there.price_card_id})
    assert "Choose one of" in errors(response)
    assert Show.objects.count() == 2


@pytest.mark.parametrize("cinema", ["x", "-1", "9" * 30])
def test_a_cinema_that_cannot_be_is_refused(admin_client, cinema):
    assert admin_client.get(admin_url(Show, "add"), {"cinema": cinema}).status_code == 400


@pytest.mark.parametrize("typed", ["11.50", "11,50", "EUR 11.50", "11.5 eur", " 11.50 "])
def test_a_price_is_typed_as_people_write_it(admin_client, typed):
    card = make_price_card(prices={("standard", "adult"): "12.50"})
    page = admin_client.get(admin_url(card)).content.decode()
    assert 'value="12.50"' in page
    assert "EUR" in page[page.index('value="12.50"') :][:200]

    assert_saved(submit(admin_client, admin_url(card), {"prices-0-price": typed}))

    assert Price.objects.get().amount == 1150


@pytest.mark.parametrize("typed", ["-1", "11.505", "1e3", "CHF 11.50", "eleven", "11.50 EUR EUR"])
def test_a_price_that_is_none_is_an_error_of_its_own_field(admin_client, typed):
    card = make_price_card(prices={("standard", "adult"): "12.50"})
    response = submit(admin_client, admin_url(card), {"prices-0-price": typed})
    assert response.context["inline_admin_formsets"][0].formset.errors[0]["price"]
    assert Price.objects.get().amount == 1250


def test_formats_have_the_names_that_people_use(admin_client):
    show = make_show(format="4DX")
    page = admin_client.get(admin_url(show))
    assert labels(page, "format") == [
        "2D", "3D", "IMAX", "IMAX 3D", "4DX", "70 mm", "35 mm", "16 mm", "Dolby Cinema", "ScreenX",
    ]  # fmt: skip
    assert (
        '<td class="field-format">4DX</td>'
        in admin_client.get(admin_url(Show, "changelist")).content.decode()
    )


def test_a_type_is_not_offered_what_would_be_refused(admin_client):
    card = make_price_card()
    adult = TicketType.objects.get(code="adult")
    assert "Adult" not in labels(admin_client.get(admin_url(adult)), "needs_type")
    assert "Carer" not in labels(admin_client.get(admin_url(card)), "default_type")


def test_saving_a_page_as_it_was_says_so_and_is_no_change_in_its_history(admin_client):
    movie = make_movie()
    response = admin_client.get(submit(admin_client, admin_url(movie), {}).url)
    [message] = [str(message) for message in response.context["messages"]]
    assert message == "Nothing was changed: the form was saved as it was."
    assert not LogEntry.objects.exists()


def test_changed_prices_are_in_the_history_of_their_card(admin_client):
    card = make_price_card(prices={("standard", "adult"): "12.50", ("standard", "child"): "9"})
    submit(admin_client, admin_url(card), {"prices-0-price": "13", "prices-1-DELETE": "on"})
    text = LogEntry.objects.get().get_change_message()
    assert "price" in text
    assert "Deleted price" in text


@pytest.mark.parametrize("kind", ["movie", "auditorium", "price_card", "cinema"])
def test_a_row_that_others_depend_on_stays_and_the_page_says_what_to_do(admin_client, kind):
    show = make_show()
    book_seats(make_user(), show, "A1")
    row = show.auditorium.cinema if kind == "cinema" else getattr(show, kind)
    with CaptureQueriesContext(connection) as captured:
        page = admin_client.get(admin_url(row, "delete")).content.decode()
    assert not any('"ticket"' in query["sql"] for query in captured)  # there may be millions
    assert "stays, because others depend on it." in page
    assert " first." in page
    assert "permission" not in page


def test_a_form_of_a_running_show_that_leaves_its_end_open_is_shown_again_with_its_errors(
    admin_client,
):
    show = make_show()
    Show.objects.update(starts_at=timezone.now() - timedelta(minutes=10))
    response = admin_client.post(f"/admin/catalog/show/{show.pk}/change/", {"ends_at": ""})
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
