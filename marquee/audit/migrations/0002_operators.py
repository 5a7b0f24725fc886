"""Commands of `manage.py` are recorded, too: they have no account as their actor, but a name."""

from importlib import import_module
from typing import Any

from django.db import migrations, models
from django.db.models import Q

initial = import_module("marquee.audit.migrations.0001_initial")
LIFT = "ALTER TABLE audit_entry DISABLE TRIGGER USER"
NOBODY = "UPDATE audit_entry SET actor_id = 0 WHERE actor_id IS NULL"


def add_sqlite_triggers(apps: Any, schema_editor: Any) -> None:
    """Add SQLite's triggers, which go when the table is rebuilt."""
    if schema_editor.connection.vendor == "sqlite":
        for name, statement in zip(initial.SQLITE, initial.sqlite_triggers(), strict=True):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS audit_entry_no_{name}")
            schema_editor.execute(statement)


def name_nobody(apps: Any, schema_editor: Any) -> None:
    """Give entries of commands an actor that is nobody's id, as the table before needs one."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(LIFT)
        schema_editor.execute(NOBODY)
        schema_editor.execute(LIFT.replace("DISABLE", "ENABLE"))
    else:
        schema_editor.execute("DROP TRIGGER IF EXISTS audit_entry_no_update")
        schema_editor.execute(NOBODY)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, add_sqlite_triggers),
        migrations.AddField(
            "auditentry",
            "through",
            models.CharField(blank=True, default="", max_length=200),
            preserve_default=False,
        ),
        migrations.AlterField(
            "auditentry", "actor_id", models.BigIntegerField(null=True, verbose_name="by")
        ),
        migrations.RunPython(migrations.RunPython.noop, name_nobody),
        migrations.AddConstraint(
            "auditentry",
            models.CheckConstraint(
                condition=Q(actor_id__isnull=False, through="") | Q(actor_id=None) & ~Q(through=""),
                name="audit_entry_names_who_did_it",
            ),
        ),
        migrations.RunPython(add_sqlite_triggers, migrations.RunPython.noop),
    ]
