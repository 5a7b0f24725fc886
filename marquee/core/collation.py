"""Sort keys: compared by code point, they put names into the order that people expect.

The keys are stored, so both engines sort alike (docs/decisions). Accents, case and punctuation
count only between names that are otherwise equal; numbers sort by value; the leading article of a
movie's title does not count. Pure: no database.
"""

import re
import unicodedata

from marquee.core.text import MAX_KEY_LENGTH, canonical, fold

# Sorts before every character of a name, so that a name comes before its continuations.
_END = "\x01"
_NUMBER = re.compile(r"\d+")
_GROUPED_NUMBER = re.compile(r"(?<![\d,.'])\d{1,3}(?:[,.']\d{3})+(?![\d,.']*\d)")
# Letters whose code point is not where their alphabet has them: they come right after these.
_AFTER = str.maketrans(
    {
        letter: before + chr(0xF8F0 + place)
        for before, letters in {
            "г": "ґ", "д": "ђ", "е": "є", "и": "ії", "к": "ќ", "л": "љ", "н": "њ", "т": "ћ",
            "у": "ў", "ч": "џ",
        }.items()
        for place, letter in enumerate(letters)
    }
)  # fmt: skip
ARTICLES: dict[str, frozenset[str]] = {
    language: frozenset(articles.split())
    for language, articles in {
        "ca": "el la els les l' un una", "da": "en et den det de", "de": "der die das ein eine",
        "el": "ο η το οι τα", "en": "the a an", "es": "el la los las un una unos unas",
        "fr": "le la les l' un une des", "hu": "a az egy", "it": "il lo la i gli le l' un uno una un'",
        "nb": "en et ei den det de", "nl": "de het een 't", "no": "en et ei den det de",
        "pt": "o a os as um uma", "ro": "un o", "sv": "en ett den det de",
    }.items()
}  # fmt: skip
# Where the language is not known: articles that begin titles of no other language.
_UNAMBIGUOUS = frozenset(
    ("the", "a", "an", "der", "das", "les", "los", "las", "el", "il", "gli", "l'")
)


def sort_key(name: str) -> str:
    """Return the sort key of a name: Screen 2 before Screen 10, Éclair before Zorro."""
    text = canonical(name)
    return _key(text, text)


def title_sort_key(title: str, original_title: str, original_language: str) -> str:
    """Return the sort key of a movie's title, without its leading article: Godfather for The Godfather.

    The title is in the original language if it is the original title, or if none is given.
    """
    text = canonical(title)
    language = original_language.partition("-")[0].casefold()
    is_original = original_title == "" or canonical(original_title) == text
    known = ARTICLES.get(language, frozenset()) if is_original and language else _UNAMBIGUOUS
    return _key(_without_article(text, known | {"the"}), text)


def _key(first: str, text: str) -> str:
    """Return the key: what counts first, then the whole name. Empty for a name with nothing to see."""
    return f"{_primary(first)}{_END}{text}"[:MAX_KEY_LENGTH] if text else ""


def _without_article(text: str, articles: frozenset[str]) -> str:
    """Return a title without its first word if that is an article, and not the whole title."""
    bare = text.lstrip("\"'([¿¡.- ") or text
    word, _, rest = bare.partition(" ")
    if rest and (word in articles or f"'{word}" in articles):
        return rest
    for article in articles:
        if article.endswith("'") and bare.startswith(article) and len(bare) > len(article):
            return bare.removeprefix(article)
    return bare


def _primary(text: str) -> str:
    """Return what counts first: folded letters, and numbers by value. Punctuation is a blank."""
    grouped = _GROUPED_NUMBER.sub(lambda match: re.sub(r"\D", "", match[0]), fold(text))
    letters = "".join(char if _counts(char) else " " for char in grouped.replace("'", ""))
    key = " ".join(_NUMBER.sub(_number, letters).split()).translate(_AFTER)
    return key or text


def _counts(char: str) -> bool:
    return unicodedata.category(char)[0] in "LMN"


def _number(match: re.Match[str]) -> str:
    """Return a number with its length before it, so that 9 sorts before 10."""
    digits = "".join(str(unicodedata.digit(char)) for char in match[0]).lstrip("0") or "0"
    length = len(digits)
    return f"{length}{digits}" if length < 9 else f"9{length:03}{digits}"
