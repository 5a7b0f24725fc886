"""A mailbox has one account, however its address is spelled; a password is the same however it is typed."""

import unicodedata

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from marquee.accounts import operations
from marquee.accounts.admin import UserCreationForm
from marquee.accounts.errors import BadCredentials, BadLink, EmailTaken, TooManyAttempts
from marquee.accounts.models import AddressKey, User
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import CLIENT, NEW_PASSWORD, PASSWORD, log_in, make_user
from tests.factories import make_superuser

pytestmark = pytest.mark.django_db

HOME = "alice@bücher.example"
SPELLINGS = [
    "alice@bu\u0308cher.example",
    " ALICE@BÜCHER.example ",
    "alice@xn--bcher-kva.example",
    '"alice"@bücher.example',
]
COMPOSED = "grüße aus köln"
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)


def sign_up(email):
    return operations.sign_up(email=email, password=PASSWORD, name="Alice", networks=[CLIENT])


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_spelling_of_a_mailbox_signs_up_no_second_time_and_logs_in(spelling):
    user, _ = sign_up(HOME)
    with pytest.raises(EmailTaken):
        sign_up(spelling)
    assert User.objects.find_by_email(spelling) == user
    assert log_in(spelling)


@pytest.mark.parametrize("other", ["al.ice@bücher.example", "alice+x@bücher.example"])
def test_dots_and_tags_make_other_mailboxes(other):
    assert sign_up(HOME)[0].pk != sign_up(other)[0].pk


def change_email(user, email):
    operations.change_profile(user=user, networks=[CLIENT], email=email, password=PASSWORD)
    user.refresh_from_db()
    purpose, pending = LinkPurpose.CHANGE_EMAIL, user.pending_email
    token = operations.make_link(user=user, purpose=purpose, email=pending)
    operations.confirm_email_change(token=token)


def test_an_account_cannot_change_to_another_spelling_of_a_taken_mailbox(settings):
    make_user(HOME)
    bob = make_user("bob@example.com")
    with pytest.raises(BadLink) as refusal:
        change_email(bob, SPELLINGS[2])
    assert refusal.value.facts == {"reason": "taken"}
    change_email(bob, "Rob@Example.com")
    assert User.objects.find_by_email("rob@EXAMPLE.com") == bob
    assert User.objects.find_by_email("bob@example.com") is None


def test_staff_cannot_give_an_account_a_taken_mailbox():
    make_user(HOME)
    bob, staff = make_user("bob@example.com"), make_superuser()
    with pytest.raises(EmailTaken):
        operations.change_account(actor=staff, user=bob, changes={"email": SPELLINGS[2]})
    form = UserCreationForm({"email": SPELLINGS[2], "name": "A", "usable_password": "false"})
    assert "already" in str(form.errors["email"])
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", interactive=False, email=SPELLINGS[2], name="A")


def test_all_spellings_share_a_limit(settings):
    settings.LOGIN_LIMIT = 2
    for spelling in (HOME, SPELLINGS[2]):
        with pytest.raises(BadCredentials):
            log_in(spelling, "wrong")
    with pytest.raises(TooManyAttempts):
        log_in(SPELLINGS[0], "wrong")


def test_accounts_from_before_log_in_by_their_exact_spelling_and_are_listed(capsys):
    keeper = make_user(HOME)
    old = make_user("other@example.com", NEW_PASSWORD)
    User.objects.filter(pk=old.pk).update(email=SPELLINGS[2], email_key=None)
    assert User.objects.find_by_email(HOME) == keeper
    assert User.objects.find_by_email("ALICE@xn--bcher-kva.example") == old
    assert log_in(SPELLINGS[2], NEW_PASSWORD)
    old.refresh_from_db()
    old.name = "Still Alice"
    old.save()
    assert User.objects.get(pk=old.pk).email_key is None
    with pytest.raises(EmailTaken):
        sign_up(SPELLINGS[2])
    call_command("list_duplicate_accounts")
    said = capsys.readouterr().out
    assert f"account {old.pk} ({SPELLINGS[2]}): the mailbox is of account {keeper.pk}" in said
    assert "1 found." in said


def test_a_closed_account_gives_its_mailbox_up_and_is_not_listed(capsys):
    user = make_user(HOME)
    operations.delete_account(user=user)
    assert User.objects.get(pk=user.pk).email_key is None
    assert sign_up(SPELLINGS[2])
    call_command("list_duplicate_accounts")
    assert "Every mailbox has one account." in capsys.readouterr().out


def test_all_spellings_have_one_address_key():
    for email in (HOME, "bob@example.com"):
        make_user(email)
    keys = AddressKey.objects.values_list("key", flat=True)
    assert len(set(keys)) == 2


@pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, DECOMPOSED), (DECOMPOSED, COMPOSED)])
def test_a_password_is_the_same_however_the_keyboard_composes_it(chosen, typed):
    user, _ = operations.sign_up(email=HOME, password=chosen, name="A", networks=[CLIENT])
    assert log_in(HOME, typed)
    assert log_in(HOME, chosen)
    assert authenticate(request=None, username=HOME, password=typed) == user
    operations.change_password(user=user, old=typed, new=f"{typed} 2", networks=[CLIENT])
    assert log_in(HOME, f"{chosen} 2")
    with pytest.raises(BadCredentials):
        log_in(HOME, f"{chosen} 2".upper())


def test_no_break_spaces_are_spaces():
    make_user(HOME, "correct\u00a0horse battery")
    assert log_in(HOME, "correct horse\u2003battery")


def test_a_password_hashed_as_it_was_typed_still_logs_in_and_is_hashed_anew():
    user = make_user(HOME)
    User.objects.filter(pk=user.pk).update(password=make_password(DECOMPOSED))
    with pytest.raises(BadCredentials):
        log_in(HOME, COMPOSED)
    assert log_in(HOME, DECOMPOSED)
    assert log_in(HOME, COMPOSED)
    assert User.objects.get(pk=user.pk).token_epoch == user.token_epoch


@pytest.mark.parametrize("name", ["\u200b", "A\u202eB", "A\x07B", "A\nB"])
def test_a_name_that_nobody_can_read_is_refused(name):
    user = User(email=HOME, name=name, password="x")
    with pytest.raises(ValidationError) as refusal:
        user.full_clean()
    assert list(refusal.value.error_dict) == ["name"]
