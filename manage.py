#!/usr/bin/env python
"""Django's command line, for the project's settings."""

import os
import sys

from django.core.management import execute_from_command_line
from django.db import OperationalError

from marquee import env

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marquee.settings")
    try:
        with env.exit_with_sentence():
            execute_from_command_line(sys.argv)
    except OperationalError as error:
        if "--traceback" in sys.argv:
            raise
        sys.exit(f"The database refused (look at DATABASE_URL; --traceback says more): {error}")
