"""Draw posters for movies without a picture: typography, a gradient and circles."""

from hashlib import sha256
from html import escape
from textwrap import wrap

WIDTH, HEIGHT = 400, 600
SIZES = (52, 42, 34, 28)
MAX_LINES = 6

_POSTER = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" \
aria-label="{name}">
<defs><linearGradient id="g" x1="0" y1="0" x2="{lean}" y2="1">\
<stop offset="0" stop-color="hsl({hue} 55% 30%)"/>\
<stop offset="1" stop-color="hsl({other_hue} 60% 12%)"/></linearGradient></defs>
<rect width="{width}" height="{height}" fill="url(#g)"/>
<g fill="none" stroke="hsl({accent} 80% 70%)" stroke-opacity=".5" stroke-width="2">{motif}</g>
<rect x="32" y="{bar}" width="56" height="5" fill="hsl({accent} 80% 70%)"/>
<g fill="#fff" font-family="Georgia, 'Times New Roman', serif" font-weight="700" \
font-size="{size}">{lines}</g>
<text x="32" y="566" fill="#fff" fill-opacity=".75" font-family="Helvetica, Arial, sans-serif" \
font-size="20" letter-spacing="4">{year}</text>
</svg>
"""


def render_svg(title: str, year: int | None) -> str:
    """Return a poster as SVG. The same title and year always give the same poster."""
    title = "".join(
        letter if letter.isprintable() else " " for letter in title
    )  # XML allows no others
    seed = sha256(f"{title}\0{year}".encode()).digest()
    hue = seed[0] * 360 // 256
    size, lines = _fit(title)
    top = 520 - (len(lines) - 1) * size * 1.15
    return _POSTER.format(
        width=WIDTH,
        height=HEIGHT,
        name=escape(title),
        lean=f"{seed[1] / 255:.2f}",
        hue=hue,
        other_hue=(hue + 40 + seed[2] // 4) % 360,
        accent=(hue + 180) % 360,
        motif=_circles(seed),
        bar=f"{top - size - 22:.0f}",
        size=size,
        lines="".join(
            f'<text x="32" y="{top + place * size * 1.15:.0f}">{escape(line)}</text>'
            for place, line in enumerate(lines)
        ),
        year=year or "",
    )


def _fit(title: str) -> tuple[int, list[str]]:
    """Return the font size and the lines: the largest that fit. Very long titles are cut."""
    for size in SIZES:
        width = int(336 / (size * 0.6))
        if len(lines := wrap(title, width)) <= 4:
            return size, lines
    return size, wrap(title, width, max_lines=MAX_LINES, placeholder="…")


def _circles(seed: bytes) -> str:
    """Return the motif: rings around a point, and a few circles beside them."""
    x, y = 120 + seed[3] * 160 // 255, 120 + seed[4] * 100 // 255
    rings = "".join(
        f'<circle cx="{x}" cy="{y}" r="{radius}"/>'
        for radius in range(24, 60 + seed[5] // 2, 12 + seed[6] % 14)
    )
    others = "".join(
        f'<circle cx="{seed[place] * WIDTH // 255}" cy="{seed[place + 1] * 340 // 255}" '
        f'r="{8 + seed[place + 2] // 10}"/>'
        for place in range(7, 7 + 3 * (2 + seed[31] % 4), 3)
    )
    return rings + others
