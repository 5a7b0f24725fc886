"""Any request of a logged-in member of staff gets a page or a 4xx with a reason, never a 500."""

import pytest
from django.apps import apps
from django.contrib.admin import site

from marquee.catalog.admin import GenreAdmin
from marquee.catalog.models import Genre, Movie, Show
from tests.admin import hostile_requests

# Real transactions: on PostgreSQL a failed statement would abort the transaction around a test.
pytestmark = pytest.mark.django_db(transaction=True)

BOOKKEEPING = {"loginsession", "session", "logentry", "attemptcount"}


@pytest.fixture
def admin_client(client):
    client.force_login(hostile_requests.make_rows())
    client.raise_request_exception = False
    return client


def staff_of(admin_client):
    """Return the member of staff who is logged in."""
    return admin_client.get("/admin/").wsgi_request.user


def all_tables():
    """Return every row of every table but those in BOOKKEEPING."""
    return {
        model.__name__: sorted(map(str, model._base_manager.values_list()))
        for model in apps.get_models()
        if model._meta.model_name not in BOOKKEEPING
    }


def assert_no_server_error(response, what):
    assert response.status_code < 500, (response.status_code, what)
    if response.status_code == 400:
        assert "cannot be read" in response.content.decode(), what


def test_every_url_takes_every_value_in_its_place(admin_client):
    before = all_tables()
    for path in hostile_requests.hostile_paths():
        assert_no_server_error(admin_client.get(path), path)
    assert all_tables() == before


def test_every_page_opens_and_shows_names_as_text(admin_client):
    pages = hostile_requests.registered_pages()
    for path in [path for page in pages for path in hostile_requests.own_urls(page)]:
        response = admin_client.get(path, follow=True)
        assert response.status_code in {200, 403}, path
        assert hostile_requests.MARKUP.encode() not in response.content, path


def test_every_list_takes_every_query(admin_client):
    before = all_tables()
    for url in hostile_requests.hostile_queries(staff_of(admin_client)):
        assert_no_server_error(admin_client.get(url), url)
    assert all_tables() == before


def test_every_form_takes_every_initial_value(admin_client):
    before = all_tables()
    for page in hostile_requests.registered_pages():
        for parts in hostile_requests.hostile_initials(page):
            assert_takes_each(admin_client, hostile_requests.page_url(page, "add/"), parts)
    for path in hostile_requests.own_urls(site._registry[Show]):
        for query in ("p=x&_changelist_filters=%00", "_changelist_filters=%5B%3D", "_to_field=x"):
            assert_no_server_error(admin_client.get(f"{path}?{query}"), (path, query))
    reserved = [f"{name}=x" for name in hostile_requests.RESERVED]
    assert_takes_each(admin_client, "/admin/catalog/show/add/", reserved)
    assert all_tables() == before


def assert_takes_each(client, path, parts):
    """Send parts of a query together. A refusal hides how others are answered, so send its halves."""
    response = client.get(f"{path}?{'&'.join(parts)}")
    assert_no_server_error(response, (path, parts))
    if response.status_code == 400 and len(parts) > 1:
        middle = len(parts) // 2
        assert_takes_each(client, path, parts[:middle])
        assert_takes_each(client, path, parts[middle:])


def test_every_form_takes_every_value(admin_client):
    for page in hostile_requests.registered_pages():
        values = list(hostile_requests.hostile_values(page))
        counts = list(hostile_requests.hostile_counts(page))
        for path in hostile_requests.edit_urls(page):
            for form in values + counts * path.endswith("change/"):
                assert_no_server_error(admin_client.post(path, form), (path, form))
        for path in hostile_requests.own_urls(page):
            assert_no_server_error(admin_client.post(path, values[0]), (path, values[0]))
    for content_type, body in hostile_requests.BODIES:
        response = admin_client.post("/admin/catalog/show/", body, content_type=content_type)
        assert_no_server_error(response, body[:50])


def test_every_action_takes_every_choice(admin_client):
    before = all_tables()
    for url, chosen in hostile_requests.hostile_actions(staff_of(admin_client)):
        assert_no_server_error(admin_client.post(url, chosen), (url, chosen))
    for query in ("starts_at__year=9999", "x=y", "q=%00"):
        chosen = {"action": "delete_selected", "_selected_action": ["1"], "post": "yes"}
        response = admin_client.post(f"/admin/catalog/show/?{query}", chosen)
        assert_no_server_error(response, query)
    assert all_tables() == before


# --- The responses of some requests --------------------------------------------------------------


UNREADABLE = [
    "catalog/show/?starts_on__year=9999",
    "catalog/show/?starts_on__year=10000",
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
]


def test_a_request_that_cannot_be_read_gets_a_400_with_a_page_that_says_so(admin_client):
    for path in UNREADABLE:
        response = admin_client.get(f"/admin/{path}")
        assert response.status_code == 400, path
        assert "Nothing was changed." in response.content.decode()


def test_impossible_ids_are_refused_before_an_action_begins(admin_client):
    before = all_tables()
    for chosen in ("x", "\0", str(10**30), "-", "1.5", ""):
        sent = {"action": "delete_selected", "_selected_action": [chosen], "post": "yes"}
        response = admin_client.post("/admin/catalog/genre/", sent)
        assert response.status_code == 400, chosen
    assert all_tables() == before


@pytest.mark.parametrize("query", ["starts_on__year=9999", "starts_on__iso_year=9999"])
def test_an_action_with_a_query_that_cannot_be_read_is_refused(admin_client, query):
    sent = {"action": "call_off_shows", "_selected_action": ["1"], "confirmed": "yes"}
    before = all_tables()
    response = admin_client.post(f"/admin/catalog/show/?{query}", sent)
    assert response.status_code == 400
    assert all_tables() == before


def test_an_error_in_our_code_is_not_blamed_on_the_query(admin_client, monkeypatch):
    monkeypatch.setattr(Movie, "__str__", lambda movie: 1 / 0)
    path = f"/admin/catalog/movie/{Movie.objects.get().pk}/change/"
    for query in ("", "?q=a"):
        assert admin_client.get(f"{path}{query}").status_code == 500
    assert admin_client.post(path, {"title": ""}).status_code == 500


def test_a_change_by_a_faster_user_is_shown_on_the_page(admin_client, monkeypatch):
    genre = Genre.objects.get()
    monkeypatch.setattr(Genre, "validate_unique", lambda *args, **kwargs: None)
    monkeypatch.setattr(Genre, "validate_constraints", lambda *args, **kwargs: None)
    before = all_tables()

    response = admin_client.post("/admin/catalog/genre/add/", {"name": genre.name}, follow=True)

    assert "Somebody changed this meanwhile. Nothing was changed." in response.content.decode()
    assert all_tables() == before


def test_a_form_with_more_rows_than_it_can_have_is_refused(admin_client):
    for count in ("TOTAL_FORMS", "INITIAL_FORMS"):
        sent = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0", f"prices-{count}": "101"}
        assert admin_client.post("/admin/catalog/pricecard/add/", sent).status_code == 400


def test_a_form_with_values_that_its_fields_cannot_show_is_refused(admin_client):
    before = all_tables()
    response = admin_client.post(
        "/admin/catalog/show/add/", {"movie": "x", "auditorium": str(2**63)}
    )
    assert response.status_code == 400
    assert all_tables() == before


def test_clients_without_a_login_are_redirected(client):
    for path in ("catalog/show/?starts_on__year=9999", "catalog/show/add/?movie=x"):
        assert client.get(f"/admin/{path}").status_code == 302


@pytest.mark.parametrize(("method", "status"), [("get", 200), ("post", 302)])
def test_a_row_that_goes_between_two_statements_is_no_error_of_ours(
    admin_client, monkeypatch, method, status
):
    """What is read is read again; what was to be saved is refused."""
    address, get_object = (
        f"/admin/catalog/genre/{Genre.objects.get().pk}/change/",
        GenreAdmin.get_object,
    )
    errors = [Genre.DoesNotExist()] * {"get": 1, "post": 3}[method]
    before = all_tables()

    def gone_at_first(*arguments):
        if errors:
            raise errors.pop()
        return get_object(*arguments)

    monkeypatch.setattr(GenreAdmin, "get_object", gone_at_first)
    assert getattr(admin_client, method)(address, {"name": "Noir"}).status_code == status
    if method == "post":
        errors.clear()
        assert "Somebody changed this meanwhile" in admin_client.get(address).content.decode()
    assert all_tables() == before
