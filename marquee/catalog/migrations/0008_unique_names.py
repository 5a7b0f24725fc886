"""Names are unique without regard to case and form, and have something to see; lists sort by their keys."""

from importlib import import_module
from typing import Any

from django.db import migrations, models

NAMES = import_module("marquee.catalog.migrations.0007_names")
# SQLite's planner scans; PostgreSQL finds words within titles by their groups of three letters.
TRIGRAMS = "CREATE INDEX movie_by_words ON movie USING gin (search_text gin_trgm_ops)"


def index_words(apps: Any, schema_editor: Any) -> None:
    """Index the texts to search in."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        schema_editor.execute(TRIGRAMS)


def drop_index(apps: Any, schema_editor: Any) -> None:
    """Drop the index again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX movie_by_words")


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_names")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, NAMES.restore_triggers),
        migrations.AlterModelOptions(
            name="auditorium",
            options={"ordering": ["cinema", "sort_name", "id"]},
        ),
        migrations.AlterModelOptions(
            name="cinema",
            options={"ordering": ["sort_name", "id"]},
        ),
        migrations.AlterModelOptions(
            name="genre",
            options={"ordering": ["sort_name", "id"]},
        ),
        migrations.AlterModelOptions(
            name="movie",
            options={"ordering": ["sort_title", "id"]},
        ),
        migrations.AlterModelOptions(
            name="pricecard",
            options={"ordering": ["cinema", "sort_name", "id"]},
        ),
        migrations.AddIndex(
            model_name="movie",
            index=models.Index(fields=["sort_title", "id"], name="movie_by_title"),
        ),
        migrations.AddConstraint(
            model_name="auditorium",
            constraint=models.UniqueConstraint(
                fields=("cinema", "name_key"),
                name="auditorium_name_unique_in_cinema",
                violation_error_code="unique",
                violation_error_message="The cinema has an auditorium of this name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="auditorium",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_key", ""), _negated=True),
                name="auditorium_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="cinema",
            constraint=models.UniqueConstraint(
                fields=("city_key", "name_key"),
                name="cinema_name_unique_in_city",
                violation_error_code="unique",
                violation_error_message="There is a cinema of this name in the city already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="cinema",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_key", ""), _negated=True),
                name="cinema_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="genre",
            constraint=models.UniqueConstraint(
                fields=("name_key",),
                name="genre_name_unique",
                violation_error_code="unique",
                violation_error_message="There is such a genre already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="genre",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_key", ""), _negated=True),
                name="genre_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="movie",
            constraint=models.CheckConstraint(
                condition=models.Q(("sort_title", ""), _negated=True),
                name="movie_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecard",
            constraint=models.UniqueConstraint(
                fields=("cinema", "name_key"),
                name="price_card_name_unique_in_cinema",
                violation_error_code="unique",
                violation_error_message="The cinema has a price card of this name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="pricecard",
            constraint=models.CheckConstraint(
                condition=models.Q(("name_key", ""), _negated=True),
                name="price_card_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettype",
            constraint=models.UniqueConstraint(
                fields=("code_key",),
                name="ticket_type_code_unique",
                violation_error_code="unique",
                violation_error_message="There is a ticket type of this code already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="tickettype",
            constraint=models.CheckConstraint(
                condition=models.Q(("search_text", ""), _negated=True),
                name="ticket_type_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.RunPython(index_words, drop_index),
        migrations.RunPython(NAMES.restore_triggers, migrations.RunPython.noop),
    ]
