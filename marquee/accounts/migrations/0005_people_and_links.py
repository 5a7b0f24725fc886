"""Guests, verified addresses, the history of accounts, mailed links and logins."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import marquee.core.derived


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_refresh_token_issued_at"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("signed_up", "Signed up"),
                            ("guest", "Began as a guest"),
                            ("verify", "Asked to verify the address"),
                            ("verified", "Verified the address"),
                            ("reset_asked", "Asked for a new password"),
                            ("password", "Changed the password"),
                            ("reset", "Set a new password by a link"),
                            ("new_email", "Asked for another address"),
                            ("email", "Changed the address"),
                            ("log_out", "Logged out everywhere else"),
                            ("close_asked", "Asked to close by a link"),
                            ("closed", "Closed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField(db_index=True)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("by", models.CharField(blank=True, max_length=8)),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "db_table": "account_event",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="AccountLink",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("verify", "Verify an address"),
                            ("reset", "Set a new password"),
                            ("email", "Change the address"),
                            ("close", "Close a guest's account"),
                        ],
                        max_length=6,
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("spent_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "account_link",
            },
        ),
        migrations.CreateModel(
            name="LoginSession",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("session_digest", models.CharField(blank=True, max_length=64)),
                ("user_agent", models.CharField(blank=True, max_length=300)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "db_table": "login_session",
            },
        ),
        migrations.AddField(
            model_name="user",
            name="contact_email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="contact address"),
        ),
        migrations.AddField(
            model_name="user",
            name="email_verified_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="user",
            name="pending_email",
            field=models.EmailField(blank=True, editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="user",
            name="was_account",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="user",
            name="email",
            field=models.EmailField(
                error_messages={"unique": "There is an account with this address already."},
                max_length=254,
                null=True,
                unique=True,
                verbose_name="e-mail address",
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="search_text",
            field=marquee.core.derived.DerivedTextField(
                key="search", sources=("name", "email", "contact_email")
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("email__isnull", False),
                    models.Q(("is_staff", False), ("is_superuser", False)),
                    _connector="OR",
                ),
                name="account_guest_has_no_rights",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("email__isnull", True),
                    models.Q(("contact_email", ""), ("was_account", False)),
                    _connector="OR",
                ),
                name="account_contact_address_only_of_guests",
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="actor",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accountevent",
            name="user",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="accountlink",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="links",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="loginsession",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="login_sessions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="accountevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("user__isnull", False),
                    ("kind", "reset_asked"),
                    _connector="OR",
                ),
                name="account_event_of_an_account",
            ),
        ),
        migrations.AddConstraint(
            model_name="loginsession",
            constraint=models.UniqueConstraint(
                condition=models.Q(("session_digest", ""), _negated=True),
                fields=("session_digest",),
                name="login_session_of_one_browser",
            ),
        ),
    ]
