"""The last superuser stays, whatever staff or the API do."""

import pytest
from django.urls import reverse

from marquee.accounts import operations
from marquee.accounts.errors import LastSuperuser
from marquee.accounts.models import User
from tests.admin.forms import NO_ROLES
from tests.factories import client_of, make_staff, make_superuser, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "staple wagon meadow"
REFUSAL = "This is the only superuser."


@pytest.fixture
def boss():
    return User.objects.create_superuser("boss@example.com", PASSWORD, name="Boss")


@pytest.fixture
def admin_client(client, boss):
    client.force_login(boss)
    return client


def stored():
    return list(User.objects.order_by("pk").values())


def form(user, **fields):
    usual = {"email": user.email, "name": user.name, **NO_ROLES}
    rights = dict.fromkeys(("is_active", "is_staff", "is_superuser"), "on")
    return {name: value for name, value in (usual | rights | fields).items() if value}


def submit(admin_client, user, **fields):
    return admin_client.post(
        reverse("admin:accounts_user_change", args=[user.pk]), form(user, **fields), follow=True
    )


def delete(admin_client, *users):
    chosen = {
        "action": "delete_accounts",
        "_selected_action": [user.pk for user in users],
        "confirmed": "yes",
    }
    return admin_client.post(reverse("admin:accounts_user_changelist"), chosen, follow=True)


@pytest.mark.parametrize("right", ["is_active", "is_staff", "is_superuser"])
def test_the_only_superuser_is_neither_demoted_nor_deactivated(admin_client, boss, right):
    make_staff()
    before = stored()

    assert REFUSAL in submit(admin_client, boss, **{right: ""}).content.decode()

    assert stored() == before


def test_the_only_superuser_is_not_deleted_by_the_action(admin_client, boss):
    before = stored()
    assert REFUSAL in delete(admin_client, boss).content.decode()
    assert stored() == before


def test_of_all_superusers_deleted_at_once_one_stays(admin_client, boss):
    other = make_superuser()
    delete(admin_client, boss, other)
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_the_only_superuser_is_not_deleted_by_the_api(boss):
    make_staff()
    before = stored()

    response = client_of(boss).post("/api/v1/me/delete/", {"password": PASSWORD})

    assert (response.status_code, response.json()["code"]) == (409, "last_superuser")
    assert stored() == before


def test_the_only_superuser_keeps_a_password(client, boss):
    other = make_staff(is_superuser=True)  # who has no password, and cannot log in again
    client.force_login(other)
    before = stored()
    page = reverse("admin:auth_user_password_change", args=[boss.pk])

    response = client.post(page, {"usable_password": "false", "unset-password": "1"}, follow=True)

    assert REFUSAL in response.content.decode()
    assert stored() == before


def test_a_password_is_removed_where_another_superuser_has_one(admin_client, boss):
    other = User.objects.create_superuser("other@example.com", PASSWORD, name="Other")
    page = reverse("admin:auth_user_password_change", args=[other.pk])

    admin_client.post(page, {"usable_password": "false", "unset-password": "1"})

    other.refresh_from_db()
    assert not other.has_usable_password()


@pytest.mark.parametrize(
    "other",
    [{"is_active": False}, {"is_staff": False}, {"is_superuser": False}, {"password": None}],
)
def test_who_cannot_act_as_a_superuser_does_not_count_as_another(boss, other):
    make_staff(**{"is_superuser": True, "password": PASSWORD} | other)
    before = stored()
    with pytest.raises(LastSuperuser):
        operations.delete_account(user=boss)
    with pytest.raises(LastSuperuser):
        operations.change_account(actor=boss, user=boss, changes={"is_superuser": False})
    assert stored() == before


@pytest.mark.parametrize("right", ["is_active", "is_staff", "is_superuser"])
def test_one_of_two_superusers_goes(admin_client, boss, right):
    make_superuser()
    submit(admin_client, boss, **{right: ""})
    assert User.objects.filter(is_superuser=True, is_active=True, is_staff=True).count() == 1


def test_customers_go_whether_there_is_a_superuser_or_not():
    customer = make_user(password=PASSWORD)
    response = client_of(customer).post("/api/v1/me/delete/", {"password": PASSWORD})
    assert response.status_code == 204


def test_a_superuser_who_is_deactivated_already_is_deleted(boss):
    former = make_staff(is_superuser=True, is_active=False)
    operations.delete_account(user=former)
    former.refresh_from_db()
    assert not former.is_superuser
