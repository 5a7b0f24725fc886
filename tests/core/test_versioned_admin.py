"""A page of the back office overwrites nothing that it has not shown, and loses nothing typed."""

from functools import partial

import pytest
from django.urls import reverse

from marquee.accounts.models import User
from marquee.catalog.models import Format, Genre, Movie, Price, PriceCard, TicketType
from marquee.catalog.operations import change_auditorium, change_movie, change_price_card
from tests.catalog.test_admin import submit
from tests.factories import (
    book_seats,
    make_cinema,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
    price_lines,
)

pytestmark = pytest.mark.django_db
CHANGED = "Somebody changed this after you had opened the page"


@pytest.fixture
def admin_client(client):
    client.force_login(make_staff(is_superuser=True))
    return client


def url_of(row):
    meta = row._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])


def version_of(response):
    return response.context["row_version"]


def save(admin_client, row, version, **fields):
    return submit(admin_client, url_of(row), fields | {"row_version": version})


def open_page(admin_client, row):
    response = admin_client.get(url_of(row))
    assert f'name="row_version" value="{version_of(response)}"' in response.content.decode()
    return version_of(response)


def make_genre():
    return Genre.objects.create(name="Drama")


ROWS = {
    "movie": (lambda: make_movie(genres=["Drama"]), "title"),
    "genre": (make_genre, "name"),
    "cinema": (make_cinema, "name"),
    "auditorium": (lambda: make_show().auditorium, "name"),
    "price card": (make_price_card, "name"),
    "ticket type": (partial(TicketType.objects.get, code="adult"), "name"),
    "format": (partial(Format.objects.get, code="2D"), "name"),
    "show": (make_show, "language"),
    "user": (make_user, "name"),
}


@pytest.mark.parametrize("kind", ROWS)
def test_a_page_that_shows_the_row_as_it_is_saves_it(admin_client, kind):
    make, field = ROWS[kind]
    row = make()
    version = open_page(admin_client, row)
    assert save(admin_client, row, version, **{field: "fr"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == "fr"
    assert open_page(admin_client, row) != version


@pytest.mark.parametrize("kind", ROWS)
def test_a_page_opened_before_a_change_explains_and_keeps_what_was_typed(admin_client, kind):
    make, field = ROWS[kind]
    row = make()
    version = open_page(admin_client, row)
    type(row).objects.filter(pk=row.pk).update(**{field: "it"})
    page = save(admin_client, row, version, **{field: "fr"})
    text = page.content.decode()
    assert page.status_code == 200
    assert CHANGED in text
    assert "“it”" in text
    assert page.context["adminform"].form[field].value() == "fr"
    row.refresh_from_db()
    assert getattr(row, field) == "it"
    # Saving what the page shows now is a decision, not an accident.
    assert save(admin_client, row, version_of(page), **{field: "fr"}).status_code == 302
    row.refresh_from_db()
    assert getattr(row, field) == "fr"


def test_a_field_that_was_not_touched_is_not_set_back(admin_client):
    movie = make_movie(title="Old", runtime_minutes=90)
    version = open_page(admin_client, movie)
    change_movie(movie=movie, runtime_minutes=120)
    page = save(admin_client, movie, version, title="New", runtime_minutes=90)
    assert "Runtime minutes: “120”" in page.content.decode()
    movie.refresh_from_db()
    assert (movie.title, movie.runtime_minutes) == ("Old", 120)


def test_other_genres_prices_and_seats_are_changes_too(admin_client):
    movie, card, show = make_movie(), make_price_card(), make_show()
    rows = [movie, card, show.auditorium]
    versions = [open_page(admin_client, row) for row in rows]
    change_movie(movie=movie, genres=["Drama"])
    change_price_card(price_card=card, prices=price_lines({("standard", "adult"): "1.00"}))
    change_auditorium(auditorium=show.auditorium, rows=["A: ss"])
    for row, version in zip(rows, versions, strict=True):
        page = save(admin_client, row, version, name="Typed", title="Typed")
        assert CHANGED in page.content.decode()
    assert not Movie.objects.filter(title="Typed").exists()
    assert not PriceCard.objects.filter(name="Typed").exists()
    assert Price.objects.get(card=card).amount == 100


def test_prices_that_were_typed_are_saved_though_somebody_replaced_the_rows(admin_client):
    """Every change of a card replaces its rows, so those of the page are gone."""
    card = make_price_card(prices={("standard", "adult"): "10.00", ("standard", "child"): "7.00"})
    page = admin_client.get(url_of(card))
    typed = fields_of(page) | {"prices-0-price": "11.11", "row_version": version_of(page)}
    typed |= {"prices-2-category": "premium", "prices-2-type": "adult", "prices-2-price": "15.00"}
    theirs = {
        ("standard", "senior"): "8.00",
        ("standard", "adult"): "12.00",
        ("premium", "child"): "9.00",
    }
    change_price_card(price_card=card, prices=price_lines(theirs))
    page = admin_client.post(url_of(card), typed)
    assert CHANGED in page.content.decode()
    again = fields_of(page) | {"row_version": version_of(page)}
    assert "11.11" in again.values()
    assert admin_client.post(url_of(card), again).status_code == 302
    prices = Price.objects.filter(card=card).values_list("category", "type_id", "amount")
    assert set(prices) == {
        ("standard", "adult", 1111), ("standard", "child", 700), ("premium", "adult", 1500),
    }  # fmt: skip


def fields_of(page):
    """Return what a browser would post of a page."""
    forms = [page.context["adminform"].form]
    for admin_formset in page.context["inline_admin_formsets"]:
        forms += [admin_formset.formset.management_form, *admin_formset.formset.forms]
    fields = {form.add_prefix(name): form[name].value() for form in forms for name in form.fields}
    return {
        name: getattr(value, "pk", value)
        for name, value in fields.items()
        if value not in (None, False)
    }


def test_a_form_that_is_shown_again_for_another_error_keeps_its_version(admin_client):
    movie = make_movie(title="Old")
    version = open_page(admin_client, movie)
    Movie.objects.filter(pk=movie.pk).update(title="Theirs")
    page = save(admin_client, movie, version, title="Mine", runtime_minutes="x")
    assert version_of(page) == version
    assert CHANGED in save(admin_client, movie, version_of(page), title="Mine").content.decode()


def test_logging_in_and_a_new_password_do_not_change_what_a_page_shows(admin_client):
    user = make_user()
    version = open_page(admin_client, user)
    user.set_password("staple wagon meadow")
    user.save()
    assert save(admin_client, user, version, name="Al").status_code == 302


def test_a_genre_and_its_version_are_saved_without_a_version_posted(admin_client):
    """As by a page that was opened before an update of Marquee."""
    genre = Genre.objects.create(name="Drama")
    assert submit(admin_client, url_of(genre), {"name": "Crime"}).status_code == 302


def test_a_deactivated_account_with_bookings_is_pointed_out(admin_client):
    user = make_user()
    book_seats(user, make_show(), "A1", "A2")
    page = submit(admin_client, url_of(user), {"is_active": ""})
    assert page.status_code == 302
    assert not User.objects.get(pk=user.pk).is_active
    assert "1 booking for shows to come" in admin_client.get(page["Location"]).content.decode()
