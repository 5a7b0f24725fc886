from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from marquee.accounts.models import address_key

BATCH = 1000


def add_keys(apps: Any, schema_editor: Any) -> None:
    """Remember the address of every account that has one still."""
    User = apps.get_model("accounts", "User")
    AddressKey = apps.get_model("accounts", "AddressKey")
    known = User.objects.exclude(email__endswith="@deleted.invalid").values_list("pk", "email")
    rows = (AddressKey(user_id=pk, key=address_key(email)) for pk, email in known.iterator())
    AddressKey.objects.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="AddressKey",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "user_id",
                        "key",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("key", models.BigIntegerField(db_index=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="address_keys",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"db_table": "address_key"},
        ),
        migrations.RunPython(add_keys, migrations.RunPython.noop),
    ]
