"""Write an example of every mail into files, to look at."""

from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.template.loader import render_to_string

from marquee.core.cache import clear_caches
from marquee.core.errors import Refused
from marquee.mail.contents import compose
from marquee.mail.examples import examples


class Preview(NamedTuple):
    """A mail in the index: its name, its subject, and its files, without their endings."""

    name: str
    subject: str
    path: str


class Command(BaseCommand):
    """`manage.py preview_mails [--language de] [--directory …]`."""

    help = "Write every mail as .html and .txt, with an index. The database stays as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the language and the directory."""
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help="Only mails in this language.",
        )
        parser.add_argument(
            "--directory",
            type=Path,
            default=settings.VAR_DIR / "mails",
            help="Where to write them.",
        )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Write the mails, and say where they are."""
        directory: Path = options["directory"]
        languages = [one for one in settings.LANGUAGES if options["language"] in {None, one[0]}]
        by_language = [(name, _write_mails(directory, code)) for code, name in languages]
        index = directory / "index.html"
        index.write_text(render_to_string("mail/index.html", {"by_language": by_language}))
        print(f"Wrote {sum(len(mails) for _name, mails in by_language)} mails: open {index}")


def _write_mails(directory: Path, language: str) -> list[Preview]:
    """Write all mails in a language. Their rows are rolled back."""
    (directory / language).mkdir(parents=True, exist_ok=True)
    previews = []
    try:
        with transaction.atomic():
            for name, message in examples(language):
                if mail := compose(message):
                    path = f"{language}/{name}"
                    _write_mail(directory / path, mail)
                    previews.append(Preview(name, str(mail.subject), path))
            transaction.set_rollback(True)
    except Refused as refusal:
        raise CommandError(f"These rules of this database allow no example: {refusal}") from None
    finally:
        clear_caches()  # of rows that are no longer there
    return previews


def _write_mail(path: Path, mail: EmailMultiAlternatives) -> None:
    [(html, _type)] = mail.alternatives
    path.with_suffix(".html").write_text(str(html))
    path.with_suffix(".txt").write_text(str(mail.body))
