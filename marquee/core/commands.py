"""Commands of `manage.py` that change something for an administrator: the audit log records them."""

import getpass
import os
from typing import Any

from django.core.management.base import BaseCommand

from marquee.core.actor import acting_as_operator


class RecordedCommand(BaseCommand):
    """A command whose changes are recorded, with its name and the user of the operating system."""

    def execute(self, *args: Any, **options: Any) -> Any:
        """Run the command as an operator's."""
        name = type(self).__module__.rpartition(".")[2]
        with acting_as_operator(f"manage.py {name}, as {_system_user()}"):
            return super().execute(*args, **options)


def _system_user() -> str:
    """Return the name of the user of the operating system; the number of one that has none."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
