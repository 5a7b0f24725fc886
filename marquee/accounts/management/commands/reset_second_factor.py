"""`manage.py reset_second_factor <address>`: for whoever lost phone, passkeys and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from marquee.accounts.models import User
from marquee.accounts.operations import reset_second_factor
from marquee.core.commands import RecordedCommand


class Command(RecordedCommand):
    """Remove the second factors of an account, and end all its logins."""

    help = "Remove the second factors of an account, and end all its logins."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the address."""
        parser.add_argument("email", help="the address of the account")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Reset it, and say what follows. Raises CommandError for an unknown address."""
        user = User.objects.find_by_email(options["email"])
        if user is None:
            raise CommandError(f"There is no account with the address {options['email']}.")
        reset_second_factor(user=user)
        print(f"{user.address} has no second factor any more, and is logged out everywhere.")
