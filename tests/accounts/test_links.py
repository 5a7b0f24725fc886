from datetime import timedelta

import pytest

from marquee.accounts.models import AccountLink
from marquee.accounts.operations import make_link
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import EMAIL

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("purpose", "lifetime"),
    [
        (LinkPurpose.VERIFY, timedelta(days=3)),
        (LinkPurpose.RESET, timedelta(hours=1)),
        (LinkPurpose.CHANGE_EMAIL, timedelta(days=1)),
        (LinkPurpose.CLOSE, timedelta(days=1)),
    ],
)
def test_a_link_lives_as_long_as_its_purpose_says(alice, purpose, lifetime):
    make_link(user=alice, purpose=purpose, email=EMAIL)
    link = AccountLink.objects.get()
    assert link.expires_at - link.created_at == lifetime


def test_only_the_hash_of_a_token_is_stored(alice):
    token = make_link(user=alice, purpose=LinkPurpose.RESET, email=EMAIL)
    stored = AccountLink.objects.values_list().get()
    assert len(token) == 43
    assert not any(token in str(value) for value in stored)
