from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from marquee.accounts.models import User
from tests.accounts.people import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def environment(monkeypatch):
    for name, value in {
        "EMAIL": "Alice@Example.com",
        "NAME": "Alice",
        "PASSWORD": PASSWORD,
    }.items():
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)


def create_superuser(**options):
    call_command("createsuperuser", stdout=StringIO(), stderr=StringIO(), **options)


def test_a_superuser_is_made_from_the_environment(environment):
    create_superuser(interactive=False)
    boss = User.objects.get()
    assert (boss.email, boss.name, boss.is_superuser) == (EMAIL, "Alice", True)
    assert boss.check_password(PASSWORD)


def test_a_superuser_is_made_interactively(monkeypatch):
    responses = {"E-mail address: ": "Alice@Example.com", "Name: ": "Alice"}
    monkeypatch.setattr("builtins.input", lambda prompt: responses[prompt])
    monkeypatch.setattr("getpass.getpass", lambda prompt="": PASSWORD)
    create_superuser(interactive=True, stdin=Terminal())
    assert User.objects.get().email == EMAIL


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_second_superuser_with_the_same_address_is_refused(environment, alice):
    with pytest.raises(CommandError, match="already taken"):
        create_superuser(interactive=False)
    assert User.objects.count() == 1
