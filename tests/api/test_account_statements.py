"""How many statements each request about an account takes, and the savepoint that a test makes of a transaction."""

import pytest
from django.contrib.contenttypes.models import ContentType
from rest_framework.test import APIClient

from marquee.accounts.models import User
from tests.accounts.people import EMAIL, NEW_PASSWORD, PASSWORD, log_in, make_user

pytestmark = pytest.mark.django_db
SIGN_UP = {"email": EMAIL, "password": PASSWORD, "name": "Alice Liddell"}
LOG_IN = {"email": EMAIL, "password": PASSWORD}


@pytest.fixture
def anonymous_client():
    return APIClient()


@pytest.fixture
def alice():
    return make_user()


@pytest.fixture
def alice_client(alice):
    return APIClient(headers={"Authorization": f"Bearer {log_in().access}"})


def post(client, path, body):
    return client.post(f"/api/v1/{path}", body)


def test_signing_up_takes_seven_statements(anonymous_client, settings, django_assert_num_queries):
    settings.SIGNUP_LIMIT = 9
    with django_assert_num_queries(7 + 2):
        post(anonymous_client, "auth/signup/", SIGN_UP)


def test_logging_in_takes_seven_statements(
    anonymous_client, alice, settings, django_assert_num_queries
):
    settings.LOGIN_LIMIT = 9
    with django_assert_num_queries(7):
        post(anonymous_client, "auth/login/", LOG_IN)


def test_refreshing_takes_four_statements(anonymous_client, alice, django_assert_num_queries):
    token = log_in().refresh
    with django_assert_num_queries(4 + 2):
        post(anonymous_client, "auth/refresh/", {"refresh": token})


def test_logging_out_takes_three_statements(anonymous_client, alice, django_assert_num_queries):
    token = log_in().refresh
    with django_assert_num_queries(3 + 2):
        post(anonymous_client, "auth/logout/", {"refresh": token})


def test_reading_the_profile_takes_one_statement(alice_client, django_assert_num_queries):
    with django_assert_num_queries(1):
        alice_client.get("/api/v1/me/")


def test_changing_the_profile_takes_two_statements(alice_client, django_assert_num_queries):
    with django_assert_num_queries(2 + 2):
        alice_client.patch("/api/v1/me/", {"name": "Alice"})


def test_changing_the_password_takes_nine_statements(
    alice_client, settings, django_assert_num_queries
):
    settings.LOGIN_LIMIT = 9
    with django_assert_num_queries(9 + 2):
        post(alice_client, "me/password/", {"old_password": PASSWORD, "new_password": NEW_PASSWORD})


def test_deleting_an_account_without_bookings_takes_eighteen_statements(
    alice_client, django_assert_num_queries
):
    ContentType.objects.get_for_model(User)  # Django keeps it for the life of the process
    with django_assert_num_queries(18 + 2 + 2):  # two transactions, one in the other
        post(alice_client, "me/delete/", {"password": PASSWORD})
