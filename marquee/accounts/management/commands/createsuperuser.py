"""Django's command, which without a terminal would take any password from the environment."""

import os
from typing import Any

from django.contrib.auth.management.commands import createsuperuser
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import CommandError

from marquee.core.commands import RecordedCommand

PASSWORD_VARIABLE = "DJANGO_SUPERUSER_PASSWORD"  # noqa: S105 (the name of a variable)


class Command(RecordedCommand, createsuperuser.Command):
    """Create a superuser, whose password is as good as everybody's."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Create the superuser. Raises CommandError for a weak password from the environment."""
        password = os.environ.get(PASSWORD_VARIABLE)
        if not options["interactive"] and password is not None:
            try:
                validate_password(password)
            except ValidationError as error:
                raise CommandError(f"{PASSWORD_VARIABLE}: {' '.join(error.messages)}") from None
        return super().handle(*args, **options)
