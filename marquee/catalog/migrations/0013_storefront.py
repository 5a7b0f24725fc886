"""What the storefront says of cinemas, movies in other languages, and the policy on single seats."""

from importlib import import_module
from typing import Any

import django.db.models.deletion
from django.db import migrations, models

import marquee.catalog.states
import marquee.core.derived
import marquee.core.validators

REVISION = import_module("marquee.catalog.migrations.0003_revision")
REMINDERS = import_module("marquee.catalog.migrations.0012_reminders")


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Let translations change the catalog's revision, too; put back what SQLite dropped."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REVISION.POSTGRESQL_TABLE.format(table="movie_translation"))
        return
    for event in REVISION.EVENTS:
        schema_editor.execute(REVISION.SQLITE_TABLE.format(table="movie_translation", event=event))
    REMINDERS.restore_triggers(apps, schema_editor)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0012_reminders"),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, REMINDERS.restore_triggers),
        migrations.CreateModel(
            name="MovieTranslation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(help_text="One of LANGUAGES: de.", max_length=10)),
                (
                    "title",
                    models.CharField(
                        max_length=200, validators=[marquee.core.validators.validate_line]
                    ),
                ),
                (
                    "synopsis",
                    models.TextField(
                        blank=True,
                        max_length=5000,
                        validators=[marquee.core.validators.validate_lines],
                    ),
                ),
                (
                    "search_text",
                    marquee.core.derived.DerivedTextField(key="search", sources=("title",)),
                ),
            ],
            options={
                "db_table": "movie_translation",
                "ordering": ["movie", "language"],
            },
        ),
        migrations.AddField(
            model_name="cinema",
            name="accessibility",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="Steps, lifts, toilets, induction loops: what visitors want to know before.",
                max_length=2000,
                validators=[marquee.core.validators.validate_lines],
            ),
        ),
        migrations.AddField(
            model_name="cinema",
            name="address",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                max_length=300,
                validators=[marquee.core.validators.validate_lines],
            ),
        ),
        migrations.AddField(
            model_name="cinema",
            name="single_gaps",
            field=models.CharField(
                choices=[
                    ("off", "Ignore them"),
                    ("advise", "Advise another choice on the storefront"),
                    ("refuse", "Refuse them while a better choice exists"),
                ],
                db_default=marquee.catalog.states.SingleGaps["ADVISE"],
                default=marquee.catalog.states.SingleGaps["ADVISE"],
                max_length=6,
                verbose_name="single seats left alone",
            ),
        ),
        migrations.AddConstraint(
            model_name="cinema",
            constraint=models.CheckConstraint(
                condition=models.Q(("single_gaps__in", ["off", "advise", "refuse"])),
                name="cinema_single_gaps_known",
            ),
        ),
        migrations.AddField(
            model_name="movietranslation",
            name="movie",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="translations",
                to="catalog.movie",
            ),
        ),
        migrations.AddConstraint(
            model_name="movietranslation",
            constraint=models.UniqueConstraint(
                fields=("movie", "language"), name="movie_translated_once_into_a_language"
            ),
        ),
        migrations.AddConstraint(
            model_name="movietranslation",
            constraint=models.CheckConstraint(
                condition=models.Q(("search_text", ""), _negated=True),
                name="movie_translation_name_visible",
                violation_error_message="There is nothing to be seen in this text: write some letters.",
            ),
        ),
        migrations.RunPython(add_triggers, migrations.RunPython.noop),
    ]
