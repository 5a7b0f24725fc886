"""Columns computed from names: to compare, to search and to sort by. See core/derived.py."""

from importlib import import_module
from typing import Any

from django.db import migrations, models

import marquee.core.derived
import marquee.core.validators
from marquee.core.text import canonical, name_key

REVISION = import_module("marquee.catalog.migrations.0003_revision")
# Where a name is unique: the model, the column with its key, and the columns within which it is.
UNIQUE = [
    ("Cinema", "name_key", ["city_key"]),
    ("Auditorium", "name_key", ["cinema_id"]),
    ("PriceCard", "name_key", ["cinema_id"]),
    ("TicketType", "code_key", []),
    ("Genre", "name_key", []),
]


def restore_triggers(apps: Any, schema_editor: Any) -> None:
    """Put back the triggers that SQLite dropped with the tables it made anew."""
    if schema_editor.connection.vendor == "sqlite":
        for table in REVISION.TABLES:
            for event in REVISION.EVENTS:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_revision_{event}")
                schema_editor.execute(REVISION.SQLITE_TABLE.format(table=table, event=event))


def name_what_is_invisible(apps: Any, schema_editor: Any) -> None:
    """Give names to rows whose names have nothing to see."""
    for model, column in [
        ("Movie", "title"), ("Cinema", "name"), ("Auditorium", "name"), ("PriceCard", "name"),
        ("Genre", "name"),
    ]:  # fmt: skip
        rows = apps.get_model("catalog", model).objects
        for pk, name in rows.values_list("pk", column):
            if not canonical(name):
                rows.filter(pk=pk).update(**{column: f"Unnamed {pk}"})


def merge_genres(apps: Any, schema_editor: Any) -> None:
    """Give the movies of a genre twice, by case or form, the older of the two."""
    Genre = apps.get_model("catalog", "Genre")
    Movie = apps.get_model("catalog", "Movie")
    tagged = Movie.genres.through.objects
    kept: dict[str, int] = {}
    for pk, name in Genre.objects.order_by("pk").values_list("pk", "name"):
        oldest = kept.setdefault(name_key(name), pk)
        if oldest != pk:
            has_both = tagged.filter(genre_id=oldest).values("movie_id")
            tagged.filter(genre_id=pk).exclude(movie_id__in=has_both).update(genre_id=oldest)
            tagged.filter(genre_id=pk).delete()
            Genre.objects.filter(pk=pk).delete()


def fill(apps: Any, schema_editor: Any) -> None:
    """Fill the new columns. Names that are equal by now stay, each with a key of its own."""
    marquee.core.derived.fill(apps.get_model("catalog", "Movie"))
    for model, column, within in UNIQUE:
        marquee.core.derived.fill(apps.get_model("catalog", model), unique=column, within=within)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_format_labels")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        migrations.RemoveConstraint(
            model_name="auditorium",
            name="auditorium_name_unique_in_cinema",
        ),
        migrations.RemoveConstraint(
            model_name="cinema",
            name="cinema_name_unique_in_city",
        ),
        migrations.RemoveConstraint(
            model_name="pricecard",
            name="price_card_name_unique_in_cinema",
        ),
        migrations.RemoveIndex(
            model_name="movie",
            name="movie_by_title",
        ),
        migrations.AddField(
            model_name="auditorium",
            name="name_key",
            field=marquee.core.derived.DerivedTextField(key="name", sources=("name",)),
        ),
        migrations.AddField(
            model_name="auditorium",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(key="search", sources=("name",)),
        ),
        migrations.AddField(
            model_name="auditorium",
            name="sort_name",
            field=marquee.core.derived.DerivedTextField(key="sort", sources=("name",)),
        ),
        migrations.AddField(
            model_name="cinema",
            name="city_key",
            field=marquee.core.derived.DerivedTextField(key="name", sources=("city",)),
        ),
        migrations.AddField(
            model_name="cinema",
            name="name_key",
            field=marquee.core.derived.DerivedTextField(key="name", sources=("name",)),
        ),
        migrations.AddField(
            model_name="cinema",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(key="search", sources=("name", "city")),
        ),
        migrations.AddField(
            model_name="cinema",
            name="sort_name",
            field=marquee.core.derived.DerivedTextField(key="sort", sources=("name",)),
        ),
        migrations.AddField(
            model_name="genre",
            name="name_key",
            field=marquee.core.derived.DerivedTextField(key="name", sources=("name",)),
        ),
        migrations.AddField(
            model_name="genre",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(key="search", sources=("name",)),
        ),
        migrations.AddField(
            model_name="genre",
            name="sort_name",
            field=marquee.core.derived.DerivedTextField(key="sort", sources=("name",)),
        ),
        migrations.AddField(
            model_name="movie",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(
                key="search", sources=("title", "original_title")
            ),
        ),
        migrations.AddField(
            model_name="movie",
            name="sort_title",
            field=marquee.core.derived.DerivedTextField(
                key="title", sources=("title", "original_title", "original_language")
            ),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="name_key",
            field=marquee.core.derived.DerivedTextField(key="name", sources=("name",)),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(key="search", sources=("name",)),
        ),
        migrations.AddField(
            model_name="pricecard",
            name="sort_name",
            field=marquee.core.derived.DerivedTextField(key="sort", sources=("name",)),
        ),
        migrations.AddField(
            model_name="tickettype",
            name="code_key",
            field=marquee.core.derived.DerivedTextField(key="name", sources=("code",)),
        ),
        migrations.AddField(
            model_name="tickettype",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(key="search", sources=("code", "name")),
        ),
        migrations.AlterField(
            model_name="auditorium",
            name="name",
            field=models.CharField(
                max_length=100, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="cinema",
            name="city",
            field=models.CharField(
                max_length=100, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="cinema",
            name="name",
            field=models.CharField(
                max_length=100, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="genre",
            name="name",
            field=models.CharField(
                max_length=50, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="movie",
            name="certificate",
            field=models.CharField(
                blank=True,
                max_length=20,
                validators=[marquee.core.validators.validate_line],
                verbose_name="age certificate",
            ),
        ),
        migrations.AlterField(
            model_name="movie",
            name="original_title",
            field=models.CharField(
                blank=True, max_length=200, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="movie",
            name="synopsis",
            field=models.TextField(
                blank=True, max_length=5000, validators=[marquee.core.validators.validate_lines]
            ),
        ),
        migrations.AlterField(
            model_name="movie",
            name="title",
            field=models.CharField(
                max_length=200, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="pricecard",
            name="name",
            field=models.CharField(
                max_length=100, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.AlterField(
            model_name="tickettype",
            name="name",
            field=models.CharField(
                max_length=50, validators=[marquee.core.validators.validate_line]
            ),
        ),
        migrations.RunPython(name_what_is_invisible, migrations.RunPython.noop),
        migrations.RunPython(merge_genres, migrations.RunPython.noop),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
    ]
