"""Since when events are mailed: from now on, as nobody expects mail about what was before."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Now


def start_now(apps: Any, schema_editor: Any) -> None:
    """Add the row, by the database's clock."""
    apps.get_model("mail", "OutboxStart").objects.get_or_create(pk=1, defaults={"since": Now()})


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]
    operations = [
        migrations.AlterModelOptions(
            name="message", options={"ordering": ["id"], "verbose_name": "undelivered mail"}
        ),
        migrations.AddField("Message", "again_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="OutboxStart",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "outbox_start",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="outbox_start_once")
                ],
            },
        ),
        migrations.RunPython(start_now, migrations.RunPython.noop),
    ]
