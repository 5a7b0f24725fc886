from typing import Any

from django.db import migrations

from marquee.accounts.authenticator_keys import SEALED, seal, unseal


def seal_keys(apps: Any, schema_editor: Any) -> None:
    """Seal the keys that are stored in clear."""
    for app in _apps(apps).exclude(key__startswith=SEALED):
        app.key = seal(app.key, user_id=app.user_id)
        app.save(update_fields=["key"])


def unseal_keys(apps: Any, schema_editor: Any) -> None:
    """Store all keys in clear again. Raises RuntimeError, and changes nothing, if one cannot be read."""
    for app in _apps(apps).filter(key__startswith=SEALED):
        key = unseal(app.key, user_id=app.user_id)
        if key is None:
            raise RuntimeError(
                "Set SECOND_FACTOR_KEY to the secret that the keys were sealed with."
            )
        app.key = key
        app.save(update_fields=["key"])


def _apps(apps: Any) -> Any:
    return apps.get_model("otp_totp", "TOTPDevice").objects.order_by("pk")


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_second_factor_events"),
        ("otp_totp", "0003_add_timestamps"),
    ]

    operations = [migrations.RunPython(seal_keys, unseal_keys)]
