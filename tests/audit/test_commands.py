"""Commands of `manage.py` that change something for an administrator are recorded, with who ran them."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from marquee.accounts.models import AccountEvent, User
from marquee.audit.log import record
from marquee.audit.models import AuditEntry
from marquee.audit.states import Action, Subject
from marquee.core.actor import acting_as_operator, acting_as_staff, acting_operator
from tests.accounts.factors import with_app
from tests.factories import make_show, make_superuser, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "staple wagon meadow"


def reset(monkeypatch):
    user = with_app(make_user())
    call_command("reset_second_factor", user.email)
    return user.pk


def add_administrator(monkeypatch):
    for name, value in (("EMAIL", "boss@example.com"), ("NAME", "Boss"), ("PASSWORD", PASSWORD)):
        monkeypatch.setenv(f"DJANGO_SUPERUSER_{name}", value)
    call_command("createsuperuser", interactive=False, verbosity=0)
    return User.objects.get().pk


def change_password(monkeypatch):
    user = make_user()
    monkeypatch.setattr("getpass.getpass", lambda prompt="": PASSWORD)
    call_command("changepassword", user.email)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    event = AccountEvent.objects.get(user=user, kind="password")
    assert (event.by, event.actor) == ("staff", None)
    return user.pk


def change_zone(monkeypatch):
    cinema = make_show().auditorium.cinema
    call_command("change_zone", cinema.pk, "Europe/Berlin")
    return cinema.pk


@pytest.mark.parametrize(
    ("run", "command", "action", "subject"),
    [
        (reset, "reset_second_factor", "second_factor_reset", "account"),
        (add_administrator, "createsuperuser", "added", "account"),
        (change_password, "changepassword", "password_set", "account"),
        (change_zone, "change_zone", "changed", "cinema"),
    ],
)
def test_a_command_is_recorded_once_with_who_ran_it(run, command, action, subject, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "ops")
    subject_id = run(monkeypatch)
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.through) == (None, f"manage.py {command}, as ops")
    assert (entry.action, entry.subject_kind, entry.subject_id) == (
        action,
        subject,
        str(subject_id),
    )
    assert acting_operator() == ""


@pytest.mark.parametrize("typed", [("other words", PASSWORD), ("12345678", "12345678")])
def test_a_password_that_is_mistyped_or_weak_changes_and_records_nothing(typed, monkeypatch):
    user, answers = make_user(), iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda prompt="": next(answers))
    with pytest.raises(CommandError):
        call_command("changepassword", user.email)
    with pytest.raises(CommandError):
        call_command("changepassword", "nobody@example.com")
    assert not AuditEntry.objects.exists()
    assert User.objects.get().password == user.password


def test_the_back_office_shows_who_ran_a_command(client):
    with acting_as_operator("manage.py x, as ops"):
        record(Action.CLOSED, Subject.ACCOUNT, 1)
    client.force_login(make_superuser())
    assert (
        "manage.py x, as ops"
        in client.get(reverse("admin:audit_auditentry_changelist")).content.decode()
    )


@pytest.mark.parametrize(
    "who", [{"actor_id": None, "through": ""}, {"actor_id": 1, "through": "x"}]
)
def test_an_entry_names_an_account_or_a_command(who):
    with pytest.raises(IntegrityError, match="audit_entry_names_who_did_it"):
        AuditEntry.objects.create(
            at="2026-01-01T00:00Z", action="added", subject_kind="movie", subject_id="1", **who
        )


@pytest.mark.django_db(transaction=True)
def test_the_migration_keeps_entries_and_guards_forward_and_back():
    with acting_as_staff(7):
        record(Action.ADDED, Subject.MOVIE, 1)
    with acting_as_operator("manage.py x"):
        record(Action.ADDED, Subject.MOVIE, 2)
    for target in ("0001_initial", "0002_operators"):
        MigrationExecutor(connection).migrate([("audit", target)])
        with connection.cursor() as cursor:
            cursor.execute("SELECT actor_id FROM audit_entry ORDER BY id")
            assert [actor for (actor,) in cursor.fetchall()] == [7, 0]
            for statement in ("UPDATE audit_entry SET actor_id = 8", "DELETE FROM audit_entry"):
                with pytest.raises(IntegrityError, match="append-only"):
                    cursor.execute(statement)
