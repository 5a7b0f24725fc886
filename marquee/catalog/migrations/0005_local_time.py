"""Store the wall-clock time of a show beside the instant, so that a change of zone rules keeps it."""

from datetime import timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, models

from marquee.core.local_day import LocalDay

REVISION = import_module("marquee.catalog.migrations.0003_revision")


def restore_triggers(apps: Any, schema_editor: Any) -> None:
    """Put back the triggers that SQLite dropped with the table it made anew."""
    if schema_editor.connection.vendor == "sqlite":
        for event in REVISION.EVENTS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS show_revision_{event}")
            schema_editor.execute(REVISION.SQLITE_TABLE.format(table="show", event=event))


def store_clocks(apps: Any, schema_editor: Any) -> None:
    """Store the zone of each show's cinema, and its offset at the start by the rules of today."""
    show_model = apps.get_model("catalog", "Show")
    shows = show_model.objects.order_by("pk").values_list(
        "pk", "starts_at", "auditorium__cinema__timezone"
    )
    batch = []
    for pk, starts_at, zone in shows.iterator(chunk_size=2000):
        offset = starts_at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
        minutes = round(offset / timedelta(minutes=1))
        batch.append(show_model(pk=pk, timezone=zone, utc_offset=minutes))
    show_model.objects.bulk_update(batch, ["timezone", "utc_offset"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_restricted_tickets")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        migrations.AddField(
            "Show",
            "timezone",
            models.CharField(max_length=64, editable=False, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "Show",
            "utc_offset",
            models.SmallIntegerField(
                "minutes ahead of UTC at the start", editable=False, default=0
            ),
            preserve_default=False,
        ),
        migrations.RunPython(store_clocks, migrations.RunPython.noop),
        migrations.AddField(
            "Show",
            "starts_on",
            models.GeneratedField(
                expression=LocalDay("starts_at", "utc_offset"),
                output_field=models.DateField(),
                db_persist=True,
                verbose_name="day, by the cinema's clock",
            ),
        ),
        migrations.AddField(
            "Show",
            "business_day",
            models.GeneratedField(
                expression=LocalDay("starts_at", "utc_offset", begins_at=6),
                output_field=models.DateField(),
                db_persist=True,
            ),
        ),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
