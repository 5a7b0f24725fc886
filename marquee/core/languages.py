"""Languages as BCP 47 tags: which are valid, and their usual form. Pure: no database.

The data is IANA's registry of subtags and CLDR's aliases, by the package `langcodes`.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

import langcodes
from langcodes.tag_parser import LanguageTagError

MAX_LENGTH = 35  # as RFC 5646, 4.4.1 recommends
ADVICE = "Write a language as BCP 47 does: en, pt-BR, es-419."
_EXTLANG = re.compile(r"[a-z]{2,3}-([a-z]{3})(?:-|\Z)")
_TAG = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")


@lru_cache(maxsize=4096)
def normalise_language(tag: str) -> str:
    """Return a language tag in its usual form: pt-BR for pt-br, he for iw, yue for zh-yue.

    Raises ValueError for a tag that BCP 47 does not allow, or that has a subtag nobody registered.
    """
    normal = _standard_form(tag.strip())
    # `langcodes` takes zh-cmn-8cv, but not the zh-8cv that it makes of it.
    if normal is None or len(normal) > MAX_LENGTH or _standard_form(normal) != normal:
        raise ValueError(ADVICE)
    return normal


def _standard_form(tag: str) -> str | None:
    extended = _EXTLANG.match(tag.lower())
    if not _TAG.fullmatch(tag) or (extended and extended[1] not in extended_languages()):
        return None
    try:
        return langcodes.standardize_tag(tag) if langcodes.tag_is_valid(tag) else None
    except LanguageTagError:
        return None


@cache
def extended_languages() -> frozenset[str]:
    """Return the subtags that follow a language, as in zh-yue: `langcodes` takes any three letters."""
    found = re.findall(r"^Type: extlang\nSubtag: ([a-z]+)$", _registry(), re.MULTILINE)
    return frozenset(found)


def _registry() -> str:
    return (files(langcodes) / "data" / "language-subtag-registry.txt").read_text("utf-8")


def is_variety(language: str, of: str) -> bool:
    """Return whether a language is the other or a variety of it: pt-BR of pt (RFC 4647, 3.3.1)."""
    return language == of or language.startswith(f"{of}-")
