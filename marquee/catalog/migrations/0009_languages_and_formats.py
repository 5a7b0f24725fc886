"""Languages as BCP 47 has them, several subtitles, captions; formats as rows that staff can add."""

from importlib import import_module
from typing import Any

from django.db import migrations, models

import marquee.catalog.fields
import marquee.core.derived
import marquee.core.validators
from marquee.core.languages import normalise_language
from marquee.core.text import name_key

NAMES = import_module("marquee.catalog.migrations.0007_names")
REVISION = import_module("marquee.catalog.migrations.0003_revision")
FORMATS = [
    ("2D", "2D"), ("3D", "3D"), ("IMAX", "IMAX"), ("IMAX 3D", "IMAX 3D"), ("4DX", "4DX"),
    ("70mm", "70 mm"), ("35mm", "35 mm"), ("16mm", "16 mm"), ("Dolby Cinema", "Dolby Cinema"),
    ("ScreenX", "ScreenX"),
]  # fmt: skip
LANGUAGES = [("Movie", "original_language"), ("Show", "language"), ("Show", "subtitles")]


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Let changes of formats change the catalog's revision, too."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REVISION.POSTGRESQL_TABLE.format(table="show_format"))
        return
    for event in REVISION.EVENTS:
        schema_editor.execute(REVISION.SQLITE_TABLE.format(table="show_format", event=event))
    NAMES.restore_triggers(apps, schema_editor)


def add_formats(apps: Any, schema_editor: Any) -> None:
    """Add the formats that shows had so far, and others that cinemas have."""
    formats = apps.get_model("catalog", "Format").objects
    for position, (code, name) in enumerate(FORMATS):
        formats.get_or_create(
            code_key=name_key(code), defaults={"code": code, "name": name, "position": position}
        )


def normalise_languages(apps: Any, schema_editor: Any) -> None:
    """Write known languages in their usual form: he for iw. Others stay as they are."""
    for model, column in LANGUAGES:
        rows = apps.get_model("catalog", model).objects.order_by()
        for tag in set(rows.values_list(column, flat=True)) - {""}:
            try:
                normal = normalise_language(tag)
            except ValueError:
                continue
            if normal != tag:
                rows.filter(**{column: tag}).update(**{column: normal})


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_unique_names")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, NAMES.restore_triggers),
        migrations.AddField(
            model_name="show",
            name="captions",
            field=models.BooleanField(
                default=False,
                help_text="They say what is to be heard, too.",
                verbose_name="captions for the deaf",
            ),
        ),
        migrations.AlterField(
            model_name="movie",
            name="original_language",
            field=marquee.catalog.fields.LanguageField(blank=True, max_length=35),
        ),
        migrations.AlterField(
            model_name="show",
            name="format",
            field=models.CharField(default="2D", help_text="The code of a format.", max_length=20),
        ),
        migrations.AlterField(
            model_name="show",
            name="language",
            field=marquee.catalog.fields.LanguageField(blank=True, max_length=35),
        ),
        migrations.AlterField(
            model_name="show",
            name="subtitles",
            field=marquee.catalog.fields.LanguagesField(
                blank=True,
                help_text="Several with blanks between, the most important first: de fr.",
                max_length=288,
            ),
        ),
        migrations.CreateModel(
            name="Format",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        max_length=20,
                        validators=[marquee.core.validators.validate_line],
                        help_text="What shows name it by: IMAX, 35mm.",
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        max_length=50,
                        validators=[marquee.core.validators.validate_line],
                        help_text="What people read: 35 mm.",
                    ),
                ),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        default=100,
                        verbose_name="place in lists",
                        help_text="Lists begin with the lowest.",
                    ),
                ),
                ("code_key", marquee.core.derived.DerivedTextField(key="name", sources=("code",))),
            ],
            options={
                "db_table": "show_format",
                "ordering": ["position", "code_key", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("code_key",),
                        name="format_code_unique",
                        violation_error_code="unique",
                        violation_error_message="There is a format of this code already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code_key", ""), _negated=True),
                        name="format_name_visible",
                        violation_error_message="There is nothing to be seen in this text: write some letters.",
                    ),
                ],
            },
        ),
        migrations.RunPython(add_triggers, migrations.RunPython.noop),
        migrations.RunPython(add_formats, migrations.RunPython.noop),
        migrations.RunPython(normalise_languages, migrations.RunPython.noop),
    ]
