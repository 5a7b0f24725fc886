"""All that is asked of the seats of a show stands in their key's index: decision 0011."""

from typing import Any

from django.db import migrations

KEY = """
    ALTER TABLE seat_claim DROP CONSTRAINT seat_claim_pkey,
        ADD CONSTRAINT seat_claim_pkey PRIMARY KEY (show_id, seat_id){include}
"""
# PostgreSQL looks into a table all the same where rows have changed since the last VACUUM: by default
# one in five, and those sold last are the ones that people look at.
SETTINGS = "autovacuum_vacuum_scale_factor{value}, autovacuum_vacuum_insert_scale_factor{value}"


def cover(apps: Any, schema_editor: Any) -> None:
    """Put the columns into the index. SQLite, which is for small houses, has no such keys."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KEY.format(include=" INCLUDE (state, expires_at, gen)"))
        schema_editor.execute(f"ALTER TABLE seat_claim SET ({SETTINGS.format(value=' = 0.02')})")


def uncover(apps: Any, schema_editor: Any) -> None:
    """Take them out again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KEY.format(include=""))
        schema_editor.execute(f"ALTER TABLE seat_claim RESET ({SETTINGS.format(value='')})")


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_initial")]
    operations = [migrations.RunPython(cover, uncover)]
