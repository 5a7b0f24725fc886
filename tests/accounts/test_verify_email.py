import pytest

from marquee.accounts import operations
from marquee.accounts.errors import TooManyAttempts
from marquee.accounts.models import User
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import CLIENT, EMAIL, history, log_in, make_token, make_user

pytestmark = pytest.mark.django_db


def verify(user):
    return operations.verify_email(token=make_token(user, LinkPurpose.VERIFY))


def ask(user, networks=(CLIENT,)):
    operations.ask_for_verification(user=user, networks=networks)


def asked(user):
    return history(user).count(("verify", user.address))


def test_a_link_from_the_mail_verifies_the_address(alice):
    assert not alice.is_email_verified
    assert verify(alice).is_email_verified
    assert User.objects.get().is_email_verified
    assert history(alice) == [("verified", EMAIL)]


def test_verifying_logs_nobody_out(alice):
    pair = log_in()
    verify(alice)
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_a_guest_verifies_its_address_too():
    guest = User.objects.create(email=None, contact_email=EMAIL, name="G")
    assert verify(guest).is_email_verified
    assert history(guest) == [("verified", EMAIL)]


def test_a_mail_can_be_asked_for_again(alice):
    ask(alice)
    assert history(alice) == [("verify", EMAIL)]


def test_a_verified_address_gets_no_mail(alice):
    ask(verify(alice))
    assert asked(alice) == 0


def test_mails_are_limited_by_account(alice, settings):
    settings.VERIFY_LIMIT = 2
    for _ in range(2):
        ask(alice)
    with pytest.raises(TooManyAttempts) as refusal:
        ask(alice, ["192.0.2.9"])
    assert 3500 < refusal.value.facts["retry_after"] <= 3600
    assert asked(alice) == 2


def test_mails_are_limited_by_address(settings):
    settings.VERIFY_LIMIT = 1
    guests = [
        User.objects.create(email=None, contact_email=spelling, name="G")
        for spelling in (EMAIL, EMAIL.upper())
    ]
    ask(guests[0])
    with pytest.raises(TooManyAttempts):
        ask(guests[1], ["192.0.2.9"])


def test_mails_are_limited_by_client(settings):
    settings.VERIFY_LIMIT = 1
    users = [make_user(f"{number}@example.com") for number in range(5)]
    for user in users[:4]:
        ask(user)
    with pytest.raises(TooManyAttempts):
        ask(users[4])
