"""Store the local times at which sales open and close, where they are not those of the show."""

from datetime import timedelta
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from django.db import migrations, models

REVISION = import_module("marquee.catalog.migrations.0003_revision")
NAMES = ("sales_until", "sales_from")


def restore_triggers(apps: Any, schema_editor: Any) -> None:
    """Put back the triggers that SQLite dropped with the table it made anew."""
    if schema_editor.connection.vendor == "sqlite":
        for event in REVISION.EVENTS:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS show_revision_{event}")
            schema_editor.execute(REVISION.SQLITE_TABLE.format(table="show", event=event))


def store_clocks(apps: Any, schema_editor: Any) -> None:
    """Store the offsets of the sales times that are not the start, by the rules of today."""
    show_model = apps.get_model("catalog", "Show")
    shows = show_model.objects.order_by("pk").only("starts_at", "timezone", *NAMES)
    batch = []
    for show in shows.iterator(chunk_size=2000):
        for name in NAMES:
            at = getattr(show, name)
            if at is not None and at != show.starts_at:
                offset = at.astimezone(ZoneInfo(show.timezone)).utcoffset() or timedelta()
                setattr(show, f"{name}_offset", round(offset / timedelta(minutes=1)))
                batch.append(show)
    fields = [f"{name}_offset" for name in NAMES]
    show_model.objects.bulk_update(
        {show.pk: show for show in batch}.values(), fields, batch_size=500
    )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0010_sales_from_and_reason")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        *(
            migrations.AddField(
                "Show", f"{name}_offset", models.SmallIntegerField(null=True, editable=False)
            )
            for name in NAMES
        ),
        migrations.RunPython(store_clocks, migrations.RunPython.noop),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
