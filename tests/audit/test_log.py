"""The audit log: only added to, in the operation's transaction, and without personal data."""

import pytest
from django.db import IntegrityError, connection, transaction

from marquee.accounts.models import User
from marquee.accounts.operations import (
    change_account,
    delete_account,
    give_role,
    reset_second_factor,
    set_password,
)
from marquee.accounts.states import Role
from marquee.audit.log import record
from marquee.audit.models import AuditEntry
from marquee.audit.states import Action, Subject
from marquee.booking.operations import cancel, confirm
from marquee.booking.operations.audited import record_of_booking
from marquee.catalog.operations import change_movie, change_price_card
from marquee.core.actor import acting_as_staff, acting_staff
from tests.factories import (
    book_seats,
    make_movie,
    make_price_card,
    make_show,
    make_staff,
    make_user,
    price_lines,
)

pytestmark = pytest.mark.django_db
POSTGRESQL = connection.vendor == "postgresql"


@pytest.fixture
def entry():
    with acting_as_staff(7):
        record(Action.ADDED, Subject.MOVIE, 1)
    return AuditEntry.objects.get()


STATEMENTS = {
    "update": "UPDATE audit_entry SET actor_id = 8",
    "delete": "DELETE FROM audit_entry",
    "replace": "REPLACE INTO audit_entry SELECT * FROM audit_entry",
    "upsert": (
        "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE true"
        " ON CONFLICT (id) DO UPDATE SET actor_id = 8"
    ),
    "truncate": "TRUNCATE audit_entry",
}
OF_ONE_ENGINE = {"replace": not POSTGRESQL, "truncate": POSTGRESQL}


@pytest.mark.parametrize("name", [name for name in STATEMENTS if OF_ONE_ENGINE.get(name, True)])
def test_the_database_lets_nobody_change_or_delete_an_entry(entry, name):
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(STATEMENTS[name])
    assert AuditEntry.objects.values().get()["actor_id"] == entry.actor_id


def test_nobody_is_recorded_but_staff():
    record(Action.ADDED, Subject.MOVIE, 1)
    alice, show = make_user(), make_show()
    booking = book_seats(alice, show, "A1", hold=True)
    confirm(booking=booking)
    cancel(booking=booking)
    assert not AuditEntry.objects.exists()


def change_and_fail(movie):
    with transaction.atomic():
        change_movie(movie=movie, title="Psycho")
        assert AuditEntry.objects.count() == 1
        raise ZeroDivisionError


def test_what_is_rolled_back_is_not_recorded():
    movie = make_movie(title="Vertigo")
    with acting_as_staff(7), pytest.raises(ZeroDivisionError):
        change_and_fail(movie)
    assert not AuditEntry.objects.exists()
    assert acting_staff() is None


def test_an_entry_says_what_changed_and_only_that():
    movie, card = make_movie(title="Vertigo", genres=["Noir"]), make_price_card()
    show = make_show()
    with acting_as_staff(7):
        change_movie(movie=movie, title="Psycho", runtime_minutes=100, genres=["Drama"])
        change_movie(movie=movie, title="Psycho")
        change_price_card(price_card=card, prices=price_lines({("standard", "adult"): "1.00"}))
        record_of_booking(Action.SOLD, book_seats(make_user(), show, "A1"), seats=(None, ["A1"]))
    changed, priced, sold = AuditEntry.objects.order_by("pk")
    assert changed.changes == {"title": ["Vertigo", "Psycho"], "genres": [["Noir"], ["Drama"]]}
    assert (priced.cinema_id, sold.cinema_id) == (card.cinema_id, show.auditorium.cinema_id)
    assert priced.changes["price of standard adult"] == ["12.50 EUR", "1.00 EUR"]
    assert priced.changes["price of premium adult"] == ["15.00 EUR", None]
    assert sold.changes == {"seats": [None, ["A1"]]}


def test_a_role_given_again_to_who_is_no_staff_any_more_is_recorded_for_it_counts_again():
    user = make_staff(Role.GATE)
    User.objects.filter(pk=user.pk).update(is_staff=False)
    with acting_as_staff(make_staff().pk):
        for _ in range(2):
            give_role(user=user, role=Role.GATE, cinema_id=None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject_id) == (Action.ROLE_GIVEN, str(user.pk))
    assert entry.changes == {"is_staff": [False, True]}


def test_no_name_address_or_password_is_kept():
    """Entries stay when an account is closed: they have its id alone."""
    boss, user = make_staff(is_superuser=True), make_user("Zerlina")
    with acting_as_staff(boss.pk):
        changes = {"name": "Donna", "email": "elvira@example.com", "is_active": False}
        change_account(actor=boss, user=user, changes=changes)
        set_password(user=user, password="a giovanni masetto", staff=boss)
        give_role(user=user, role=Role.GATE, cinema_id=None)
        reset_second_factor(user=user)
        delete_account(user=user, staff=boss)
        delete_account(user=user, staff=boss)  # for the second time: nothing is left to do
    entries = list(AuditEntry.objects.order_by("pk").values())
    kept = str(entries).lower()
    for secret in ("zerlina", "donna", "elvira", "giovanni", "example.com"):
        assert secret not in kept
    assert [one["action"] for one in entries] == [
        "changed", "password_set", "role_given", "second_factor_reset", "closed",
    ]  # fmt: skip
    assert {one["subject_id"] for one in entries} == {str(user.pk)}
    assert entries[0]["changes"] == {
        "name": [None, None],
        "email": [None, None],
        "is_active": [True, False],
    }
