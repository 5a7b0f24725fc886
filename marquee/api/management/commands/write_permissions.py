"""`manage.py write_permissions`: write docs/permissions.md from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from marquee.api.permissions_table import page


class Command(BaseCommand):
    """Write docs/permissions.md. `make schema` runs it, too."""

    help = "Write docs/permissions.md from the code."

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Write the page."""
        Path(settings.BASE_DIR, "docs", "permissions.md").write_text(page(), encoding="utf-8")
