"""One account for a mailbox, however its address is spelled; names to search and to sort by."""

from typing import Any

from django.db import migrations, models

import marquee.accounts.models
import marquee.core.derived
import marquee.core.validators
from marquee.accounts.models import CLOSED_DOMAIN, address_key
from marquee.core.email_addresses import mailbox_key

BATCH = 1000


def add_mailboxes(apps: Any, schema_editor: Any) -> None:
    """Give each mailbox to the oldest of its active accounts. The others keep their exact spelling."""
    User = apps.get_model("accounts", "User")
    users = User.objects.exclude(email__endswith=f"@{CLOSED_DOMAIN}")
    seen: set[str] = set()
    keepers = []
    for user in users.order_by("-is_active", "created_at", "pk").only("pk", "email").iterator():
        if (key := mailbox_key(user.email)) not in seen:
            seen.add(key)
            user.email_key = key
            keepers.append(user)
    User.objects.bulk_update(keepers, ["email_key"], batch_size=BATCH)


def add_address_keys(apps: Any, schema_editor: Any) -> None:
    """Remember addresses by the key that they have now, beside the one that they had."""
    User = apps.get_model("accounts", "User")
    AddressKey = apps.get_model("accounts", "AddressKey")
    known = User.objects.exclude(email__endswith=f"@{CLOSED_DOMAIN}").values_list("pk", "email")
    rows = [AddressKey(user_id=pk, key=address_key(email)) for pk, email in known.iterator()]
    AddressKey.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)


def fill_names(apps: Any, schema_editor: Any) -> None:
    """Fill the columns to search and to sort by."""
    marquee.core.derived.fill(apps.get_model("accounts", "User"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_address_keys")]
    operations = [
        migrations.AlterField(
            "User",
            "name",
            models.CharField(max_length=150, validators=[marquee.core.validators.validate_line]),
        ),
        migrations.AddField("User", "email_key", marquee.accounts.models.MailboxKeyField()),
        migrations.AddField(
            "User",
            "sort_name",
            marquee.core.derived.DerivedTextField(key="sort", sources=("name",)),
        ),
        migrations.AddField(
            "User",
            "search_text",
            marquee.core.derived.DerivedTextField(key="search", sources=("name", "email")),
        ),
        migrations.RunPython(add_mailboxes, migrations.RunPython.noop),
        migrations.RunPython(add_address_keys, migrations.RunPython.noop),
        migrations.RunPython(fill_names, migrations.RunPython.noop),
    ]
