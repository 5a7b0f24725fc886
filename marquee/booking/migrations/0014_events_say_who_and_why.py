"""Let the database check that every event of a customer or of staff names its actor, and why one was undone.

Every version wrote both. Rows that some script left without them are repaired first.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import Q

OWNER_SQL = """
    UPDATE booking_event
    SET actor_id = (SELECT user_id FROM booking WHERE booking.id = booking_event.booking_id)
    WHERE by = 'customer' AND actor_id IS NULL
"""
STAFF_SQL = "UPDATE booking_event SET by = '' WHERE by = 'staff' AND actor_id IS NULL"
REASON_SQL = (
    "UPDATE booking_event SET reason = '(not recorded)' WHERE kind = 'undone' AND reason = ''"
)


def repair(apps: Any, schema_editor: Any) -> None:
    """Name the owner where a customer acted; of the others, say that nobody knows."""
    for sql in (OWNER_SQL, STAFF_SQL, REASON_SQL):
        schema_editor.execute(sql)
    if schema_editor.connection.vendor == "postgresql":
        # PostgreSQL alters no table with checks of foreign keys that are still to be made.
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


class Migration(migrations.Migration):
    dependencies = [("booking", "0013_exchanged_seats")]
    operations = [
        migrations.RunPython(repair, migrations.RunPython.noop),
        migrations.RemoveConstraint("BookingEvent", "booking_event_has_a_known_actor"),
        migrations.AddConstraint(
            "BookingEvent",
            models.CheckConstraint(
                condition=Q(by__in=["customer", "staff"], actor__isnull=False)
                | Q(by__in=["", "worker"], actor__isnull=True),
                name="booking_event_has_a_known_actor",
            ),
        ),
        migrations.AddConstraint(
            "BookingEvent",
            models.CheckConstraint(
                condition=~Q(kind="undone", reason=""), name="booking_event_undone_for_a_reason"
            ),
        ),
    ]
