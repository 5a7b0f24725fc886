"""`manage.py list_staff`: who works here, and what they may do."""

from typing import Any

from django.core.management.base import BaseCommand

from marquee.accounts.models import User


class Command(BaseCommand):
    """List the accounts of staff with their roles, those without any last."""

    help = "List staff with their roles. Staff without one may do nothing until they get one."

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Print a line for each: its address, and its roles."""
        staff = (
            User.objects.filter(is_staff=True).prefetch_related("roles__cinema").order_by("email")
        )
        lines = {user: _roles(user) for user in staff}
        for user in sorted(lines, key=lambda user: not lines[user]):
            state = "" if user.is_active else " (deactivated)"
            print(f"{user.email}{state}: {lines[user] or 'no role, so no rights'}")


def _roles(user: User) -> str:
    if user.is_superuser:
        return "administrator"
    return ", ".join(map(str, user.roles.all()))
