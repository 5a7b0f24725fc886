"""Store when a refresh token was issued: the token is derived from it once more within the grace.

Tokens that are there already get the time of the migration. None of them is derived again: their ids
are random.
"""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_one_account_for_a_mailbox")]
    operations = [
        migrations.AddField(
            model_name="refreshtoken",
            name="issued_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
    ]
