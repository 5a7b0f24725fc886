import pytest

from marquee.accounts import operations
from marquee.accounts.errors import EmailTaken, TooManyAttempts, WeakPassword
from marquee.accounts.models import AccountEvent, RefreshToken, User
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, log_in

pytestmark = pytest.mark.django_db


def sign_up(email=EMAIL, password=PASSWORD, name="Alice Liddell"):
    return operations.sign_up(email=email, password=password, name=name, networks=[CLIENT])


def test_who_signed_up_can_log_in_whatever_the_case_of_the_address():
    user, _ = sign_up(email="Alice@Example.com")
    assert log_in("aLICE@eXAMPLE.COM")
    assert (user.email, user.name, user.is_staff) == (EMAIL, "Alice Liddell", False)


def test_signing_up_logs_in():
    _, pair = sign_up()
    assert operations.refresh(token=pair.refresh, networks=[CLIENT])


def test_the_password_is_stored_as_argon2id(production_hasher):
    user, _ = sign_up()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("again", [EMAIL, "ALICE@example.COM", f" {EMAIL} "])
def test_an_address_is_taken_whatever_its_case(again):
    sign_up()
    with pytest.raises(EmailTaken) as refusal:
        sign_up(email=again, name="Mallory")
    assert refusal.value.field == "email"
    assert [user.name for user in User.objects.all()] == ["Alice Liddell"]
    assert RefreshToken.objects.count() == 1


@pytest.mark.parametrize(
    "password",
    ["short", "password123", "8274619305", "alice@example.co", "AliceLiddell"],
    ids=["too short", "too common", "only digits", "like the address", "like the name"],
)
def test_a_weak_password_is_refused_and_nothing_is_made(password):
    with pytest.raises(WeakPassword) as refusal:
        sign_up(password=password)
    assert refusal.value.field == "password"
    assert not User.objects.exists()


def test_signing_up_is_the_first_event_of_the_history():
    user, _ = sign_up()
    event = AccountEvent.objects.get()
    assert (event.user, event.kind, event.email) == (user, AccountEvent.Kind.SIGNED_UP, EMAIL)
    assert (event.by, event.actor) == ("customer", user)


def test_a_refused_sign_up_leaves_no_event():
    sign_up()
    with pytest.raises(EmailTaken):
        sign_up(name="Mallory")
    assert AccountEvent.objects.count() == 1


def test_an_address_gets_no_mail_after_mail_by_signing_up_and_deleting(settings):
    settings.VERIFY_LIMIT = 2
    for spelling in (EMAIL, EMAIL.upper()):
        operations.delete_account(user=sign_up(email=spelling)[0])
    with pytest.raises(TooManyAttempts):
        sign_up()
    assert sign_up(email="liddell@example.com")
