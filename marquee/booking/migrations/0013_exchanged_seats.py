"""Events of bookings whose seats were changed, which are mailed."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0012_erase_contacts"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="bookingevent",
            name="booking_event_to_mail",
        ),
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
                    ("extended", "Kept for longer"),
                    ("exchanged", "Seats changed"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="bookingevent",
            index=models.Index(
                condition=models.Q(
                    (
                        "kind__in",
                        (
                            "confirmed",
                            "reduced",
                            "cancelled",
                            "called_off",
                            "moved",
                            "changed",
                            "exchanged",
                        ),
                    )
                ),
                fields=["at"],
                name="booking_event_to_mail",
            ),
        ),
    ]
