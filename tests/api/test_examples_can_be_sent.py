"""Every request example of the OpenAPI schema can be sent as it stands, to a server with the demo."""

import re
from datetime import datetime

import pytest
from django.core.management import call_command
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from marquee.accounts.models import User
from marquee.api.docs.accounts import EMAIL, PASSWORD
from marquee.catalog.models import Auditorium, Format, Movie, PriceCard
from marquee.catalog.operations import add_show
from tests.factories import book_seats, client_of, make_staff

pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)
# What an example may be answered with instead of 2xx: no example can have a token that is valid, or
# the password of an account, and seats and prices of the demo are as they are.
REFUSALS = {
    "POST auth/login/": {"bad_credentials"},
    "POST auth/refresh/": {"bad_credentials"},
    "POST auth/logout/": {"bad_credentials"},
    "POST auth/verify-email/": {"bad_link"},
    "POST auth/password-reset/confirm/": {"bad_link"},
    "POST auth/change-email/confirm/": {"bad_link"},
    "PATCH movies/{id}/": {"show_overlaps"},
    "PATCH shows/{id}/": {"confirm_bookings"},
    "POST formats/": {"name_taken"},
    "POST auth/delete/confirm/": {"bad_link"},
    "POST me/delete/": {"upcoming_bookings"},
    "POST bookings/{reference}/confirm/": {"price_changed"},
    "POST bookings/{reference}/exchange/": {"exchange_costs_more", "seats_taken"},
    "POST shows/{show_id}/bookings/": {"price_changed", "seats_taken"},
    "POST shows/{show_id}/block/": {"seats_taken"},
}
# Rows of the demo.
IDS = {"movies": 3, "cinemas": 1, "auditoriums": 2, "price-cards": 2}


def examples():
    """Yield each operation, its path, and the value of each of its request examples."""
    for path, item in sorted(SchemaGenerator().get_schema(public=True)["paths"].items()):
        for method, operation in sorted(item.items()):
            for media in operation.get("requestBody", {}).get("content", {}).values():
                for example in media.get("examples", {}).values():
                    yield f"{method.upper()} {path.removeprefix('/api/v1/')}", operation, example


@pytest.fixture
def demo():
    call_command("load_demo", days=3, verbosity=0)


def path_of(name, show, booking):
    """Return the path of an operation, with the ids of rows that are there."""
    resource = name.split()[1].split("/")[0]
    ids = IDS | {"shows": show.pk, "formats": Format.objects.get(code="35mm").pk}
    path = re.sub(r"\{(id|show_id)\}", str(ids.get(resource, 0)), name.split()[1])
    return f"/api/v1/{path.replace('{reference}', booking.reference if booking else '')}"


def send(name, value, show):
    """Send an example, and roll back what it does; return the response."""
    with transaction.atomic():
        user = User.objects.filter(email=EMAIL).first()
        if user is None and "signup" not in name:
            user = User.objects.create_user(EMAIL, PASSWORD, name="Alice")
        staff = make_staff(is_superuser=True)
        customers = name.split()[1].startswith(("me/", "auth/")) or name.endswith("/bookings/")
        is_own = "{reference}" in name
        hold = "confirm" in name
        booking = book_seats(user, show, "C7", "C8", hold=hold) if is_own and user else None
        client = client_of(user if customers or is_own else staff)
        url = path_of(name, show, booking)
        response = getattr(client, name.split()[0].lower())(url, value, format="json")
        transaction.set_rollback(True)
    return response


def test_every_request_example_is_accepted_or_refused_as_the_schema_says(demo):
    show = add_show(
        movie=Movie.objects.get(pk=3),
        auditorium=Auditorium.objects.get(pk=2),
        price_card=PriceCard.objects.get(pk=2),
        starts_at=datetime(2031, 12, 1, 20),  # noqa: DTZ001 (local)
    )
    sent, wrong = 0, []
    for name, operation, example in examples():
        response = send(name, example["value"], show)
        sent += 1
        if 200 <= response.status_code < 300:
            continue
        code = response.json()["code"]
        documented = operation["responses"][str(response.status_code)]["content"]
        assert code in documented["application/problem+json"]["examples"], (name, response.content)
        if code not in REFUSALS.get(name, ()):
            wrong.append((name, example["value"], response.json()))
    assert not wrong, wrong
    assert sent > 25
