"""Ticket types: their restrictions are data, which the database guards."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from marquee.catalog.errors import RemovedMeanwhile
from marquee.catalog.models import PriceCard, TicketType
from marquee.catalog.operations import add_ticket_type, change_ticket_type, delete
from marquee.catalog.queries import Terms, get_prices
from marquee.core.errors import BadInput
from tests.factories import CARER_PRICES, make_price_card

pytestmark = pytest.mark.django_db

CARER = ("standard", "carer")


def find(code):
    return TicketType.objects.get(code=code)


def test_a_carer_needs_a_wheelchair_space_and_the_other_usual_types_need_nothing():
    restricted = [type_.code for type_ in TicketType.objects.all() if type_.is_restricted]
    assert restricted == ["carer"]
    assert find("carer").needs_kind == "wheelchair"


def test_a_changed_type_raises_the_version_of_its_cards():
    card, other = make_price_card(prices=CARER_PRICES), make_price_card()
    assert get_prices(card.pk, 1).terms == {CARER: Terms(needs_kind="wheelchair")}
    change_ticket_type(
        ticket_type=find("carer"), needs_kind="", needs_type=find("child"), counter_only=True
    )
    card.refresh_from_db()
    other.refresh_from_db()
    assert (card.version, other.version) == (2, 1)
    assert get_prices(card.pk, 2).terms == {CARER: Terms(counter_only=True, needs_type="child")}


def test_the_default_type_of_a_card_stays_one_that_customers_can_book():
    card = make_price_card(name="Evenings")
    for change in (
        {"counter_only": True},
        {"needs_kind": "wheelchair"},
        {"needs_type": find("child")},
    ):
        with pytest.raises(BadInput, match="default type of Evenings"):
            change_ticket_type(ticket_type=find("adult"), **change)
    card.refresh_from_db()
    assert card.version == 1
    assert not find("adult").is_restricted


def test_a_type_needs_one_thing_and_not_itself():
    child = find("child")
    for wrong in (
        {"needs_kind": "wheelchair", "needs_type": find("adult")},
        {"needs_kind": "standard"},
        {"needs_type": child},
    ):
        with pytest.raises(BadInput):
            change_ticket_type(ticket_type=child, **wrong)
        with pytest.raises(IntegrityError), transaction.atomic():
            TicketType.objects.filter(code="child").update(**wrong)
    assert not find("child").is_restricted


def test_a_type_is_added_and_stays_while_another_needs_it():
    usher = add_ticket_type(code="usher", name="Usher", position=9)
    guest = add_ticket_type(code="guest", name="Guest", needs_type=usher)
    assert guest.is_restricted
    with pytest.raises(ProtectedError):
        delete(row=usher)
    delete(row=guest)
    delete(row=usher)
    with pytest.raises(RemovedMeanwhile):
        add_ticket_type(code="guest", name="Guest", needs_type=TicketType(code="usher"))
    assert not TicketType.objects.filter(code="guest").exists()


def test_the_migration_restricts_carers_and_raises_the_version_of_their_cards():
    migration = import_module("marquee.catalog.migrations.0004_restricted_tickets")
    TicketType.objects.filter(code="carer").update(needs_kind="")
    card, other = make_price_card(prices=CARER_PRICES), make_price_card()
    migration.restrict_carers(apps, None)
    assert find("carer").needs_kind == "wheelchair"
    assert PriceCard.objects.get(pk=card.pk).version == 2
    assert PriceCard.objects.get(pk=other.pk).version == 1


def test_the_migration_does_not_restrict_carers_where_they_are_the_default_type():
    migration = import_module("marquee.catalog.migrations.0004_restricted_tickets")
    TicketType.objects.filter(code="carer").update(needs_kind="")
    make_price_card(prices={CARER: "5"}, default_type="carer")
    migration.restrict_carers(apps, None)
    assert not find("carer").is_restricted
