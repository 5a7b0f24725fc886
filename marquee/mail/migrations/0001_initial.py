"""The outbox."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0005_people_and_links"),
        ("booking", "0009_language_and_links"),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("verify", "Verify your address"),
                            ("in_use", "Somebody asked for your address"),
                            ("new_email", "Confirm your new address"),
                            ("email", "Your address was changed"),
                            ("reset", "Set a new password"),
                            ("password", "Your password was changed"),
                            ("close", "Delete your data"),
                            ("booked", "Booked"),
                            ("reduced", "Some tickets cancelled"),
                            ("cancelled", "Cancelled"),
                            ("called_off", "Show called off"),
                            ("moved", "Show moved"),
                            ("changed", "Show changed"),
                            ("reminder", "Reminder"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "recipient",
                    models.CharField(
                        choices=[
                            ("customer", "The customer"),
                            ("event", "The address that the event is about"),
                            ("counter", "The customer at the counter"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("due", "Waiting to be sent"),
                            ("sending", "Being sent"),
                            ("sent", "Sent"),
                            ("dead", "Given up"),
                            ("dropped", "Not needed any more"),
                        ],
                        default="due",
                        max_length=7,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                (
                    "account_event",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="accounts.accountevent",
                    ),
                ),
                (
                    "booking_event",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="booking.bookingevent",
                    ),
                ),
            ],
            options={
                "db_table": "message",
                "ordering": ["id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["due", "sending"])),
                        fields=["next_at"],
                        name="message_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("booking_event__isnull", False)),
                        fields=("booking_event", "kind", "recipient"),
                        name="message_once_for_a_booking_event",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("account_event__isnull", False)),
                        fields=("account_event", "kind", "recipient"),
                        name="message_once_for_an_account_event",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("account_event__isnull", False), ("booking_event__isnull", True)
                            ),
                            models.Q(
                                ("account_event__isnull", True), ("booking_event__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="message_of_one_event",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("sent_at__isnull", False),
                                ("state", "sent"),
                            ),
                            models.Q(
                                ("sent_at__isnull", True),
                                ("state__in", ["due", "sending", "dead", "dropped"]),
                            ),
                            _connector="OR",
                        ),
                        name="message_sent_at_a_time",
                    ),
                ],
            },
        ),
    ]
