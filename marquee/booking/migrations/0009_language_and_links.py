"""The language of a booking, its links, and an index of what customers get mail about."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0008_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="booking",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
        migrations.AddField(
            model_name="booking",
            name="link_epoch",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name="bookingevent",
            index=models.Index(
                condition=models.Q(
                    (
                        "kind__in",
                        ("confirmed", "reduced", "cancelled", "called_off", "moved", "changed"),
                    )
                ),
                fields=["at"],
                name="booking_event_to_mail",
            ),
        ),
    ]
