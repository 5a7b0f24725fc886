"""Links in mails: made for one purpose and one address, used once, in time, by whoever reads the mail."""

from datetime import timedelta

import pytest

from marquee.accounts import operations, rules
from marquee.accounts.errors import BadLink
from marquee.accounts.models import AccountEvent, AccountLink, User
from marquee.accounts.states import LinkPurpose
from tests.accounts.people import (
    EMAIL,
    NEW_PASSWORD,
    PASSWORD,
    ask_for_address,
    expire_links,
    log_in,
    make_token,
    make_user,
)

pytestmark = pytest.mark.django_db
NEW_EMAIL = "liddell@example.com"
VERIFY, RESET, CHANGE_EMAIL = LinkPurpose.VERIFY, LinkPurpose.RESET, LinkPurpose.CHANGE_EMAIL
PURPOSES = [VERIFY, RESET, CHANGE_EMAIL]


@pytest.fixture
def asking(alice):
    """Return an account that could use a link of each purpose."""
    return ask_for_address(alice, NEW_EMAIL)


def use(token, purpose):
    if purpose == VERIFY:
        return operations.verify_email(token=token)
    if purpose == RESET:
        return operations.reset_password(token=token, password=NEW_PASSWORD)
    return operations.confirm_email_change(token=token)


def state():
    """Return all that a link could change."""
    users = User.objects.order_by("pk").values_list(
        "email", "email_verified_at", "pending_email", "password", "token_epoch", "is_active"
    )
    return list(users), AccountEvent.objects.count(), spent()


def spent():
    return AccountLink.objects.exclude(spent_at=None).count()


def assert_bad(reason, token, purpose):
    """Assert that a link is refused for this reason, says what to do, and changes nothing."""
    before = state()
    with pytest.raises(BadLink) as refusal:
        use(token, purpose)
    assert refusal.value.facts == {"reason": reason}
    assert refusal.value.field == "token"
    if reason != "taken":
        assert refusal.value.detail.endswith(rules.LINK_ADVICE[purpose])
    assert state() == before


@pytest.mark.parametrize(
    ("purpose", "lifetime"),
    [
        (VERIFY, timedelta(days=3)),
        (RESET, timedelta(hours=1)),
        (CHANGE_EMAIL, timedelta(days=1)),
        (LinkPurpose.CLOSE, timedelta(days=1)),
    ],
)
def test_a_link_lives_as_long_as_its_purpose_says(alice, purpose, lifetime):
    operations.make_link(user=alice, purpose=purpose, email=EMAIL)
    link = AccountLink.objects.get()
    assert link.expires_at - link.created_at == lifetime


def test_only_the_hash_of_a_token_is_stored(alice):
    token = make_token(alice, RESET)
    stored = AccountLink.objects.values_list().get()
    assert len(token) == 43
    assert not any(token in str(value) for value in stored)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_works_once(asking, purpose):
    token = make_token(asking, purpose)
    assert use(token, purpose) == asking
    assert_bad("used", token, purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_that_is_too_late_says_since_when(asking, purpose):
    token = make_token(asking, purpose)
    expire_links()
    assert_bad("expired", token, purpose)
    with pytest.raises(BadLink, match=r"expired at 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\."):
        use(token, purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize(
    "change",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: token.swapcase(),
        lambda token: "x" * 43,
        lambda token: "\ud800",
        lambda token: "token\r\nBcc: mallory@example.com",
    ],
    ids=["cut off", "longer", "other case", "made up", "surrogate", "line break"],
)
def test_a_link_that_is_cut_off_or_made_up_is_no_link(asking, purpose, change):
    assert_bad("unknown", change(make_token(asking, purpose)), purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("other", [*PURPOSES, LinkPurpose.CLOSE])
def test_a_link_does_only_what_it_was_made_for(asking, purpose, other):
    if purpose != other:
        assert_bad("unknown", make_token(asking, other, EMAIL), purpose)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_link_of_a_deactivated_account_does_nothing(asking, purpose):
    token = make_token(asking, purpose)
    User.objects.update(is_active=False)
    assert_bad("outdated", token, purpose)


@pytest.mark.parametrize("purpose", [VERIFY, RESET])
def test_a_link_does_nothing_once_its_address_is_the_accounts_no_more(asking, purpose):
    token = make_token(asking, purpose)
    use(make_token(asking, CHANGE_EMAIL), CHANGE_EMAIL)
    assert_bad("outdated", token, purpose)


def test_a_link_to_verify_does_nothing_once_another_one_did(alice):
    token = make_token(alice, VERIFY)
    use(make_token(alice, VERIFY), VERIFY)
    assert_bad("outdated", token, VERIFY)


@pytest.mark.parametrize("how", ["by its owner", "by a link", "by staff or a shell", "to none"])
def test_a_new_password_ends_links_to_set_one(alice, how):
    token = make_token(alice, RESET)
    if how == "by its owner":
        operations.change_password(user=alice, old=PASSWORD, new=NEW_PASSWORD, networks=["x"])
    elif how == "by a link":
        use(make_token(alice, RESET), RESET)
    elif how == "to none":
        operations.remove_password(user=alice)
    else:
        alice.set_password(NEW_PASSWORD)
        alice.save()
    assert_bad("outdated", token, RESET)


@pytest.mark.parametrize(
    "how", ["by its owner", "by a link", "by staff or a shell", "to none", "deactivated"]
)
def test_a_new_password_drops_a_change_of_address(asking, how):
    token = make_token(asking, CHANGE_EMAIL)
    asking.refresh_from_db()
    if how == "by its owner":
        operations.change_password(user=asking, old=PASSWORD, new=NEW_PASSWORD, networks=["x"])
    elif how == "by a link":
        use(make_token(asking, RESET), RESET)
    elif how == "to none":
        operations.remove_password(user=asking)
    elif how == "deactivated":
        asking.is_active = False
        asking.save(update_fields=["is_active"])
        User.objects.update(is_active=True)
    else:
        asking.set_password(NEW_PASSWORD)
        asking.save()
    assert User.objects.get().pending_email == ""
    assert_bad("outdated", token, CHANGE_EMAIL)


def test_asking_for_a_third_address_ends_the_link_for_the_second(asking):
    token = make_token(asking, CHANGE_EMAIL)
    ask_for_address(asking, "third@example.com")
    assert_bad("outdated", token, CHANGE_EMAIL)


def test_a_link_of_a_closed_account_does_nothing(asking):
    tokens = {purpose: make_token(asking, purpose) for purpose in PURPOSES}
    operations.delete_account(user=asking)
    for purpose, token in tokens.items():
        before = state()
        with pytest.raises(BadLink):
            use(token, purpose)
        assert state() == before


def test_reading_a_link_spends_nothing(alice):
    token = make_token(alice, RESET)
    for _ in range(3):
        assert operations.read_link(token=token, purpose=RESET) == alice
    assert spent() == 0
    assert use(token, RESET)
    with pytest.raises(BadLink):
        operations.read_link(token=token, purpose=RESET)


def test_links_are_deleted_a_month_after_they_expired(alice):
    old, new = make_token(alice, VERIFY), make_token(alice, VERIFY)
    month_ago = timedelta(days=30, minutes=1)
    old_link = AccountLink.objects.get(digest=operations.links.digest_of(old))
    AccountLink.objects.filter(pk=old_link.pk).update(expires_at=old_link.created_at - month_ago)
    assert operations.delete_expired_links() == 1
    assert use(new, VERIFY)


def test_a_link_logs_nobody_in(alice):
    use(make_token(alice, VERIFY), VERIFY)
    assert not alice.refresh_tokens.exists()
    make_user("bob@example.com")
    assert log_in()
