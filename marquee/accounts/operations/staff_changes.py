"""Change an account as a member of staff."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from marquee.accounts import locks, queries, rules
from marquee.accounts.errors import EmailTaken
from marquee.accounts.models import User
from marquee.accounts.operations.profile import ADDRESS_OF_ANOTHER
from marquee.core.email_addresses import mailbox_key, normalise_email
from marquee.core.text import tidy
from marquee.core.transactions import run_in_transaction


def change_account(*, actor: User, user: User, changes: Mapping[str, Any]) -> None:
    """Change an account as a member of staff: these fields, and no other column.

    Refuses with BeyondYourRights, LastSuperuser, or EmailTaken.
    """

    def work() -> None:
        account = locks.lock(user)
        rights = queries.rights_of(account)
        rules.check_may_change(actor=queries.rights_of(actor), account=rights, fields=changes)
        if any(changes.get(name) is False for name in rules.NEEDED_BY_SUPERUSER):
            locks.check_superuser_remains(account)
        _write(account, changes)

    try:
        run_in_transaction(work)
    except IntegrityError:
        if "email" not in changes:
            raise
        raise EmailTaken(ADDRESS_OF_ANOTHER, field="email") from None


def _write(account: User, changes: Mapping[str, Any]) -> None:
    relations = {field.name for field in User._meta.many_to_many}
    if normalise_email(changes.get("email", account.email)) != account.email:
        account.email_key = mailbox_key(changes["email"])
    for name, value in changes.items():
        if name in relations:
            getattr(account, name).set(value)
        else:
            setattr(account, name, tidy(value) if name == "name" else value)
    if columns := changes.keys() - relations:
        account.save(update_fields=columns)
