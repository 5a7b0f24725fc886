"""Who made a change of a booking, and why. Of older events nobody knows that."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0004_limits"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "BookingEvent",
            "by",
            models.CharField(
                max_length=8,
                blank=True,
                choices=[("customer", "Customer"), ("staff", "Staff"), ("worker", "Worker")],
                default="",
                db_default="",
            ),
        ),
        migrations.AddField(
            "BookingEvent",
            "actor",
            models.ForeignKey(
                settings.AUTH_USER_MODEL,
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                related_name="+",
                db_index=False,
            ),
        ),
        migrations.AddField(
            "BookingEvent", "reason", models.TextField(blank=True, default="", db_default="")
        ),
        migrations.AddConstraint(
            "BookingEvent",
            models.CheckConstraint(
                condition=Q(by__in=["customer", "staff"])
                | Q(by__in=["", "worker"], actor__isnull=True),
                name="booking_event_has_a_known_actor",
            ),
        ),
    ]
