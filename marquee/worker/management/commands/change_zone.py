"""`manage.py change_zone`: give a cinema in use another time zone; its shows keep their local times."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from marquee.catalog import operations
from marquee.catalog.models import Cinema
from marquee.core.commands import RecordedCommand
from marquee.core.errors import Refused


class Command(RecordedCommand):
    """Changes the time zone of a cinema, also of one that has shows, which staff cannot."""

    help = (
        "Give a cinema another time zone, for example because its region got one of its own, or "
        "because it was wrong. Its shows to come keep their local times, and those past stay as they were."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the cinema and the zone."""
        parser.add_argument("cinema", type=int, help="the cinema's id")
        parser.add_argument("zone", help="such as Europe/Vienna")

    def handle(self, *args: Any, **options: Any) -> None:
        """Change the zone, then move the shows. Raises CommandError."""
        cinema = Cinema.objects.filter(pk=options["cinema"]).first()
        if cinema is None:
            raise CommandError(f"There is no cinema {options['cinema']}.")
        try:
            cinema = operations.change_zone(cinema=cinema, timezone=options["zone"])
        except Refused as refusal:
            raise CommandError(refusal.detail) from None
        self.stdout.write(f"{cinema} is in {cinema.timezone} now.")
        call_command("keep_local_times", stdout=self.stdout, stderr=self.stderr)
