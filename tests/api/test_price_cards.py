"""`price-cards/`: only staff read and write them."""

import pytest

from marquee.catalog.models import Price, PriceCard
from tests.api.catalog_checks import check_broken_bodies, check_only_staff_write, fields_of
from tests.api.openapi_validation import check_response
from tests.factories import (
    client_of,
    make_auditorium,
    make_cinema,
    make_price_card,
    make_show,
    make_staff,
    make_user,
)

pytestmark = pytest.mark.django_db

CARDS = "/api/v1/price-cards/"
LINES = [
    {"category": "premium", "type": "adult", "amount": "15.00", "counter_only": False},
    {"category": "standard", "type": "adult", "amount": "12.50", "counter_only": False},
    {"category": "standard", "type": "child", "amount": "9.00", "counter_only": True},
]


@pytest.fixture
def staff():
    return client_of(make_staff())


def body(cinema, **fields):
    return {
        "cinema": cinema.pk,
        "name": "Evenings",
        "default_type": "adult",
        "prices": LINES,
        "wheelchair_limit": 2,
    } | fields


def line(**fields):
    return {"category": "standard", "type": "adult", "amount": "12.50"} | fields


def line_read(**fields):
    return line(counter_only=False) | fields


def test_staff_add_a_price_card_and_read_what_they_wrote(staff):
    cinema = make_cinema()
    response = staff.post(CARDS, body(cinema))
    assert response.status_code == 201
    card = PriceCard.objects.get()
    assert response.json() == body(cinema, id=card.pk, currency="EUR", version=1)
    assert staff.get(f"{CARDS}{card.pk}/").json() == response.json()
    check_response("price-cards/", "post", response)
    check_response("price-cards/{id}/", "get", staff.get(f"{CARDS}{card.pk}/"))


def test_only_staff_read(staff):
    card = make_price_card()
    for address in (CARDS, f"{CARDS}{card.pk}/"):
        assert client_of().get(address).status_code == 401
        assert client_of(make_user()).get(address).status_code == 403
        assert staff.get(address).status_code == 200


def test_price_cards_are_listed_by_cinema(staff):
    card, other = make_price_card(), make_price_card()
    response = staff.get(CARDS)
    assert {one["id"] for one in response.json()["results"]} == {card.pk, other.pk}
    check_response("price-cards/", "get", response)
    of_cinema = staff.get(CARDS, {"cinema": card.cinema_id}).json()["results"]
    assert [one["id"] for one in of_cinema] == [card.pk]
    assert fields_of(staff.get(CARDS, {"cinema": "9" * 5000})) == ["cinema"]


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_takes_two_queries_beside_those_for_the_caller_and_the_roles(
    staff, django_assert_num_queries, number
):
    cards = [make_price_card() for _ in range(number)]
    with django_assert_num_queries(4):
        assert len(staff.get(CARDS).json()["results"]) == number
    with django_assert_num_queries(4):
        staff.get(f"{CARDS}{cards[0].pk}/")


def test_amounts_have_the_decimals_of_the_currency(staff):
    for currency, amount, response in (
        ("JPY", "1800", "1800"),
        ("KWD", "4.5", "4.500"),
        ("EUR", "9.5", "9.50"),
    ):
        cinema = make_cinema(currency=currency)
        made = staff.post(CARDS, body(cinema, prices=[line(amount=amount)]))
        assert made.json()["prices"] == [line_read(amount=response)]


def test_prices_are_replaced_as_a_whole_and_the_version_rises(staff):
    card = make_price_card()
    address = f"{CARDS}{card.pk}/"
    assert staff.patch(address, {"name": "Other"}).json()["version"] == 1
    changed = staff.patch(address, {"prices": [line()]})
    assert (changed.json()["version"], changed.json()["prices"]) == (2, [line_read()])
    replaced = staff.put(address, body(card.cinema))
    assert (replaced.json()["version"], replaced.json()["prices"]) == (3, LINES)
    check_response("price-cards/{id}/", "put", replaced)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"prices": []}, "prices"),
        ({"prices": {}}, "prices"),
        ({"prices": None}, "prices"),
        ({"prices": [line(amount="12.505")]}, "prices.0.amount"),
        ({"prices": [line(), line(type="child", amount="0.001")]}, "prices.1.amount"),
        ({"prices": [line(amount="-1")]}, "prices.0.amount"),
        ({"prices": [line(amount="NaN")]}, "prices.0.amount"),
        ({"prices": [line(amount="Infinity")]}, "prices.0.amount"),
        ({"prices": [line(amount="1e5000")]}, "prices.0.amount"),
        ({"prices": [line(amount="9" * 5000)]}, "prices.0.amount"),
        ({"prices": [line(amount=99_999_999)]}, "prices.0.amount"),
        ({"prices": [line(amount=None)]}, "prices.0.amount"),
        ({"prices": [line(amount=True)]}, "prices.0.amount"),
        ({"prices": [line(amount={"amount": "1"})]}, "prices.0.amount"),
        ({"prices": [line(category="throne")]}, "prices.0.category"),
        ({"prices": [line(category=["standard"])]}, "prices.0.category"),
        ({"prices": [line(type="granny")]}, "prices.0.type"),
        ({"prices": [line(type="\0")]}, "prices.0.type"),
        ({"prices": [line(price="1")]}, "prices.0.price"),
        ({"prices": [line(counter_only="perhaps")]}, "prices.0.counter_only"),
        ({"prices": [line(counter_only=None)]}, "prices.0.counter_only"),
        ({"prices": [line(counter_only=True)]}, "prices"),
        ({"default_type": "carer", "prices": [line(type="carer")]}, "default_type"),
        ({"wheelchair_limit": -1}, "wheelchair_limit"),
        ({"wheelchair_limit": 101}, "wheelchair_limit"),
        ({"wheelchair_limit": "9" * 4000}, "wheelchair_limit"),
        ({"wheelchair_limit": None}, "wheelchair_limit"),
        ({"wheelchair_limit": []}, "wheelchair_limit"),
        ({"prices": [line(), line()]}, "prices.1"),
        ({"prices": [{"category": "standard", "type": "adult"}]}, "prices.0.amount"),
        ({"prices": [line(), {"amount": "1"}]}, "prices.1.category"),
        ({"prices": [{}]}, "prices.0.category"),
        ({"prices": ["12.50"]}, "prices.0"),
        ({"default_type": "granny"}, "default_type"),
        ({"default_type": "senior"}, "prices"),
        ({"name": ""}, "name"),
        ({"name": "a\0"}, "name"),
        ({"cinema": 999999}, "cinema"),
        ({"version": 9}, "version"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_an_invalid_value_is_a_400_that_names_the_field(staff, wrong, field):
    card = make_price_card()
    before, prices = PriceCard.objects.values().get(), list(Price.objects.values())
    for response in (
        staff.post(CARDS, body(card.cinema) | wrong),
        staff.patch(f"{CARDS}{card.pk}/", wrong),
    ):
        assert fields_of(response)[0].startswith(field)
    assert PriceCard.objects.values().get() == before
    assert list(Price.objects.values()) == prices


def test_optional_fields_left_out_keep_their_values(staff):
    cinema = make_cinema()
    fields = body(cinema, prices=[line(), line(type="child", counter_only=True)])
    del fields["wheelchair_limit"]
    made = staff.post(CARDS, fields).json()
    assert made["wheelchair_limit"] == 1
    assert [one["counter_only"] for one in made["prices"]] == [False, True]
    address = f"{CARDS}{made['id']}/"
    changed = staff.patch(address, {"wheelchair_limit": 0}).json()
    assert (changed["wheelchair_limit"], changed["version"]) == (0, 2)
    assert changed["prices"] == made["prices"]
    assert staff.put(address, fields | {"name": "Other"}).json()["wheelchair_limit"] == 0


def test_yen_have_no_decimals(staff):
    response = staff.post(CARDS, body(make_cinema(currency="JPY"), prices=[line(amount="1800.5")]))
    assert fields_of(response) == ["prices.0.amount"]
    assert response.json()["detail"] == "JPY has 0 decimals."


def test_the_seats_of_upcoming_shows_keep_a_price(staff):
    show = make_show(make_auditorium(rows=["A: sp"]))
    response = staff.patch(f"{CARDS}{show.price_card_id}/", {"prices": [line()]})
    assert fields_of(response) == ["prices"]
    assert response.json()["categories"] == ["premium"]
    check_response("price-cards/{id}/", "patch", response)


def test_only_staff_write():
    card = make_price_card()
    before = PriceCard.objects.values().get()
    check_only_staff_write(CARDS, f"{CARDS}{card.pk}/", body(card.cinema))
    assert PriceCard.objects.values().get() == before


def test_broken_bodies_are_a_400():
    card = make_price_card()
    check_broken_bodies(CARDS, f"{CARDS}{card.pk}/")
    assert PriceCard.objects.get().version == 1


def test_a_card_without_shows_is_removed_and_one_in_use_stays(staff):
    card, used = make_price_card(), make_show().price_card
    assert staff.delete(f"{CARDS}{card.pk}/").status_code == 204
    response = staff.delete(f"{CARDS}{used.pk}/")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    assert list(PriceCard.objects.all()) == [used]
