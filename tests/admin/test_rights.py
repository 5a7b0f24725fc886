"""Which accounts staff may change, so that no user gains rights."""

from functools import partial

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from marquee.accounts import operations
from marquee.accounts.admin import OwnPasswordChangeForm, SetPasswordForm
from marquee.accounts.errors import BeyondYourRights
from marquee.accounts.models import AccountEvent, User
from tests.admin.hostile_requests import make_rows
from tests.factories import make_staff, make_user

pytestmark = pytest.mark.django_db

PASSWORD = "staple wagon meadow"
EVERY_RIGHT = {"is_active": "on", "is_staff": "on", "is_superuser": "on"}


def permission(codename):
    return Permission.objects.get(codename=codename)


@pytest.fixture
def clerk():
    """Return a member of staff who may do anything with users and groups, and is no superuser."""
    staff = make_staff()
    allowed = Permission.objects.filter(content_type__model__in=["user", "group", "permission"])
    staff.user_permissions.set(allowed)
    return staff


@pytest.fixture
def admin_client(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def superuser():
    return User.objects.create_superuser("boss@example.com", PASSWORD, name="Boss")


@pytest.fixture
def manager():
    """Return a member of staff with a right that the clerk lacks."""
    staff = make_staff()
    staff.user_permissions.add(permission("change_show"))
    return staff


@pytest.fixture
def group_manager():
    """Return a member of staff with such a right by a group."""
    staff = make_staff()
    group = Group.objects.create(name="Managers")
    group.permissions.add(permission("change_show"))
    staff.groups.add(group)
    return staff


@pytest.fixture
def dormant_superuser():
    """Return a deactivated superuser, who might be activated again."""
    return make_staff(is_superuser=True, is_active=False)


BEYOND = ["superuser", "manager", "group_manager", "dormant_superuser"]


def stored():
    """Return all rows of users and groups."""
    columns = ["pk", "email", "name", "password", "is_active", "is_staff", "is_superuser"]
    return (
        list(User.objects.order_by("pk").values(*columns)),
        list(User.groups.through.objects.order_by("pk").values()),
        list(User.user_permissions.through.objects.order_by("pk").values()),
        list(Group.permissions.through.objects.order_by("pk").values()),
        list(Group.objects.order_by("pk").values()),
    )


def change(admin_client, user, **fields):
    usual = {"email": user.email, "name": user.name, "is_active": "on"}
    return admin_client.post(reverse("admin:accounts_user_change", args=[user.pk]), usual | fields)


def rights(user):
    return {
        "is_superuser": "on",
        "is_staff": "on",
        "user_permissions": [permission("change_show").pk],
        "groups": [Group.objects.get_or_create(name="Managers")[0].pk],
    }


def test_staff_change_a_customers_name_and_password(admin_client):
    customer = make_user()

    assert change(admin_client, customer, name="Alice Hargreaves").status_code == 302
    passwords = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    admin_client.post(reverse("admin:auth_user_password_change", args=[customer.pk]), passwords)

    customer.refresh_from_db()
    assert customer.name == "Alice Hargreaves"
    assert customer.check_password(PASSWORD)


@pytest.mark.parametrize("whose", ["clerk", "customer", "new"])
@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "user_permissions", "groups"])
def test_only_superusers_hand_out_rights_whatever_the_form_is_sent(
    admin_client, clerk, whose, right
):
    customer = make_user()
    wanted = {right: rights(customer)[right]}
    before = stored()

    if whose == "new":
        passwords = {"password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
        named = {"email": "new@example.com", "name": "New"}
        admin_client.post(reverse("admin:accounts_user_add"), named | passwords | wanted)
        new = User.objects.get(email="new@example.com")
        given = (new.is_superuser, new.is_staff, new.groups.count(), new.user_permissions.count())
        assert given == (False, False, 0, 0)
        AccountEvent.objects.all().delete()
        new.delete()
    else:
        change(admin_client, clerk if whose == "clerk" else customer, **wanted)

    assert stored() == before


def test_a_superuser_grants_rights(client, superuser):
    client.force_login(superuser)
    customer = make_user()

    assert change(client, customer, **rights(customer)).status_code == 302

    customer.refresh_from_db()
    assert (customer.is_superuser, customer.is_staff) == (True, True)
    assert (customer.groups.count(), customer.user_permissions.count()) == (1, 1)


@pytest.mark.parametrize("who", BEYOND)
def test_an_account_with_more_rights_is_not_changed(admin_client, request, who):
    user = request.getfixturevalue(who)
    before = stored()
    passwords = {"password1": "another wagon", "password2": "another wagon"}
    password = reverse("admin:auth_user_password_change", args=[user.pk])

    assert change(admin_client, user, email="mallory@example.com").status_code == 403
    assert change(admin_client, user, is_active="").status_code == 403
    assert admin_client.post(password, passwords | {"usable_password": "true"}).status_code == 403
    assert admin_client.post(password, {"usable_password": "false"}).status_code == 403
    assert admin_client.get(password).status_code == 403

    assert stored() == before


@pytest.mark.parametrize("who", BEYOND)
@pytest.mark.parametrize("across", ["0", "1"])
def test_an_account_with_more_rights_is_not_deleted_by_the_action(
    admin_client, request, who, across
):
    user = request.getfixturevalue(who)
    chosen = {
        "action": "delete_accounts",
        "_selected_action": [user.pk],
        "select_across": across,
        "confirmed": "yes",
    }
    page = f"{reverse('admin:accounts_user_changelist')}?q={user.email}"

    before = stored()
    response = admin_client.post(page, chosen, follow=True)

    assert "you may not" in response.content.decode()
    assert stored() == before


@pytest.mark.parametrize("who", BEYOND)
def test_an_account_with_more_rights_is_not_changed_by_the_operation(clerk, request, who):
    user = request.getfixturevalue(who)
    before = stored()

    with pytest.raises(BeyondYourRights):
        operations.change_account(actor=clerk, user=user, changes={"name": "Mallory"})

    assert stored() == before


@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "user_permissions", "groups"])
def test_rights_are_not_changed_by_the_operation_for_staff(clerk, right):
    before = stored()

    with pytest.raises(BeyondYourRights):
        operations.change_account(actor=clerk, user=clerk, changes={right: []})

    assert stored() == before


def test_the_list_of_accounts_cannot_change_accounts(admin_client):
    customer = make_user()
    sent = {
        "_save": "Save",
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": customer.pk,
        "form-0-is_staff": "on",
        "form-0-is_superuser": "on",
    }
    before = stored()

    admin_client.post(reverse("admin:accounts_user_changelist"), sent)

    assert stored() == before


@pytest.mark.parametrize("page", ["add", "change", "delete", "delete_selected"])
def test_groups_are_for_superusers_to_write(admin_client, clerk, page):
    group = Group.objects.create(name="Clerks")
    clerk.groups.add(group)
    sent = {"name": "Clerks!", "permissions": [permission("change_show").pk], "post": "yes"}
    before = stored()

    if page == "delete_selected":
        chosen = {"action": page, "_selected_action": [group.pk], "post": "yes"}
        admin_client.post(reverse("admin:auth_group_changelist"), chosen)
    else:
        arguments = [] if page == "add" else [group.pk]
        response = admin_client.post(reverse(f"admin:auth_group_{page}", args=arguments), sent)
        assert response.status_code == 403

    assert stored() == before


def test_a_superuser_writes_groups(client, superuser):
    client.force_login(superuser)
    sent = {"name": "Clerks", "permissions": [permission("change_show").pk]}

    client.post(reverse("admin:auth_group_add"), sent)

    [group] = Group.objects.all()
    assert group.permissions.count() == 1


def test_only_the_changed_fields_are_written_so_rights_taken_away_meanwhile_stay_away(superuser):
    read_before = User.objects.get(pk=make_staff(is_superuser=True).pk)
    User.objects.filter(pk=read_before.pk).update(is_superuser=False)

    operations.change_account(actor=superuser, user=read_before, changes={"name": "Other"})

    read_before.refresh_from_db()
    assert (read_before.name, read_before.is_superuser) == ("Other", False)


@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "user_permissions", "groups"])
def test_the_form_offers_rights_to_superusers_only(client, admin_client, superuser, right):
    page = reverse("admin:accounts_user_change", args=[make_user().pk])

    assert right not in admin_client.get(page).context["adminform"].form.fields
    client.force_login(superuser)
    assert right in client.get(page).context["adminform"].form.fields


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


@pytest.mark.parametrize("page", admin.site._registry.values(), ids=str)
def test_those_who_may_only_view_open_every_page_and_find_no_button(client, page):
    make_rows()
    viewer = make_staff()
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)
    row = page.model._default_manager.first()
    name = f"admin:{page.opts.app_label}_{page.opts.model_name}"

    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    response = client.get(reverse(f"{name}_change", args=[row.pk]))

    assert response.status_code == 200
    assert 'type="submit"' not in response.content.decode().partition('<div id="content"')[2]
    assert client.get(reverse(f"{name}_add")).status_code == 403
