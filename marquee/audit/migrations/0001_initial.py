"""The audit log, which the database lets nobody change or delete."""

from typing import Any

import django.core.serializers.json
from django.db import migrations, models

# Statement by statement, so that ON CONFLICT DO UPDATE is refused before it has met a row.
POSTGRESQL = """
    CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'The audit log is append-only.' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""
# REPLACE deletes the row that is there without firing a trigger for that.
SQLITE = {
    "update": "UPDATE ON audit_entry",
    "delete": "DELETE ON audit_entry",
    "replace": "INSERT ON audit_entry WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)",
}
SQLITE_TRIGGER = """
    CREATE TRIGGER audit_entry_no_{name} BEFORE {event}
    BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END
"""


def sqlite_triggers() -> list[str]:
    """Return the statements that add SQLite's triggers."""
    return [SQLITE_TRIGGER.format(name=name, event=event) for name, event in SQLITE.items()]


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Add the triggers. A later migration that rebuilds SQLite's table must add them again."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in [POSTGRESQL] if is_postgresql else sqlite_triggers():
        schema_editor.execute(statement)


def remove_function(apps: Any, schema_editor: Any) -> None:
    """Remove PostgreSQL's function; the triggers go with their table."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION refuse_audit_change() CASCADE")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_id", models.BigIntegerField(verbose_name="by")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("deleted", "Deleted"),
                            ("moved", "Moved"),
                            ("called_off", "Called off"),
                            ("new_plan", "Took the newest seat plan"),
                            ("blocked", "Blocked seats"),
                            ("unblocked", "Unblocked seats"),
                            ("sold", "Sold at the counter"),
                            ("confirmed", "Confirmed"),
                            ("cancelled", "Cancelled"),
                            ("admitted", "Admitted"),
                            ("undone", "Undid the admission"),
                            ("links_revoked", "Revoked the links in mails"),
                            ("role_given", "Gave a role"),
                            ("role_taken", "Took a role"),
                            ("password_set", "Set a password"),
                            ("password_removed", "Removed the password"),
                            ("closed", "Closed the account"),
                            ("sent_again", "Sent a mail again"),
                            ("second_factor_reset", "Reset the second factor"),
                        ],
                        max_length=20,
                    ),
                ),
                ("cinema_id", models.BigIntegerField(null=True, verbose_name="cinema")),
                (
                    "subject_kind",
                    models.CharField(
                        choices=[
                            ("movie", "Movie"),
                            ("genre", "Genre"),
                            ("format", "Format"),
                            ("ticket_type", "Ticket type"),
                            ("cinema", "Cinema"),
                            ("auditorium", "Auditorium"),
                            ("price_card", "Price card"),
                            ("show", "Show"),
                            ("booking", "Booking"),
                            ("ticket", "Ticket"),
                            ("account", "Account"),
                            ("mail", "Mail"),
                        ],
                        max_length=20,
                        verbose_name="what",
                    ),
                ),
                ("subject_id", models.CharField(max_length=40, verbose_name="its id")),
                (
                    "changes",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("request_id", models.CharField(blank=True, max_length=64)),
            ],
            options={
                "verbose_name": "entry of the audit log",
                "verbose_name_plural": "entries of the audit log",
                "db_table": "audit_entry",
                "ordering": ["-at", "-id"],
                "indexes": [
                    models.Index(fields=["at"], name="audit_entry_by_time"),
                    models.Index(fields=["cinema_id", "at"], name="audit_entry_by_cinema"),
                    models.Index(fields=["actor_id", "at"], name="audit_entry_by_actor"),
                    models.Index(
                        fields=["subject_kind", "subject_id"], name="audit_entry_by_subject"
                    ),
                ],
            },
        ),
        migrations.RunPython(add_triggers, remove_function),
    ]
