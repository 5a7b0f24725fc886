"""The catalogs of translations in `marquee/locale`: extracted from the code, and compiled.

Babel reads and writes them, so that nobody needs the programs of GNU gettext. Entries stay in the order
of the files that they are from: changes of different files merge without conflicts.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import template

# What customers read. The admin and the API are English (docs/decisions).
TRANSLATED = ("core/locales.py", "mail", "web")
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_noop": None,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PACKAGE = settings.BASE_DIR / "marquee"


def extract_messages() -> Catalog:
    """Return every message in the code and templates that customers see, without translations."""
    catalog = Catalog(charset="utf-8", header_comment="", project="Marquee")
    for path in _sources():
        method: Any = extract_python if path.suffix == ".py" else _extract_template
        with path.open("rb") as file:
            for _line, message, comments, context in extract(
                method, file, KEYWORDS, comment_tags=("Translators:",), strip_comment_tags=True
            ):
                location = (path.relative_to(settings.BASE_DIR).as_posix(), 0)
                catalog.add(message, None, [location], auto_comments=comments, context=context)
    return catalog


def _sources() -> list[Path]:
    paths = [PACKAGE / name for name in TRANSLATED]
    inside = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    return sorted(file for file in inside if file.suffix in {".py", ".html", ".txt"})


def _extract_template(
    file: Any, keywords: Any, comment_tags: Any, options: Any
) -> Iterator[tuple[Any, ...]]:
    """Extract the messages of a Django template, which Django turns into Python for that."""
    code = template.templatize(file.read().decode("utf-8"))
    return extract_python(BytesIO(code.encode("utf-8")), keywords, comment_tags, options)


def catalog_path(language: str) -> Path:
    """Return the file with the translations of a language. Its compiled form is beside it, as .mo."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalog(language: str) -> Catalog:
    """Return the translations of a language; an empty catalog if there are none yet."""
    path = catalog_path(language)
    if not path.exists():
        return _settled(Catalog(locale=language, charset="utf-8"))
    with path.open("rb") as file:
        return _settled(read_po(file, locale=language, charset="utf-8"))


def _settled(catalog: Catalog) -> Catalog:
    """Return a catalog whose header is always the same: times in it would conflict at every merge."""
    catalog.project, catalog.version, catalog.header_comment = "Marquee", "1", ""
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = "Marquee"
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    catalog.fuzzy = False
    return catalog


def updated_catalog(language: str) -> Catalog:
    """Return the translations of a language for the messages that there are now.

    A message that nobody translated yet is empty: nothing is guessed from another. What the code no
    longer says is left out.
    """
    catalog = read_catalog(language)
    catalog.update(extract_messages(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return _settled(catalog)


def write_catalog(catalog: Catalog, path: Path) -> None:
    """Write a catalog as .po, with its compiled form beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(as_po(catalog))
    path.with_suffix(".mo").write_bytes(as_mo(catalog))


def as_po(catalog: Catalog) -> bytes:
    """Return a catalog as the text of a .po file."""
    written = BytesIO()
    write_po(written, catalog, width=100, sort_by_file=True, include_lineno=False)
    return written.getvalue()


def as_mo(catalog: Catalog) -> bytes:
    """Return a catalog as Django reads it."""
    written = BytesIO()
    write_mo(written, catalog)
    return written.getvalue()


def untranslated(catalog: Catalog) -> list[Message]:
    """Return the messages without a whole translation, or with one that nobody has confirmed."""
    return [
        message
        for message in catalog
        if message.id and (message.fuzzy or not all(_strings(message)))
    ]


def _strings(message: Message) -> Sequence[str]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
