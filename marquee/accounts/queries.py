"""What is asked about accounts by nearly every request."""

from marquee.core.sql import fetch

STANDS = "SELECT 1 FROM account WHERE id = %(user)s AND is_active AND token_epoch = %(epoch)s"


def stands(*, user_id: int, token_epoch: int) -> bool:
    """Say whether an account is there and active, and tokens of this epoch not called back.

    Written out, as Django takes four times as long to make a user of a row.
    """
    return bool(fetch(STANDS, {"user": user_id, "epoch": token_epoch}))


# The accounts of one customer: this account, and all that share an address with it.
SAME_CUSTOMER = """
    SELECT CAST(%(user)s AS bigint) UNION ALL
    SELECT other.user_id FROM address_key AS own JOIN address_key AS other ON other.key = own.key
    WHERE own.user_id = %(user)s
"""
