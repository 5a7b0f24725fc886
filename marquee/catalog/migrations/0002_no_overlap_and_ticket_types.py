"""What a model cannot say: no overlapping shows on PostgreSQL, and the usual ticket types."""

from typing import Any

from django.db import migrations

NO_OVERLAP = """
    ALTER TABLE show ADD CONSTRAINT show_no_overlap
    EXCLUDE USING gist (auditorium_id WITH =, tstzrange(starts_at, occupied_until) WITH &&)
    WHERE (state = 'scheduled')
"""
TICKET_TYPES = ["adult", "child", "senior", "student", "carer"]


def forbid_overlap(apps: Any, schema_editor: Any) -> None:
    """Add the constraint; SQLite has none of the kind, and one writer at a time (DESIGN 4)."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
        schema_editor.execute(NO_OVERLAP)


def allow_overlap(apps: Any, schema_editor: Any) -> None:
    """Take the constraint away again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE show DROP CONSTRAINT show_no_overlap")


def add_ticket_types(apps: Any, schema_editor: Any) -> None:
    """Add the types that every house knows, in the order that lists show them."""
    ticket_type = apps.get_model("catalog", "TicketType")
    for position, code in enumerate(TICKET_TYPES):
        ticket_type.objects.get_or_create(
            code=code, defaults={"name": code.capitalize(), "position": position}
        )


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]
    operations = [
        migrations.RunPython(forbid_overlap, allow_overlap),
        migrations.RunPython(add_ticket_types, migrations.RunPython.noop),
    ]
