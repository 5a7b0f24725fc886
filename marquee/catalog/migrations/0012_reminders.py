"""When a cinema reminds its customers."""

from importlib import import_module
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import migrations, models

REVISION = import_module("marquee.catalog.migrations.0003_revision")


def restore_triggers(apps: Any, schema_editor: Any) -> None:
    """Put back the triggers that SQLite dropped with the table it made anew."""
    if schema_editor.connection.vendor == "sqlite":
        for event in REVISION.EVENTS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS cinema_revision_{event}")
            schema_editor.execute(REVISION.SQLITE_TABLE.format(table="cinema", event=event))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0011_sales_clocks")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        migrations.AddField(
            "Cinema",
            "reminder_hours",
            models.PositiveSmallIntegerField(
                "remind customers by mail (hours before the show; 0 for never)",
                default=0,
                validators=[MaxValueValidator(168)],
            ),
        ),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
