"""Let triggers note every change of the catalog, whoever made it: decision 0012."""

from typing import Any

from django.db import migrations, models

# SQLite loses the triggers of a table that a later migration alters: put them back there.
TABLES = [
    "genre", "movie", "movie_genres", "cinema", "auditorium", "seat_plan", "seat", "ticket_type",
    "price_card", "price", "show",
]  # fmt: skip

# A random value does not come again, not even after a rollback or from a backup. The trigger fires before
# the statement, so that catalog writers wait for each other before they lock rows: see `lock_catalog`.
POSTGRESQL = """
    CREATE FUNCTION note_catalog_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT AS $$ BEGIN
        INSERT INTO catalog_revision (id, value) VALUES (1, floor(random() * 2::float8 ^ 53))
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
        RETURN NULL;
    END $$
"""
POSTGRESQL_TABLE = """
    CREATE TRIGGER {table}_revision BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION note_catalog_change()
"""
# Not by OR REPLACE: within a trigger, the conflict clause of the outer statement wins (OR IGNORE).
SQLITE_TABLE = """
    CREATE TRIGGER {table}_revision_{event} AFTER {event} ON {table} BEGIN
        DELETE FROM catalog_revision;
        INSERT INTO catalog_revision (id, value) VALUES (1, random());
    END
"""
EVENTS = ["insert", "update", "delete"]


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Add the triggers."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL_TABLE.format(table=table))
        return
    for table in TABLES:
        for event in EVENTS:
            schema_editor.execute(SQLITE_TABLE.format(table=table, event=event))


def remove_triggers(apps: Any, schema_editor: Any) -> None:
    """Remove the triggers."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION note_catalog_change() CASCADE")
        return
    for table in TABLES:
        for event in EVENTS:
            schema_editor.execute(f"DROP TRIGGER {table}_revision_{event}")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0002_no_overlap_and_ticket_types")]
    operations = [
        migrations.CreateModel(
            name="Revision",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("value", models.BigIntegerField()),
            ],
            options={"db_table": "catalog_revision"},
        ),
        migrations.RunPython(add_triggers, remove_triggers),
        # The row that writers lock must exist.
        migrations.RunSQL(
            "INSERT INTO catalog_revision (id, value) VALUES (1, 0)", migrations.RunSQL.noop
        ),
    ]
