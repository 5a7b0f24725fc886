"""Roles of staff at cinemas."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_visitors"),
        ("catalog", "0013_storefront"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("gate", "Gate: admits"),
                            ("counter", "Counter: admits and sells"),
                            ("manager", "Manager: admits, sells, and runs the cinema"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "cinema",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.cinema",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="roles",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "staff_role",
                "ordering": ["user_id", "role", "cinema_id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "cinema", "role"), name="staff_role_once_a_cinema"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cinema__isnull", True)),
                        fields=("user", "role"),
                        name="staff_role_once_for_all_cinemas",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["gate", "counter", "manager"])),
                        name="staff_role_known",
                    ),
                ],
            },
        ),
    ]
