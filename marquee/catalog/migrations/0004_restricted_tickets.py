"""Which tickets customers cannot book alone: carers, what is kept for the counter, wheelchair spaces."""

from importlib import import_module
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import migrations, models
from django.db.models import F, Q

REVISION = import_module("marquee.catalog.migrations.0003_revision")
REMADE = ["ticket_type", "price_card", "price"]


def restore_triggers(apps: Any, schema_editor: Any) -> None:
    """Put back the triggers that SQLite dropped with the tables it made anew."""
    if schema_editor.connection.vendor == "sqlite":
        for table in REMADE:
            for event in REVISION.EVENTS:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_revision_{event}")
                schema_editor.execute(REVISION.SQLITE_TABLE.format(table=table, event=event))


def restrict_carers(apps: Any, schema_editor: Any) -> None:
    """Sell a carer's ticket only beside a ticket in a wheelchair space.

    Where it is the default type of a card, everybody is meant to book it, so it stays as it is.
    """
    types, cards = apps.get_model("catalog", "TicketType"), apps.get_model("catalog", "PriceCard")
    if cards.objects.filter(default_type="carer").exists():
        return
    if types.objects.filter(code="carer").update(needs_kind="wheelchair"):
        cards.objects.filter(prices__type="carer").update(version=F("version") + 1)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_revision")]
    operations = [
        migrations.RunPython(migrations.RunPython.noop, restore_triggers),
        migrations.AddField(
            "TicketType",
            "needs_kind",
            models.CharField(
                "needs a ticket in",
                max_length=10,
                blank=True,
                default="",
                choices=[("wheelchair", "Wheelchair space")],
                help_text="One such ticket in the same booking for each ticket of this type.",
            ),
        ),
        migrations.AddField(
            "TicketType",
            "needs_type",
            models.ForeignKey(
                "catalog.tickettype",
                on_delete=models.PROTECT,
                null=True,
                blank=True,
                related_name="+",
                db_index=False,
                verbose_name="needs a ticket of type",
                help_text="One such ticket in the same booking for each ticket of this type.",
            ),
        ),
        migrations.AddField(
            "TicketType",
            "counter_only",
            models.BooleanField(
                "sold at the counter only",
                default=False,
                help_text="Customers cannot book it themselves.",
            ),
        ),
        migrations.AddConstraint(
            "TicketType",
            models.CheckConstraint(
                condition=Q(needs_kind="") | Q(needs_kind="wheelchair", needs_type__isnull=True),
                name="ticket_type_needs_one_known_thing",
                violation_error_message="A type needs a seat kind or another type, not both.",
            ),
        ),
        migrations.AddConstraint(
            "TicketType",
            models.CheckConstraint(
                condition=Q(needs_type__isnull=True) | ~Q(needs_type=F("code")),
                name="ticket_type_needs_another_type",
                violation_error_message="A type cannot need itself.",
            ),
        ),
        migrations.AddField(
            "PriceCard",
            "wheelchair_limit",
            models.PositiveSmallIntegerField(
                "wheelchair spaces per customer",
                default=1,
                validators=[MaxValueValidator(100)],
                help_text="At one show, over all bookings of a customer. 0: at the counter only.",
            ),
        ),
        migrations.AddField(
            "Price",
            "counter_only",
            models.BooleanField(
                "sold at the counter only",
                default=False,
                help_text="On this card and for these seats, whatever the ticket type says.",
            ),
        ),
        migrations.RunPython(restore_triggers, migrations.RunPython.noop),
        migrations.RunPython(restrict_carers, migrations.RunPython.noop),
    ]
