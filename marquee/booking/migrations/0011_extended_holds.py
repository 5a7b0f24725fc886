"""Holds that are kept for longer, once, and the cap on the life of each."""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Q


def cap_holds(apps: Any, schema_editor: Any) -> None:
    """Let the holds of now end when they were to end."""
    held = apps.get_model("booking", "Booking").objects.exclude(held_until=None)
    held.update(held_at_most_until=F("held_until"))


class Migration(migrations.Migration):
    dependencies = [("booking", "0010_joined_bookings")]
    operations = [
        migrations.AddField("Booking", "held_at_most_until", models.DateTimeField(null=True)),
        migrations.AddField("Booking", "extended_at", models.DateTimeField(null=True)),
        migrations.RunPython(cap_holds, migrations.RunPython.noop),
        migrations.AddConstraint(
            "Booking",
            models.CheckConstraint(
                condition=Q(held_until__isnull=True)
                | Q(held_at_most_until__isnull=False, held_until__lte=F("held_at_most_until")),
                name="booking_held_no_longer_than_its_cap",
            ),
        ),
        migrations.AlterField(
            "BookingEvent",
            "kind",
            models.CharField(
                max_length=10,
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
                    ("extended", "Kept for longer"),
                ],
            ),
        ),
    ]
