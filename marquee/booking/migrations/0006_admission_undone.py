"""A kind of event: an admission that was undone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "0005_event_actors")]
    operations = [
        migrations.AlterField(
            "BookingEvent",
            "kind",
            models.CharField(
                max_length=10,
                choices=[
                    ("held", "Held"),
                    ("confirmed", "Confirmed"),
                    ("cancelled", "Cancelled"),
                    ("called_off", "Called off with its show"),
                    ("expired", "Expired"),
                    ("admitted", "Admitted"),
                    ("undone", "Admission undone"),
                ],
            ),
        ),
    ]
