from threading import Barrier

import pytest
from django.db import IntegrityError

from marquee.accounts import operations
from marquee.accounts.errors import EmailTaken
from marquee.accounts.models import RefreshToken, User
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, make_user
from tests.races.concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RACERS = 5  # as many sign-ups an hour as one address has (VERIFY_LIMIT)


def test_of_parallel_sign_ups_with_one_address_one_wins():
    results = at_once(
        RACERS,
        lambda: operations.sign_up(email=EMAIL, password=PASSWORD, name="Alice", networks=[CLIENT]),
    )
    assert sum(isinstance(result, EmailTaken) for result in results) == RACERS - 1
    assert (User.objects.count(), RefreshToken.objects.count()) == (1, 1)


def test_with_a_look_before_and_no_eye_on_the_unique_key_it_would_be_a_500():
    between = Barrier(RACERS, timeout=30)

    def look_then_sign_up():
        if User.objects.filter(email=EMAIL).exists():
            raise EmailTaken("Taken.", field="email")
        between.wait()
        return make_user()

    results = at_once(RACERS, look_then_sign_up)
    assert sum(isinstance(result, IntegrityError) for result in results) == RACERS - 1
