"""Normal forms of text, so that text that people call the same is the same. Pure: no database.

- `canonical` ignores case, form and invisible characters. It decides whether two names are equal.
- `fold` also ignores accents. Searches compare folded text: see `search_text`.
- `find_problem` finds what nobody can read, and what misleads readers.
- `opaque_string` is the form in which passwords are compared.
"""

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256

MAX_KEY_LENGTH = 400
NOTHING_TO_SEE = "There is nothing to be seen in this text: write some letters."
# Unicode's default ignorable characters: they are not drawn. And U+2800, an empty pattern of Braille.
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)
_FRACTION = re.compile("[\u00bc-\u00be\u2150-\u215e\u2189]")
_EDGES = " \t\r\n\u200b\u2060\ufeff"
_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u2032`\u00b4", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2044": "/"}
)
# Letters without a decomposition that people type as these.
_PLAIN_LETTERS = str.maketrans(
    {
        "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "ŋ": "n", "ĸ": "k",
        "æ": "ae", "œ": "oe", "þ": "th",
    }
)  # fmt: skip
# How people write these letters where their keyboard has none.
_DIGRAPHS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_GRAVE, _ACUTE, _DIAERESIS = "\u0300", "\u0301", "\u0308"
_HEBREW_POINTS, _ARABIC_MARKS = ("\u0591", "\u05c7"), ("\u064b", "\u0670")
# Letters and signs for programs, in flags of emoji.
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]{1,32}\U000e007f")
_NO_CHARACTERS = "".join(
    f"{chr(plane << 16 | 0xFFFE)}-{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
# What nobody sees, by what it is.
_PROBLEMS = {
    "a control character": "\x00-\x1f\x7f-\x9f",
    "a line separator": "\u2028\u2029",
    "half a character": "\ud800-\udfff",
    "no character": f"\ufdd0-\ufdef{_NO_CHARACTERS}",
    "an override of the direction of writing": "\u202a-\u202e\u2066-\u2069",
    "a mark for programs": "\ufeff\ufff9-\ufffc\U000e0000-\U000e007f",
}
_PROBLEM = re.compile("|".join(f"([{characters}])" for characters in _PROBLEMS.values()))
_LINE_BREAKS = str.maketrans("\t\r\n\u2028\u2029", "     ")


def tidy(text: str) -> str:
    """Return a text as we store it: composed (NFC), without blanks around it."""
    return unicodedata.normalize("NFC", text).strip().strip(_EDGES)


def canonical(text: str) -> str:
    """Return the form in which names are equal: without case, compatibility forms and invisible characters.

    Runs of blanks are one blank. Accents stay: Cafe and Café are two names.
    """
    text = unicodedata.normalize("NFKC", _FRACTION.sub(r" \g<0>", text)).casefold()
    text = _IGNORABLE.sub("", unicodedata.normalize("NFKC", text)).translate(_PUNCTUATION)
    return " ".join(unicodedata.normalize("NFC", text).split())


def name_key(text: str) -> str:
    """Return the key that is unique where a name is: `canonical`, of limited length."""
    key = canonical(text)
    if len(key) <= MAX_KEY_LENGTH:
        return key
    digest = sha256(key.encode()).hexdigest()
    return key[: MAX_KEY_LENGTH - len(digest)] + digest


def fold(text: str) -> str:
    """Return a text as searches compare it: `canonical`, without accents.

    Only marks that are no letters of their own are dropped: e is é, but и is not й, and か is not が.
    """
    plain = canonical(text).translate(_PLAIN_LETTERS)
    kept, base = [], ""
    for char in unicodedata.normalize("NFD", plain):
        if not unicodedata.combining(char):
            base = char
        elif _is_accent(base, char):
            continue
        kept.append(char)
    return unicodedata.normalize("NFC", "".join(kept)).translate(_PLAIN_LETTERS)


def _is_accent(base: str, mark: str) -> bool:
    """Return whether people search for a letter without this mark."""
    script = _script(base)
    if script == "CYRILLIC":  # stress marks, and ё; й, ї, ў, ѓ and ќ are letters of their own
        is_stress = mark in {_GRAVE, _ACUTE} and base not in "гк"
        return is_stress or (base, mark) == ("е", _DIAERESIS)
    if script == "HEBREW":
        return _HEBREW_POINTS[0] <= mark <= _HEBREW_POINTS[1]
    if script == "ARABIC":
        return _ARABIC_MARKS[0] <= mark <= _ARABIC_MARKS[1]
    return script in {"LATIN", "GREEK"}


@lru_cache(maxsize=4096)
def _script(char: str) -> str:
    return unicodedata.name(char, "?").partition(" ")[0] if char else ""


def search_text(*texts: str) -> str:
    """Return the text in which searches look for words: one line for each form of each text.

    The forms are the folded text, the same with ae for ä, and the same without punctuation.
    """
    lines = []
    for text in texts:
        plain = fold(text)
        lines += [plain, fold(canonical(text).translate(_DIGRAPHS)), _compact(plain)]
    return "\n".join(dict.fromkeys(line for line in lines if line))


def search_words(text: str) -> list[set[str]]:
    """Return the words to look for in a `search_text`: each in its forms, one of which must be there.

    A word comes once: U+FDFA alone stands for four, and each costs a query a part of its time.
    """
    words = dict.fromkeys(fold(text).split())
    return [{word, _compact(word) or word} for word in words]


def _compact(text: str) -> str:
    """Return a text without punctuation: walle for wall-e."""
    return "".join(char for char in text if unicodedata.category(char)[0] in "LMN" or char == " ")


def opaque_string(password: str) -> str:
    """Return a password as it is hashed: RFC 8265's OpaqueString, without its refusals.

    Every blank is U+0020, and composed and decomposed letters are the same (NFC). Case counts.
    """
    spaced = (" " if unicodedata.category(char) == "Zs" else char for char in password)
    return unicodedata.normalize("NFC", "".join(spaced))


def find_problem(text: str, *, lines: bool = False) -> str | None:
    """Return what is wrong with a text that people are to read, or None.

    Joiners, soft hyphens, direction marks and emoji are in order. With `lines`, so are line breaks
    and tabs. A blank text is in order, too: whether it may be blank is another question.
    """
    if not text.strip() or (text.isascii() and text.isprintable()):
        return None
    if not any(_is_visible(char) for char in text):
        return NOTHING_TO_SEE
    checked = _FLAG.sub("", text.translate(_LINE_BREAKS) if lines else text)
    if (found := _PROBLEM.search(checked)) is None:
        return None
    what = list(_PROBLEMS)[(found.lastindex or 1) - 1]
    return (
        f"Character {found.start() + 1} is {what} (U+{ord(found[0]):04X}), which nobody sees: "
        "remove it."
    )


def _is_visible(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] not in "ZC" and category != "Mn" and not _IGNORABLE.match(char)
