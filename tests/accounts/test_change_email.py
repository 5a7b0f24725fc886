import pytest

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials, BadLink
from marquee.accounts.models import AccountEvent, AccountLink, AddressKey, User, address_key
from marquee.accounts.states import LinkPurpose
from marquee.core.text import search_text
from tests.accounts.people import (
    CLIENT,
    EMAIL,
    PASSWORD,
    ask_for_address,
    history,
    log_in,
    make_token,
    make_user,
)
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db
NEW_EMAIL = "liddell@example.com"


def confirm(user):
    token = make_token(user, LinkPurpose.CHANGE_EMAIL)
    return operations.confirm_email_change(token=token)


def test_the_new_address_is_the_login_once_its_link_was_used(alice):
    ask_for_address(alice, NEW_EMAIL)
    confirm(alice)
    assert log_in(NEW_EMAIL)
    with pytest.raises(BadCredentials):
        log_in(EMAIL)
    user = User.objects.get()
    assert (user.email, user.email_key, user.pending_email) == (NEW_EMAIL, NEW_EMAIL, "")
    assert user.is_email_verified
    assert user.search_text == search_text("Alice Liddell", NEW_EMAIL)


def test_the_event_has_the_old_address_so_that_mail_can_tell_it(alice):
    ask_for_address(alice, NEW_EMAIL)
    confirm(alice)
    assert history(alice) == [("new_email", NEW_EMAIL), ("email", EMAIL)]


def test_a_confirmed_change_logs_nobody_out(alice):
    pair = log_in()
    ask_for_address(alice, NEW_EMAIL)
    confirm(alice)
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_limits_know_the_new_address_only_once_it_is_confirmed(alice):
    ask_for_address(alice, NEW_EMAIL)
    keys = AddressKey.objects.filter(key=address_key(NEW_EMAIL))
    assert not keys.exists()
    confirm(alice)
    assert keys.get().user == alice


@pytest.mark.parametrize("spelling", ["x@bücher.example", "x@xn--bcher-kva.example"])
def test_an_address_that_was_taken_meanwhile_is_refused(alice, spelling):
    ask_for_address(alice, "x@bücher.example")
    make_user(spelling)
    with pytest.raises(BadLink) as refusal:
        confirm(alice)
    assert refusal.value.facts == {"reason": "taken"}
    alice.refresh_from_db()
    assert (alice.email, alice.pending_email) == (EMAIL, "x@bücher.example")
    assert AccountLink.objects.get().spent_at is None


def test_another_spelling_of_ones_own_mailbox_is_confirmed_too(alice):
    ask_for_address(alice, '"alice"@example.com')
    assert confirm(alice).email == '"alice"@example.com'
    assert log_in(EMAIL)


def test_staff_change_an_address_which_is_then_unverified(alice):
    ask_for_address(alice, NEW_EMAIL)
    operations.verify_email(token=make_token(alice, LinkPurpose.VERIFY))
    staff = make_superuser()
    operations.change_account(actor=staff, user=alice, changes={"email": "al@example.com"})
    user = User.objects.get(pk=alice.pk)
    assert (user.email, user.pending_email) == ("al@example.com", "")
    assert not user.is_email_verified
    assert history(alice)[-2:] == [("email", EMAIL), ("verify", "al@example.com")]
    last = AccountEvent.objects.last()
    assert (last.by, last.actor) == ("staff", staff)
    assert log_in("al@example.com", PASSWORD)


def test_other_changes_by_staff_leave_the_address_verified(alice):
    operations.verify_email(token=make_token(alice, LinkPurpose.VERIFY))
    changes = {"name": "Al", "email": EMAIL.upper()}
    operations.change_account(actor=make_superuser(), user=alice, changes=changes)
    assert User.objects.get(pk=alice.pk).is_email_verified
    assert history(alice) == [("verified", EMAIL)]
