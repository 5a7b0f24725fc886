"""What is answered from what is at hand is answered as DRF would, and only to whom it may be."""

import pytest
from django.db import OperationalError

from marquee.booking import queries
from tests.world import client_of, make_user

pytestmark = pytest.mark.django_db

API = "/api/v1"
# As browsers ask for pages: more than one may want to see answered without further ado.
UNUSUAL = "text/html, application/xml;q=0.9, */*;q=0.8"


@pytest.fixture
def anyone():
    return client_of()


def told(answer):
    return answer.status_code, answer.content, dict(answer.headers)


@pytest.mark.parametrize(
    "address",
    ["movies/", "shows/", "shows/{}/", "shows/{}/seats/", "shows/{}/availability/",
     "movies/{}/shows/", "shows/9{}/", "shows/9{}/availability/"],
)  # fmt: skip
def test_unusual_words_get_the_same_answer(anyone, show, address):
    address = f"{API}/{address.format(show.movie_id if 'movies/{' in address else show.pk)}"
    made, kept = anyone.get(address), anyone.get(address)
    unusual = anyone.get(address, headers={"Accept": UNUSUAL})
    assert made.status_code == (404 if "/9" in address else 200)
    assert told(made) == told(kept) == told(unusual)


def test_who_takes_no_json_is_told_so_though_there_is_an_answer_at_hand(anyone, show):
    address = f"{API}/shows/{show.pk}/availability/"
    assert anyone.get(address).status_code == 200
    assert anyone.get(address, headers={"Accept": "text/csv"}).status_code == 406


def test_a_database_that_is_away_is_told_of_as_everywhere(anyone, show, monkeypatch):
    def away(*_):
        raise OperationalError("gone")

    monkeypatch.setattr(queries, "availability_since", away)
    answer = anyone.get(f"{API}/shows/{show.pk}/availability/")
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer["Retry-After"] == "1"


def test_what_only_staff_may_read_is_at_hand_for_nobody(anyone, mine):
    address = f"{API}/price-cards/"
    assert client_of(make_user("Staff", is_staff=True)).get(address).status_code == 200
    assert (anyone.get(address).status_code, mine.get(address).status_code) == (401, 403)
