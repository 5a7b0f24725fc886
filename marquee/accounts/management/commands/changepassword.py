"""Django's command, whose new password is in the history of the account and in the audit log."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError
from django.db import transaction

from marquee.accounts.models import User
from marquee.accounts.operations import set_password
from marquee.core.commands import RecordedCommand


class Command(RecordedCommand, changepassword.Command):
    """Set a password for an account, by its address; all its logins end."""

    def handle(self, *args: Any, **options: Any) -> str:
        """Ask for the password, and set it. Raises CommandError for an unknown address, or a weak password."""
        user = User.objects.find_by_email(options["username"] or "")
        if user is None:
            raise CommandError("Name the address of an account.")
        password = self._ask(user)
        with transaction.atomic():
            set_password(user=user, password=password)
        return f"{user.address} has another password, and is logged out everywhere."

    def _ask(self, user: User) -> str:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password (again): "):
            raise CommandError("These were two passwords.")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        return password
