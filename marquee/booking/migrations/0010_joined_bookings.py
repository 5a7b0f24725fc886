"""Bookings of guests join accounts: a kind of event."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0009_language_and_links"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bookingevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("held", "Held"),
                    ("confirmed", "Confirmed"),
                    ("reduced", "Some tickets cancelled"),
                    ("cancelled", "Cancelled"),
                    ("called_off", "Called off with its show"),
                    ("expired", "Expired"),
                    ("admitted", "Admitted"),
                    ("undone", "Admission undone"),
                    ("moved", "Moved with its show"),
                    ("changed", "Show changed"),
                    ("joined", "Moved from a guest to an account"),
                ],
                max_length=10,
            ),
        ),
    ]
