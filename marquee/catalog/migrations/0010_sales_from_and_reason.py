"""From when a show is sold, and why it was called off."""

from importlib import import_module
from typing import Any

from django.db import migrations, models
from django.db.models import F, Q

REVISION = import_module("marquee.catalog.migrations.0003_revision")


def restore_triggers(apps: Any, schema_editor: Any) -> None:
    """Put back the triggers that SQLite dropped with the table it made anew."""
    if schema_editor.connection.vendor == "sqlite":
        for event in REVISION.EVENTS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS show_revision_{event}")
            schema_editor.execute(REVISION.SQLITE_TABLE.format(table="show", event=event))


class Migration(migrations.Migration):
    dependencies = [("catalog", "0009_languages_and_formats")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        migrations.AddField("Show", "sales_from", models.DateTimeField(null=True, blank=True)),
        migrations.AddField(
            "Show",
            "call_off_reason",
            models.CharField(max_length=500, blank=True, default="", db_default=""),
        ),
        migrations.AddConstraint(
            "Show",
            models.CheckConstraint(
                condition=Q(sales_from__isnull=True) | Q(sales_from__lte=F("sales_until")),
                name="show_sales_open_before_they_close",
            ),
        ),
        migrations.AddConstraint(
            "Show",
            models.CheckConstraint(
                condition=Q(call_off_reason="") | Q(state="called_off"),
                name="show_with_a_reason_is_called_off",
            ),
        ),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
