"""What is asked about accounts by nearly every request."""

from django.db import connection

STANDS = "SELECT 1 FROM account WHERE id = %s AND is_active AND token_epoch = %s"


def stands(*, user_id: int, token_epoch: int) -> bool:
    """Say whether an account is there and active, and tokens of this epoch not called back.

    Written out, as Django takes four times as long to make a user of a row.
    """
    with connection.cursor() as cursor:
        cursor.execute(STANDS, [user_id, token_epoch])
        return cursor.fetchone() is not None
