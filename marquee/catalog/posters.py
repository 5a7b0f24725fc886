"""Draw posters for movies without a picture: a still life for the genre, and the title below it.

The same movie always has the same poster. A line of text has an estimated width, so that no font of a
visitor's device lets it overflow: `textLength` squeezes what is wider.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from itertools import pairwise

from marquee.catalog.poster_art import ART, PALETTES, Brush, reels

WIDTH, HEIGHT = 400, 600
MARGIN = 28
SIZES = (54, 46, 39, 33, 28)
MAX_LINES = {54: 2, 46: 2, 39: 3, 33: 3, 28: 4}
LEADING = 1.12
# The space for the title, below the picture.
BASELINE, TEXT_WIDTH = 548, WIDTH - 2 * MARGIN
# The widths of characters of a bold serif, in its size: generous, as fonts differ.
NARROW, WIDE = frozenset("iIjltf.,:;'!|()[]-\u2019 "), frozenset("mwMW@%&—…")
LATIN_END = "\u2e80"  # from here on scripts whose characters are as wide as they are high

_POSTER = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 600" role="img" aria-label="{name}">\
<rect width="400" height="600" fill="{ground}"/>\
<svg width="400" height="400" overflow="hidden">{art}</svg>\
<path d="M0 400H400" stroke="{ink}" stroke-width="3"/>\
<path d="M14 413H400" stroke="{one}" stroke-width="6" stroke-linecap="round" stroke-dasharray="0 20"/>\
<g fill="{ink}" font-family="Georgia,'Times New Roman',serif" font-weight="700" font-size="{size}">\
{lines}</g>\
<text x="28" y="582" fill="{ink}" font-family="Helvetica,Arial,sans-serif" font-size="17" \
letter-spacing="4">{year}</text></svg>
"""


def render_svg(
    title: str, year: int | None, genres: Iterable[str] = (), *, translated: str = ""
) -> str:
    """Return a poster as SVG. The same title, year and genres always give the same picture.

    A `translated` title stands below it in place of the title.
    """
    seed = sha256(f"{title}\0{year}".encode(errors="replace")).digest()
    palette = PALETTES[seed[0] % len(PALETTES)]
    choices = next((ART[genre] for genre in _by_rank(genres)), (reels,))
    # XML allows no others.
    shown = "".join(char if char.isprintable() else " " for char in translated or title)
    size, lines = _fit(shown)
    top = (BASELINE + 432 - (len(lines) - 1) * size * LEADING + size * 0.72) / 2
    return _POSTER.format(
        name=escape(shown),
        art=choices[seed[1] % len(choices)](Brush(palette, seed[2:])),
        size=size,
        lines="".join(
            _line(line, top + place * size * LEADING, size) for place, line in enumerate(lines)
        ),
        year=year or "",
        **palette._asdict(),
    )


def version_of(svg: str) -> str:
    """Return what differs between two posters, for the URL that a browser may keep for ever."""
    return sha256(svg.encode()).hexdigest()[:12]


def _by_rank(genres: Iterable[str]) -> list[str]:
    """Return the genres that have a picture, the most telling one first."""
    names = {genre.casefold() for genre in genres}
    return [genre for genre in ART if genre in names]


def _line(text: str, y: float, size: int) -> str:
    """Return a line of the title. One that a wide font would make too long is fitted to its width."""
    estimate = _width(text, size)
    fit = f' textLength="{min(estimate, TEXT_WIDTH):.0f}" lengthAdjust="spacingAndGlyphs"'
    is_long = estimate > TEXT_WIDTH * 0.88
    return f'<text x="{MARGIN}" y="{y:.0f}"{fit if is_long else ""}>{escape(text)}</text>'


def _fit(title: str) -> tuple[int, list[str]]:
    """Return the font size and the lines: the largest that fit. Very long titles are cut."""
    for size in SIZES:
        lines = _wrap(_words(title), size, TEXT_WIDTH)
        if len(lines) <= MAX_LINES[size] and all(
            _width(line, size) <= TEXT_WIDTH for line in lines
        ):
            return size, _balance(_words(title), size, len(lines))
    words = [part for word in _words(title) for part in _broken(word, size)]
    lines, most = _wrap(words, size, TEXT_WIDTH), MAX_LINES[size]
    if len(lines) > most:
        lines = [*lines[: most - 1], _cut(lines[most - 1], size)]
    return size, lines


def _words(title: str) -> list[str]:
    return title.split()


def _wrap(words: Sequence[str], size: int, width: float) -> list[str]:
    """Return the words in lines, each as full as it can be."""
    lines: list[str] = []
    for word in words:
        if lines and _width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _balance(words: Sequence[str], size: int, count: int) -> list[str]:
    """Return as many lines of about the same length."""
    widths = range(TEXT_WIDTH // 3, TEXT_WIDTH + 1, 8)
    candidates = (_wrap(words, size, width) for width in widths)
    fitting = (
        lines
        for lines in candidates
        if len(lines) == count and all(_width(line, size) <= TEXT_WIDTH for line in lines)
    )
    return next(fitting, _wrap(words, size, TEXT_WIDTH))


def _broken(word: str, size: int) -> list[str]:
    """Return the parts of a word that is too long for a line, with hyphens between Latin letters."""
    parts = [""]
    for letter in word:
        if _width(f"{parts[-1]}{letter}-", size) > TEXT_WIDTH:
            parts.append("")
        parts[-1] += letter
    hyphened = [f"{one}-" if one[-1] < LATIN_END else one for one, _next in pairwise(parts)]
    return [*hyphened, parts[-1]]


def _cut(line: str, size: int) -> str:
    """Return a line with an ellipsis, which fits."""
    while _width(f"{line}…", size) > TEXT_WIDTH:
        line = line[:-1]
    return f"{line.rstrip(' -')}…"


def _width(text: str, size: int) -> float:
    return sum(map(_em, text)) * size


def _em(letter: str) -> float:
    if letter >= LATIN_END:
        return 1.05
    if letter in NARROW:
        return 0.42
    if letter in WIDE:
        return 1.1
    return 0.82 if letter.isupper() or letter.isdigit() else 0.68
