"""Whatever a logged-in member of staff sends: a page, or a 4xx that explains; never a 500, nothing changed."""

import pytest
from django.apps import apps

from marquee.catalog.models import Genre, Movie
from tests.admin import crawl

# Real transactions: on PostgreSQL a statement that failed would break the one around a test.
pytestmark = pytest.mark.django_db(transaction=True)

PAGES = pytest.mark.parametrize("page", crawl.pages(), ids=lambda page: page.opts.model_name)
BOOKKEEPING = {"session", "logentry", "attemptcount"}


@pytest.fixture
def admin_client(client):
    client.force_login(crawl.make_rows())
    client.raise_request_exception = False
    return client


def a_request(admin_client):
    """Return a request of the member of staff who is logged in."""
    return admin_client.get("/admin/").wsgi_request


def everything():
    """Return every row of every table, but for sessions and such."""
    return {
        model.__name__: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.model_name not in BOOKKEEPING
    }


def check(response, what):
    assert response.status_code < 500, (response.status_code, what)
    if response.status_code == 400:
        assert "cannot be read" in response.content.decode(), what


def test_every_address_takes_every_value_in_its_place(admin_client):
    before = everything()
    for path in crawl.hostile_paths():
        check(admin_client.get(path), path)
    assert everything() == before


@PAGES
def test_every_page_of_a_model_opens(admin_client, page):
    for path in crawl.own_addresses(page):
        assert admin_client.get(path, follow=True).status_code in {200, 403}, path


@PAGES
def test_every_list_takes_every_query(admin_client, page):
    before = everything()
    for query in crawl.hostile_queries(page, a_request(admin_client).user):
        check(admin_client.get(f"{crawl.address(page)}?{query}"), query)
    assert everything() == before


@PAGES
def test_every_form_takes_every_initial_value(admin_client, page):
    before = everything()
    for query in crawl.hostile_initials(page):
        check(admin_client.get(f"{crawl.address(page, 'add/')}?{query}"), query)
    for path in crawl.own_addresses(page):
        for query in ("p=x&_changelist_filters=%00", "_changelist_filters=%5B%3D", "_to_field=x"):
            check(admin_client.get(f"{path}?{query}"), (path, query))
    assert everything() == before


@PAGES
def test_every_form_takes_every_value(admin_client, page):
    for path in crawl.own_addresses(page):
        for form in crawl.hostile_forms(page):
            check(admin_client.post(path, form), (path, form))
    for content_type, body in crawl.BODIES:
        check(admin_client.post(crawl.address(page), body, content_type=content_type), body[:50])


@PAGES
def test_every_action_takes_every_choice(admin_client, page):
    request = a_request(admin_client)
    before = everything()
    for chosen in crawl.hostile_choices(list(page.get_actions(request)) or ["delete_selected"]):
        check(admin_client.post(crawl.address(page), chosen), chosen)
    for query in ("starts_at__year=9999", "x=y", "q=%00"):
        chosen = {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"}
        check(admin_client.post(f"{crawl.address(page)}?{query}", chosen), query)
    assert everything() == before


# --- Some by name: what each is answered ----------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "catalog/show/?starts_at__year=9999",
        "catalog/show/?starts_at__year=10000",
        "catalog/show/?state__exact=%00",
        "catalog/show/?nothing=1",
        "catalog/show/?nothing=1&e=1",
        "catalog/show/add/?movie=x",
        "catalog/show/add/?ends_at=x",
        f"catalog/movie/?runtime_minutes__in={2**63}",
        "catalog/movie/?title__regex=%28a%2B%29%2B%24",
        f"catalog/movie/?q={'a+' * 101}",
        f"autocomplete/?app_label=catalog&model_name=show&field_name=movie&term={'a+' * 101}",
        "catalog/movie/%00/change/",
    ],
)
def test_what_cannot_be_read_is_answered_400_with_a_page_that_says_so(admin_client, path):
    response = admin_client.get(f"/admin/{path}")
    assert response.status_code == 400
    assert "Nothing was changed." in response.content.decode()


@pytest.mark.parametrize("chosen", ["x", "\0", str(10**30), "-", "1.5", ""])
def test_rows_that_cannot_be_are_refused_before_an_action_begins(admin_client, chosen):
    sent = {"action": "delete_selected", "_selected_action": [chosen], "post": "yes"}
    before = everything()
    assert admin_client.post("/admin/catalog/genre/", sent).status_code == 400
    assert everything() == before


@pytest.mark.parametrize("query", ["starts_at__year=9999", "starts_at__iso_year=9999"])
def test_an_action_with_a_query_that_cannot_be_read_is_refused(admin_client, query):
    sent = {"action": "call_off_shows", "_selected_action": ["1"], "confirmed": "yes"}
    before = everything()
    response = admin_client.post(f"/admin/catalog/show/?{query}", sent)
    assert response.status_code == 400
    assert everything() == before


def test_a_mistake_of_ours_is_no_fault_of_the_query(admin_client, monkeypatch):
    monkeypatch.setattr(Movie, "__str__", lambda movie: 1 / 0)
    path = f"/admin/catalog/movie/{Movie.objects.get().pk}/change/"
    for query in ("", "?q=a"):
        assert admin_client.get(f"{path}{query}").status_code == 500
    assert admin_client.post(path, {"title": ""}).status_code == 500


def test_somebody_who_was_faster_is_told_of_on_the_page(admin_client, monkeypatch):
    genre = Genre.objects.get()
    monkeypatch.setattr(Genre, "validate_unique", lambda *args, **kwargs: None)
    monkeypatch.setattr(Genre, "validate_constraints", lambda *args, **kwargs: None)
    before = everything()

    response = admin_client.post("/admin/catalog/genre/add/", {"name": genre.name}, follow=True)

    assert "Somebody changed this meanwhile. Nothing was changed." in response.content.decode()
    assert everything() == before


def test_a_form_with_more_rows_than_it_can_have_is_refused(admin_client):
    for count in ("TOTAL_FORMS", "INITIAL_FORMS"):
        sent = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0", f"prices-{count}": "101"}
        assert admin_client.post("/admin/catalog/pricecard/add/", sent).status_code == 400


def test_a_form_that_is_shown_again_takes_what_no_field_shows(admin_client):
    before = everything()
    response = admin_client.post(
        "/admin/catalog/show/add/", {"movie": "x", "auditorium": str(2**63)}
    )
    assert response.status_code == 400
    assert everything() == before


def test_who_is_not_logged_in_learns_nothing(client):
    for path in ("catalog/show/?starts_at__year=9999", "catalog/show/add/?movie=x"):
        assert client.get(f"/admin/{path}").status_code == 302
