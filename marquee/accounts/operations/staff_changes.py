"""Change an account as a member of staff."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError

from marquee.accounts import locks, rules
from marquee.accounts.errors import EmailTaken
from marquee.accounts.models import User
from marquee.accounts.operations.events import record_event
from marquee.accounts.states import AccountEventKind
from marquee.audit.log import NOT_KEPT, Changes, record
from marquee.audit.states import Action, Subject
from marquee.core.email_addresses import mailbox_key
from marquee.core.transactions import run_in_transaction

# Whose values the audit log keeps: they say nothing of a person.
AUDITED = rules.NEEDED_BY_SUPERUSER
ADDRESS_OF_ANOTHER = "Another account has this address already. Choose another address."


def change_account(*, actor: User, user: User, changes: Mapping[str, Any]) -> None:
    """Change an account as a member of staff: these fields, and no other column.

    Another address is unverified until its owner uses the link that is mailed there, and the old one
    is in the history, so that mail can tell its owner.

    Refuses with LastSuperuser or EmailTaken.
    """

    def work() -> None:
        account = locks.lock(user)
        if any(changes.get(name) is False for name in rules.NEEDED_BY_SUPERUSER):
            locks.check_superuser_remains(account)
        before, changed = account.address, _compare(account, changes)
        _write(account, changes)
        if changed:
            record(Action.CHANGED, Subject.ACCOUNT, user.pk, changes=changed)
        if account.address != before:
            _record_new_address(account, before=before, staff=actor)

    try:
        run_in_transaction(work)
    except IntegrityError:
        if "email" not in changes:
            raise
        raise EmailTaken(ADDRESS_OF_ANOTHER, field="email") from None


def _compare(account: User, changes: Mapping[str, Any]) -> Changes:
    """Return what changes in an account, with the values that the audit log may have."""
    return {
        name: (getattr(account, name), value) if name in AUDITED else NOT_KEPT
        for name, value in changes.items()
        if getattr(account, name) != value
    }


def _record_new_address(account: User, *, before: str, staff: User) -> None:
    account.email_verified_at, account.pending_email = None, ""
    account.save(update_fields=["email_verified_at", "pending_email"])
    changed, asked = AccountEventKind.EMAIL_CHANGED, AccountEventKind.VERIFICATION_ASKED
    record_event(kind=changed, user=account, email=before, staff=staff)
    record_event(kind=asked, user=account, email=account.address, staff=staff)


def _write(account: User, changes: Mapping[str, Any]) -> None:
    changes = {name: _normalise(name, value) for name, value in changes.items()}
    relations = {field.name for field in User._meta.many_to_many}
    if changes.get("email", account.email) != account.email:
        account.email_key = mailbox_key(changes["email"])
    for name, value in changes.items():
        if name in relations:
            getattr(account, name).set(value)
        else:
            setattr(account, name, value)
    if columns := changes.keys() - relations:
        account.save(update_fields=columns)


def _normalise(name: str, value: Any) -> Any:
    if name == "email":
        return User.normalize_username(value)
    return rules.stored_name(value) if name == "name" else value
