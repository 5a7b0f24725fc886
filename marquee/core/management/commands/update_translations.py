"""Write the messages of the code into the catalogs of translations, and compile these."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from marquee.core import translations


class Command(BaseCommand):
    """`manage.py update_translations`, or `make messages`."""

    help = (
        "Write the messages of mails and pages into marquee/locale, and compile the translations."
    )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Update the catalogs of all languages. Fail with a list of what is not translated."""
        missing = []
        for language, _name in settings.LANGUAGES:
            if language == settings.LANGUAGE_CODE:
                continue
            catalog = translations.updated_catalog(language)
            translations.write_catalog(catalog, translations.catalog_path(language))
            missing += [f"{language}: {one.id}" for one in translations.untranslated(catalog)]
        if missing:
            raise CommandError("\n".join(["Translate these in marquee/locale:", *missing]))
