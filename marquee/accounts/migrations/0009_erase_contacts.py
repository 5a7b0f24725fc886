"""Indexes for what the worker erases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_link_epoch"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="accountevent",
            index=models.Index(
                condition=models.Q(("email", ""), _negated=True),
                fields=["at"],
                name="account_event_with_address",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(
                    ("email__isnull", True), models.Q(("contact_email", ""), _negated=True)
                ),
                fields=["created_at"],
                name="account_guest_with_address",
            ),
        ),
    ]
