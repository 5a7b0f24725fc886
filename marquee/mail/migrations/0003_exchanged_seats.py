"""Mails about seats that were changed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0002_outbox_start"),
    ]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
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
                    ("exchanged", "Seats changed"),
                    ("reminder", "Reminder"),
                ],
                max_length=10,
            ),
        ),
    ]
