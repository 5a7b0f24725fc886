"""References, codes and keys are as unique as before, by three index entries fewer: decision 0011."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("booking", "0002_covering_key")]
    operations = [
        # As UniqueConstraint, without the index for LIKE that `unique=True` adds on PostgreSQL.
        migrations.AlterField("booking", "reference", models.CharField(max_length=8)),
        migrations.AddConstraint(
            "booking",
            models.UniqueConstraint(fields=["reference"], name="booking_reference_unique"),
        ),
        migrations.AlterField("ticket", "code", models.CharField(max_length=16)),
        migrations.AddConstraint(
            "ticket", models.UniqueConstraint(fields=["code"], name="ticket_code_unique")
        ),
        # Without an entry for every booking that has no key.
        migrations.RemoveConstraint("booking", "booking_key_unique_for_user"),
        migrations.AddConstraint(
            "booking",
            models.UniqueConstraint(
                fields=["user", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
                name="booking_key_unique_for_user",
            ),
        ),
    ]
