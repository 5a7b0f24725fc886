"""The database itself notes that the catalogue has changed, whoever changed it: decision 0012."""

from typing import Any

from django.db import migrations, models

# SQLite loses the triggers of a table that a later migration alters: put them back there.
TABLES = [
    "genre", "movie", "movie_genres", "cinema", "auditorium", "seat_plan", "seat", "ticket_type",
    "price_card", "price", "show",
]  # fmt: skip

# A value that never comes again, not even after a rollback. Before the statement, so that whoever
# changes the catalogue waits for others who do before they lock rows, and not the other way round.
POSTGRESQL = """
    CREATE SEQUENCE catalog_revision_value;
    CREATE FUNCTION note_catalog_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO catalog_revision (id, value) VALUES (1, nextval('catalog_revision_value'))
        ON CONFLICT (id) DO UPDATE SET value = excluded.value;
        RETURN NULL;
    END $$
"""
POSTGRESQL_TABLE = """
    CREATE TRIGGER {table}_revision BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION note_catalog_change()
"""
SQLITE_TABLE = """
    CREATE TRIGGER {table}_revision_{event} AFTER {event} ON {table} BEGIN
        INSERT OR REPLACE INTO catalog_revision (id, value) VALUES (1, random());
    END
"""
EVENTS = ["insert", "update", "delete"]


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Note changes from now on."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL)
        for table in TABLES:
            schema_editor.execute(POSTGRESQL_TABLE.format(table=table))
        return
    for table in TABLES:
        for event in EVENTS:
            schema_editor.execute(SQLITE_TABLE.format(table=table, event=event))


def remove_triggers(apps: Any, schema_editor: Any) -> None:
    """Note them no longer."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION note_catalog_change() CASCADE")
        schema_editor.execute("DROP SEQUENCE catalog_revision_value")
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
    ]
