"""Indexes for what the worker erases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0011_extended_holds"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="countersale",
            index=models.Index(
                condition=models.Q(("customer_email", ""), ("customer_name", ""), _negated=True),
                fields=["booking"],
                name="counter_sale_with_customer",
            ),
        ),
    ]
