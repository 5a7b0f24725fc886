"""`manage.py run_worker`: run the periodic tasks."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from marquee.worker import loop
from marquee.worker.tasks import TASKS


class Command(BaseCommand):
    """Runs the periodic tasks every WORKER_SECONDS, or once."""

    help = "Send mail, and tidy up expired holds and the like, again and again until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --once."""
        parser.add_argument(
            "--once", action="store_true", help="do it once and end, for cron; 1 if anything failed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the tasks. With --once, exit with 1 when a task failed."""
        if options["once"]:
            sys.exit(0 if loop.run_once(TASKS) else 1)
        self.stdout.write(f"Working every {settings.WORKER_SECONDS} s; Ctrl-C stops.")
        loop.run(TASKS, every_seconds=settings.WORKER_SECONDS)
