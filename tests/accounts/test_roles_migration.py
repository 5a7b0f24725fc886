"""Staff of before roles get the role that their permissions cover, or none, and are named."""

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from tests.factories import make_staff

pytestmark = pytest.mark.django_db
migration = import_module("marquee.accounts.migrations.0012_roles_from_permissions")


def staff_with(*codenames, **fields):
    staff = make_staff(None, **fields)
    staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return staff


def test_staff_get_the_role_that_their_permissions_cover(capsys):
    every_change = Permission.objects.filter(
        content_type__app_label__in=["catalog", "booking"], codename__startswith="change_"
    )
    names = set(every_change.values_list("codename", flat=True))
    by_group = make_staff(None)
    group = Group.objects.create(name="Managers")
    group.permissions.set(every_change)
    by_group.groups.add(group)
    expected = {
        by_group: "manager",
        staff_with(*names): "manager",
        staff_with(*names - {"change_genre"}): "gate",
        staff_with("add_booking", "change_ticket"): "counter",
        staff_with("change_ticket"): "gate",
        staff_with("view_booking"): None,
        staff_with(*names, is_active=False): None,
        make_staff(is_superuser=True): None,
    }

    migration.add_roles(apps, None)

    for user, role in expected.items():
        assert list(user.roles.values_list("role", "cinema")) == ([(role, None)] if role else [])
    said = capsys.readouterr().out
    named = [user.email for user in expected if user.email in said]
    assert len(named) == 1
