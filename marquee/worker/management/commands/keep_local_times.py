"""`manage.py keep_local_times`: after new time zone data, keep the times that shows were sold by."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from marquee.booking import operations
from marquee.catalog import queries


class Command(BaseCommand):
    """Moves shows to come so that they start when their cinema's clock shows the time sold."""

    help = (
        "After new time zone data: move shows to come so that they start when their cinema's clock "
        "shows the time on the tickets. The worker does the same when it starts, and every hour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add --check."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; 1 if a show should be moved"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Move the shows, and name those that cannot be moved. Exit with 1 if there are any."""
        if options["check"]:
            self._check()
        kept = operations.keep_local_times()
        for show in kept.moved:
            show.refresh_from_db(fields=["starts_at", "timezone", "utc_offset"])
            self.stdout.write(f"Moved, its local time stays: {show}.")
        for show, reason in kept.stuck:
            self.stderr.write(f"Not moved: {show}. {reason}")
        self.stdout.write(f"Shows moved: {len(kept.moved)}; not moved: {len(kept.stuck)}.")
        if kept.stuck:
            sys.exit(1)

    def _check(self) -> None:
        shows = queries.shows_off_their_clock()
        for show in shows:
            self.stdout.write(f"To be moved: {show}.")
        self.stdout.write(f"Shows to be moved: {len(shows)}.")
        sys.exit(1 if shows else 0)
