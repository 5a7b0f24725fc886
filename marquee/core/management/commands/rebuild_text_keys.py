"""`manage.py rebuild_text_keys`: compute the sort keys, name keys and texts to search in again."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from marquee.core.derived import models_with_derived_fields, rebuild


class Command(BaseCommand):
    """Compute again what is stored beside names: after a bulk change by SQL, or another release."""

    help = "Compute sort keys, name keys and texts to search in again, from the names."

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Rebuild each table in a transaction, and say how many rows were out of date."""
        for model in models_with_derived_fields():
            with transaction.atomic():
                print(f"{model._meta.verbose_name_plural}: {rebuild(model)} out of date")
