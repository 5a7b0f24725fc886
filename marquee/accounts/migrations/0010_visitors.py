"""Provisional guests: who books in a browser before saying who they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_erase_contacts"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="visitor",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("visitor__isnull", False)),
                fields=["visitor"],
                name="account_by_visitor",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("visitor__isnull", True), ("email__isnull", True), _connector="OR"
                ),
                name="account_visitor_only_of_guests",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("contact_email", ""), ("is_active", True), ("visitor__isnull", False)
                ),
                fields=("visitor",),
                name="account_one_provisional_guest_of_a_visitor",
            ),
        ),
    ]
