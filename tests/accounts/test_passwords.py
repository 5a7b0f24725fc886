"""Which passwords are refused: by every door alike, and a long one before anything is hashed."""

from io import StringIO
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from marquee.accounts import operations
from marquee.accounts.errors import BadCredentials, WeakPassword
from marquee.accounts.hashers import Argon2
from marquee.accounts.models import User
from tests.accounts.people import CLIENT, EMAIL, PASSWORD, log_in, make_user
from tests.factories import client_of

pytestmark = pytest.mark.django_db
BOSS = "boss@example.com"
LONG = "correct horse " * 72  # 1,008 characters
LONGEST = LONG[:1000]
TOO_LONG = "at most 1,000 characters"
# In Django's list: iloveyou2, password1. In other forms, which people take for the same.
COMMON = ["Password1", "PASSWORD1", "ｐａｓｓｗｏｒｄ１", "pass\u200bword1", "password1\u00a0"]


@pytest.fixture
def staff(db):
    return make_user(is_staff=True, is_superuser=True)


@pytest.fixture
def no_hash():
    """Fail if anything is hashed."""
    with (
        patch.object(Argon2, "verify", side_effect=AssertionError("hashed")),
        patch.object(Argon2, "encode", side_effect=AssertionError("hashed")),
    ):
        yield


def stored():
    return list(User.objects.exclude(email=BOSS).values_list("pk", "password"))


def browser_of(user):
    browser = Client()
    browser.force_login(user)
    return browser


def sign_up(new, user):
    body = {"email": "new@example.com", "password": new, "name": "Bob"}
    return client_of().post("/api/v1/auth/signup/", body)


def change(new, user):
    body = {"old_password": PASSWORD, "new_password": new}
    return client_of(user).post("/api/v1/me/password/", body)


def change_in_the_admin(new, user):
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    return browser_of(user).post(reverse("admin:password_change"), form)


def set_in_the_admin(new, user):
    """Set it as another administrator: nobody sets their own there."""
    boss = User.objects.create_superuser(BOSS, PASSWORD, name="Boss")
    form = {"password1": new, "password2": new, "usable_password": "true"}
    return browser_of(boss).post(reverse("admin:auth_user_password_change", args=[user.pk]), form)


def add_in_the_admin(new, user):
    form = {"email": "new@example.com", "name": "Bob", "usable_password": "true"}
    form |= {"password1": new, "password2": new}
    return browser_of(user).post(reverse("admin:accounts_user_add"), form)


DOORS = [sign_up, change, change_in_the_admin, set_in_the_admin, add_in_the_admin]


@pytest.mark.parametrize("new", COMMON)
@pytest.mark.parametrize("door", DOORS)
def test_a_common_password_is_refused_in_any_form_at_every_door(staff, door, new):
    before = stored()
    response = door(new, staff)
    assert response.status_code in {200, 400}
    assert "too common" in response.content.decode()
    assert stored() == before


@pytest.mark.parametrize("door", DOORS)
def test_a_password_that_is_too_long_is_refused_at_every_door(staff, door):
    before = stored()
    response = door(LONG, staff)
    assert response.status_code in {200, 400}
    assert "1,000 characters" in response.content.decode().replace("1000", "1,000")
    assert stored() == before


@pytest.mark.parametrize("door", DOORS)
def test_the_longest_password_is_accepted_at_every_door(staff, door):
    assert door(LONGEST, staff).status_code in {200, 201, 302}
    email = EMAIL if door in {change, change_in_the_admin, set_in_the_admin} else "new@example.com"
    assert log_in(email, LONGEST)


def test_a_password_that_is_too_long_logs_nobody_in_and_is_not_hashed(staff, no_hash):
    assert not staff.check_password(LONG)
    with pytest.raises(BadCredentials):
        log_in(password=LONG)
    with pytest.raises(BadCredentials):
        log_in("nobody@example.com", LONG)
    body = {"email": EMAIL, "password": LONG}
    assert client_of().post("/api/v1/auth/login/", body).status_code == 400
    form = {"username": EMAIL, "password": LONG}
    page = Client().post(reverse("admin:login"), form)
    assert (page.status_code, TOO_LONG in page.content.decode()) == (200, True)


def test_a_password_that_is_too_long_is_refused_by_operations_too(db, no_hash):
    with pytest.raises(WeakPassword, match=TOO_LONG):
        operations.sign_up(email=EMAIL, password=LONG, name="Alice", networks=[CLIENT])
    with pytest.raises(ValueError, match=TOO_LONG):
        User(email=EMAIL).set_password(LONG)


@pytest.mark.parametrize("password", ["password1", "12345678901", "short", LONG])
def test_a_superuser_from_the_environment_needs_a_good_password(db, monkeypatch, password):
    for name, value in {"EMAIL": EMAIL, "NAME": "Alice", "PASSWORD": password}.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    with pytest.raises(CommandError, match="DJANGO_SUPERUSER_PASSWORD"):
        call_command("createsuperuser", interactive=False, stdout=StringIO())
    assert not User.objects.exists()


def test_the_length_that_counts_is_that_of_the_normal_form(staff):
    """Seven letters, each typed as a letter and an accent."""
    response = set_in_the_admin("xa\u0301e\u0301i\u0301o\u0301u\u0301y\u0301", staff)
    assert "too short" in response.content.decode()
