"""JSON strings, numbers and booleans are not converted into each other."""

import pytest

from tests.factories import client_of, make_show, make_staff, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [7, 1e308, True, ["x"], {"x": 1}])
def test_text_is_text(value):
    response = client_of(make_user()).patch("/api/v1/me/", {"name": value})

    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize("value", ["7", "\u0663", True, 7.5])
@pytest.mark.parametrize("field", ["runtime_minutes"])
def test_a_number_is_a_number(field, value):
    response = client_of(make_staff()).post("/api/v1/movies/", {"title": "M", field: value})

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]


@pytest.mark.parametrize("value", ["7", "\u0663", True])
def test_an_id_is_a_number(value):
    auditorium = {"cinema": value, "name": "Auditorium", "rows": ["A: s"]}
    response = client_of(make_staff()).post("/api/v1/auditoriums/", auditorium)

    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == ["cinema"]


@pytest.mark.parametrize("tickets", [[{"seat": 7}], [{"seat": "A1", "type": 1}]])
@pytest.mark.parametrize("hold", [True, "yes", 1])
def test_seats_types_and_holds_are_what_they_say(tickets, hold):
    show = make_show()
    response = client_of(make_user()).post(
        f"/api/v1/shows/{show.pk}/bookings/", {"tickets": tickets, "hold": hold}
    )

    assert response.status_code == 400
    assert not show.bookings.exists()
