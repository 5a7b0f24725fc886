"""Copy the terms of the sale to each booking: the start of the show, and until when it may be cancelled.

Bookings that were made before keep the deadline that holds at this migration. None becomes shorter.
"""

from typing import Any

from django.conf import settings
from django.db import migrations, models

FILL = """
    UPDATE booking SET sold_starts_at = show.starts_at, cancel_until = {until}
    FROM show
        JOIN auditorium ON auditorium.id = show.auditorium_id
        JOIN cinema ON cinema.id = auditorium.cinema_id
    WHERE show.id = booking.show_id
"""
MINUTES = "COALESCE(cinema.cancel_until_minutes, %s)"
UNTIL = {
    "postgresql": f"show.starts_at - make_interval(mins => {MINUTES})",
    "sqlite": f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', show.starts_at, '-' || {MINUTES} || ' minutes')",
}


def copy_terms(apps: Any, schema_editor: Any) -> None:
    """Fill the columns from the shows, the cinemas and the setting as they are now."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(FILL.format(until=UNTIL[connection.vendor]), [settings.CANCEL_UNTIL_MINUTES])


class Migration(migrations.Migration):
    dependencies = [("booking", "0007_counter_and_parts"), ("catalog", "0005_local_time")]
    operations = [
        migrations.AddField("Booking", "sold_starts_at", models.DateTimeField(null=True)),
        migrations.AddField("Booking", "cancel_until", models.DateTimeField(null=True)),
        migrations.RunPython(copy_terms, migrations.RunPython.noop),
        migrations.AlterField("Booking", "sold_starts_at", models.DateTimeField()),
        migrations.AlterField("Booking", "cancel_until", models.DateTimeField()),
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
                ],
            ),
        ),
    ]
