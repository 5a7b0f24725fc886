"""`manage.py list_duplicate_accounts`: accounts whose e-mail addresses are spellings of one mailbox."""

from typing import Any

from django.core.management.base import BaseCommand

from marquee.accounts.queries import duplicate_accounts


class Command(BaseCommand):
    """List accounts from before addresses were compared by mailbox. They log in by their exact spelling."""

    help = "List accounts whose e-mail addresses are other spellings of an older account's."

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Print a line for each: its id and address, and the account that has the mailbox."""
        found = duplicate_accounts()
        for user, keeper in found:
            state = "" if user.is_active else ", inactive"
            older = f"account {keeper.pk} ({keeper.email})" if keeper else "no account any more"
            print(f"account {user.pk} ({user.email}{state}): the mailbox is of {older}")
        print(f"{len(found)} found." if found else "Every mailbox has one account.")
