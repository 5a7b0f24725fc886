"""Unknown query parameters are refused, and the refusal names the nearest known one."""

import pytest

from tests.api.operations import operations, schema
from tests.api.problems import check_problem
from tests.factories import all_rows, book_seats, client_of, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(show, alice):
    return book_seats(alice, show, "C5", hold=True)


def query_parameters(operation):
    documented = schema()["paths"][operation.path][operation.method].get("parameters", [])
    return {one["name"] for one in documented if one["in"] == "query"}


def errors_of(response):
    body = check_problem(response, 400, "invalid")
    return {error["field"]: (error["code"], error["detail"]) for error in body["errors"]}


@pytest.mark.parametrize("operation", list(operations()), ids=str)
def test_every_operation_refuses_an_unknown_parameter_and_changes_nothing(held, operation):
    client = client_of(make_staff())
    before = all_rows()
    for _ in range(2):  # the second GET could be served from the response cache
        url = f"{operation.address(held)}?nonsense=1&cinemas_id=2"
        response = getattr(client, operation.method)(url, {})
        assert errors_of(response).keys() == {"nonsense", "cinemas_id"}
    assert all_rows() == before


@pytest.mark.parametrize(
    "operation", [one for one in operations() if query_parameters(one)], ids=str
)
def test_every_documented_parameter_is_known_and_refuses_a_nul(held, operation):
    client = client_of(make_staff())
    for name in query_parameters(operation):
        response = client.get(f"{operation.address(held)}?{name}=%00")
        assert errors_of(response)[name][0] == "null_characters_not_allowed"


@pytest.mark.parametrize(
    ("url", "unknown", "nearest"),
    [
        ("shows/?cinema_id=999999", "cinema_id", "cinema"),
        ("shows/?Date=2026-12-01", "Date", "date"),
        ("shows/?langauge=en", "langauge", "language"),
        ("shows/?limit=5", "limit", "page_size"),
        ("shows/?seats=5", "seats", None),
        ("movies/?genres=Drama", "genres", "genre"),
        ("movies/?page-size=5", "page-size", "page_size"),
        ("movies/?utm_source=mail", "utm_source", None),
    ],
)
def test_the_nearest_parameter_is_named(url, unknown, nearest):
    code, detail = errors_of(client_of().get(f"/api/v1/{url}"))[unknown]
    assert code == "unknown"
    if nearest:
        assert detail == f"There is no such query parameter. Did you mean `{nearest}`?"
    else:
        assert detail.startswith("There is no such query parameter. Known are `business_day`, ")


def test_a_cached_response_does_not_hide_an_unknown_parameter(show):
    for path in (f"shows/{show.pk}/", f"shows/{show.pk}/seats/", f"shows/{show.pk}/availability/"):
        assert client_of().get(f"/api/v1/{path}").status_code == 200
        assert errors_of(client_of().get(f"/api/v1/{path}?x=1")).keys() == {"x"}
        assert client_of().get(f"/api/v1/{path}").status_code == 200


def test_at_most_twenty_unknown_parameters_are_named():
    query = "&".join(f"x{n}=1" for n in range(100))
    assert len(errors_of(client_of().get(f"/api/v1/shows/?{query}"))) == 20


@pytest.mark.parametrize(
    "query", ["cinema=1&cinema=2", "date=2026-12-01&date=", "cursor=a&cursor=a"]
)
def test_a_parameter_given_twice_is_refused(query):
    name = query.partition("=")[0]
    assert errors_of(client_of().get(f"/api/v1/shows/?{query}"))[name][0] == "repeated"


@pytest.mark.parametrize("path", ["shows/", "movies/", "shows/{show}/", "movies/{movie}/shows/"])
def test_head_refuses_what_get_refuses(show, path):
    url = f"/api/v1/{path.format(show=show.pk, movie=show.movie_id)}"
    for _ in range(2):
        assert client_of().head(url).status_code == 200
        assert client_of().head(f"{url}?x=1").status_code == 400


def test_pages_ignore_what_marketing_adds(client):
    for url in ("/swagger/", "/", "/api/v1/"):
        response = client.get(f"{url}?utm_source=mail&fbclid=1", follow=True)
        assert response.status_code == 200


def test_lists_of_the_back_office_ignore_what_marketing_adds(client, show):
    client.force_login(make_staff(is_superuser=True))
    query = "utm_source=mail&utm_campaign=x&gclid=1&q=Movie"
    response = client.get(f"/admin/catalog/movie/?{query}")
    assert response.status_code == 200
    assert response.context["cl"].query == "Movie"
    assert client.get("/admin/catalog/movie/?nonsense=1").status_code == 400


@pytest.mark.parametrize(
    ("path", "name"),
    [("shows/", "cinema"), ("shows/", "date"), ("movies/", "genre"), ("movies/", "now_showing")],
)
def test_a_filter_without_a_value_is_refused_and_does_not_return_everything(path, name):
    found = errors_of(client_of().get(f"/api/v1/{path}?{name}="))
    assert found[name] == ("empty", "Give this parameter a value, or leave it out.")
    assert client_of().get(f"/api/v1/{path}").status_code == 200


def test_a_search_for_no_word_finds_all(show):
    assert client_of().get("/api/v1/movies/?search=").json()["results"]


@pytest.mark.parametrize(
    ("url", "choices"),
    [
        ("movies/?now_showing=True", "true, false"),
        ("movies/?ordering=-foo", "title, -title, release_date"),
        ("bookings/?status=nonsense", "held, confirmed, cancelled, expired"),
        ("bookings/?upcoming=1", "true, false"),
    ],
)
def test_the_choices_are_named(alice, url, choices):
    [(code, detail)] = errors_of(client_of(alice).get(f"/api/v1/{url}")).values()
    assert code == "invalid_choice"
    assert detail.startswith(f"Write one of {choices}")
