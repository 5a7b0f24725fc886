"""Staff get roles by the permissions that they have (DESIGN 9).

Who may change everything of the catalog and of bookings manages all cinemas. Who may add bookings sells at
the counter, and who may change tickets admits at the gate. Others get no role, and are listed: an
administrator can give them one. Superusers are administrators, without a role.
"""

import sys
from typing import Any

from django.db import migrations
from django.db.models import Q


def add_roles(apps: Any, schema_editor: Any) -> None:
    """Give each active member of staff the highest role that its permissions cover."""
    User = apps.get_model("accounts", "User")
    StaffRole = apps.get_model("accounts", "StaffRole")
    staff = User.objects.filter(is_active=True, is_staff=True, is_superuser=False).order_by("pk")
    every_change = _change_permissions(apps)
    for user in staff:
        if role := _role_for(_permissions_of(apps, user), every_change):
            StaffRole.objects.create(user=user, cinema=None, role=role)
        else:
            sys.stdout.write(f"\n    Staff without a role, who may do nothing: {user.email}")


def _role_for(has: set[tuple[str, str]], every_change: set[tuple[str, str]]) -> str:
    if every_change and has >= every_change:
        return "manager"
    if ("booking", "add_booking") in has:
        return "counter"
    return "gate" if ("booking", "change_ticket") in has else ""


def _permissions_of(apps: Any, user: Any) -> set[tuple[str, str]]:
    Permission = apps.get_model("auth", "Permission")
    granted = Permission.objects.filter(Q(user=user) | Q(group__user=user))
    return set(granted.values_list("content_type__app_label", "codename"))


def _change_permissions(apps: Any) -> set[tuple[str, str]]:
    """Return the permissions to change anything of the catalog and of bookings."""
    Permission = apps.get_model("auth", "Permission")
    changes = Permission.objects.filter(
        content_type__app_label__in=["catalog", "booking"], codename__startswith="change_"
    )
    return set(changes.values_list("content_type__app_label", "codename"))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_staff_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(add_roles, migrations.RunPython.noop)]
