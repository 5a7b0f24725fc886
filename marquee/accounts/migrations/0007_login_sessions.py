"""A login in the list knows its epoch and its end. The table is new, and has no rows yet."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Create the table again: browser sessions hold the id of their row, so it needs no digest."""

    dependencies = [("accounts", "0006_guests")]

    operations = [
        migrations.DeleteModel("LoginSession"),
        migrations.CreateModel(
            "LoginSession",
            [
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="login_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("token_epoch", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={"db_table": "login_session"},
        ),
    ]
