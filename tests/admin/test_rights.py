"""Administrators give and take rights in the admin; nothing brings back what was taken meanwhile."""

from functools import partial

import pytest
from django.urls import reverse

from marquee.accounts import operations
from marquee.accounts.admin import OwnPasswordChangeForm, SetPasswordForm
from marquee.accounts.models import StaffRole, User
from marquee.core.errors import BadInput
from tests.admin.forms import NO_ROLES
from tests.factories import make_cinema, make_staff, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "staple wagon meadow"


@pytest.fixture
def superuser():
    return User.objects.create_superuser("boss@example.com", PASSWORD, name="Boss")


def change(client, user, **fields):
    usual = {
        "email": user.email,
        "name": user.name,
        "is_active": "on",
        **NO_ROLES,
        "roles-TOTAL_FORMS": 1,
    }
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), usual | fields)


def roles_of(user):
    return list(user.roles.values_list("role", "cinema"))


def test_an_administrator_gives_and_takes_roles(client, superuser):
    client.force_login(superuser)
    user, cinema = make_user(), make_cinema()

    sent = {"roles-0-role": "manager", "roles-0-cinema": cinema.pk}
    assert change(client, user, **sent).status_code == 302
    assert roles_of(user) == [("manager", cinema.pk)]
    user.refresh_from_db()
    assert user.is_staff

    [role] = user.roles.all()
    taken = {"roles-0-id": role.pk, "roles-0-DELETE": "on", "roles-INITIAL_FORMS": 1}
    assert change(client, user, is_staff="on", **taken).status_code == 302
    assert roles_of(user) == []


def test_an_administrator_makes_another_one(client, superuser):
    client.force_login(superuser)
    user = make_user()
    assert change(client, user, is_staff="on", is_superuser="on").status_code == 302
    user.refresh_from_db()
    assert (user.is_superuser, user.is_staff) == (True, True)


def test_a_guest_and_a_closed_account_get_no_role():
    closed = make_user()
    operations.delete_account(user=closed)
    guest, _ = operations.add_guest(email="a@example.com", name="A", networks=["192.0.2.1"])
    for user in (guest, closed):
        with pytest.raises(BadInput):
            operations.give_role(user=user, role="gate", cinema_id=None)
    assert not StaffRole.objects.exists()


def test_a_role_given_twice_is_one_and_ends_with_the_account():
    user = make_user()
    for _ in range(2):
        operations.give_role(user=user, role="gate", cinema_id=None)
    assert roles_of(user) == [("gate", None)]
    operations.delete_account(user=user)
    assert roles_of(user) == []


def test_only_the_changed_fields_are_written_so_rights_taken_away_meanwhile_stay_away(superuser):
    read_before = User.objects.get(pk=make_staff(is_superuser=True).pk)
    User.objects.filter(pk=read_before.pk).update(is_superuser=False)

    operations.change_account(actor=superuser, user=read_before, changes={"name": "Other"})

    read_before.refresh_from_db()
    assert (read_before.name, read_before.is_superuser) == ("Other", False)


@pytest.mark.parametrize(
    "form",
    [partial(SetPasswordForm, staff=None), partial(OwnPasswordChangeForm, networks=["192.0.2.1"])],
)
def test_a_new_password_writes_back_no_rights_that_were_taken_away_meanwhile(superuser, form):
    read_before = User.objects.get(pk=superuser.pk)
    User.objects.filter(pk=superuser.pk).update(is_superuser=False)
    names = ["password1", "password2", "new_password1", "new_password2"]
    sent = dict.fromkeys(names, "another wagon meadow")

    filled = form(read_before, sent | {"old_password": PASSWORD, "usable_password": "true"})
    assert filled.is_valid(), filled.errors
    filled.save()

    read_before.refresh_from_db()
    assert not read_before.is_superuser
    assert read_before.check_password("another wagon meadow")
