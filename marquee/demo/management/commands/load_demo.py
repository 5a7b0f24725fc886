"""`manage.py load_demo`: load example data to look at, or a large chain to measure."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from marquee.demo import load, load_large, users
from marquee.demo.cinemas import DEMO_CINEMAS

IN_USE = (
    "This database has accounts or a catalog, and no demo: nothing was added."
    " The demo goes into an empty database."
)


class Command(BaseCommand):
    """Load the demo into an empty database. Loading it again adds only what is missing."""

    help = (
        "Load real movies, three invented cinemas, two weeks of shows from today, some of their"
        " seats sold, and two accounts to log in with. Loading it again adds only what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--once",
            action="store_true",
            help="do nothing while the demo still has a week of shows ahead",
        )
        parser.add_argument("--days", type=int, default=14, help="days of shows (14)")
        parser.add_argument(
            "--today", type=date.fromisoformat, help="the first day, YYYY-MM-DD (today)"
        )
        parser.add_argument(
            "--scale",
            choices=["small", "large"],
            default="small",
            help="large: a chain of a hundred cinemas, for benchmarks",
        )
        parser.add_argument("--shows", type=int, default=20_000, help="of the chain (20,000)")
        parser.add_argument(
            "--bookings", type=int, default=1_000_000, help="of the chain (1,000,000)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load the demo or the chain; print what was added, and how to log in."""
        if min(options["days"], options["shows"], options["bookings"]) < 1:
            raise CommandError("--days, --shows and --bookings are at least 1.")
        if options["once"] and options["scale"] == "small" and load.is_loaded():
            added = load.LoadResult()
        elif load.is_in_use(cinemas=_cinemas()):
            return self._leave_alone(once=options["once"])
        elif options["scale"] == "large":
            added = load_large.load(
                today=options["today"], shows=options["shows"], bookings=options["bookings"]
            )
        else:
            added = load.load(today=options["today"], days=options["days"])
        self.stdout.write(f"Added {added.shows:,} shows and {added.bookings:,} bookings.")
        if options["scale"] == "small":
            self.stdout.write(f"Accounts to log in with:\n{users.read_passwords()}", ending="")
        return None

    def _leave_alone(self, *, once: bool) -> None:
        """Say that nothing was added. With `--once`, as `make run` calls it, that is no error."""
        if not once:
            raise CommandError(IN_USE)
        self.stdout.write(IN_USE)


def _cinemas() -> list[tuple[str, str]]:
    """Return the names and cities of the demo's cinemas and of the chain's."""
    return [(cinema.name, cinema.city) for cinema in (*DEMO_CINEMAS, *load_large.large_chain())]
