"""The pictures on posters: a still life of plain shapes for each genre, in a palette of four colours.

Each function draws 400 by 400, from what a title's digest chooses. Pure.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Palette(NamedTuple):
    """The colours of a poster: its ground, ink for text, and three for shapes."""

    ground: str
    ink: str
    one: str
    two: str
    three: str


# Ink on ground has a contrast of 7 to 1 and more.
PALETTES = (
    Palette("#f4e9d2", "#2b1a1e", "#c8412f", "#e7a83e", "#23586b"),
    Palette("#1d2a44", "#f7ecd6", "#e8b04a", "#d9583b", "#6f9fb0"),
    Palette("#e9dcc4", "#24303c", "#2f6f6a", "#d98e32", "#a83a3f"),
    Palette("#3a1322", "#fbe9d0", "#f0b33c", "#e0603f", "#8f9e8b"),
    Palette("#f2d9c4", "#33202c", "#b23a55", "#5b7f8c", "#e39a3b"),
    Palette("#17353a", "#f5ead3", "#e9c46a", "#e0714c", "#5fa39a"),
    Palette("#efe6da", "#2a2540", "#5a4a8a", "#e2604c", "#eab04b"),
    Palette("#2b2237", "#f6e7d8", "#ef8a5b", "#f2c75c", "#7b8fb8"),
    Palette("#d9e3d6", "#1f2f2b", "#2f6b50", "#d5633c", "#e5b44e"),
    Palette("#14283a", "#f4e8d0", "#d7573f", "#f0c15a", "#4f8fa3"),
)


class Brush:
    """Shapes as SVG, in a palette, with numbers between 0 and 1 from the digest of a title."""

    def __init__(self, palette: Palette, seed: Sequence[int]) -> None:
        self.palette, self._seed, self._next = palette, seed, 0

    def chance(self, low: float = 0, high: float = 1) -> float:
        """Return the next number of the title, between two."""
        self._next = (self._next + 1) % len(self._seed)
        return low + (high - low) * self._seed[self._next] / 255

    def disc(self, x: float, y: float, radius: float, fill: str, more: str = "") -> str:
        """Return a disc."""
        return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="{fill}"{more}/>'

    def ring(self, x: float, y: float, radius: float, stroke: str, width: float = 6) -> str:
        """Return a ring."""
        return (
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.0f}" fill="none" stroke="{stroke}" '
            f'stroke-width="{width:.0f}"/>'
        )

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, more: str = ""
    ) -> str:
        """Return a rectangle."""
        return (
            f'<rect x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}" '
            f'fill="{fill}"{more}/>'
        )

    def path(self, data: str, fill: str, more: str = "") -> str:
        """Return a filled path."""
        return f'<path d="{data}" fill="{fill}"{more}/>'

    def line(self, data: str, stroke: str, width: float = 6) -> str:
        """Return a drawn line with round ends."""
        return (
            f'<path d="{data}" fill="none" stroke="{stroke}" stroke-width="{width:.0f}" '
            'stroke-linecap="round"/>'
        )

    def stars(self, count: int, fill: str, *, below: float = 260) -> str:
        """Return small discs, scattered."""
        return "".join(
            self.disc(self.chance(24, 376), self.chance(24, below), self.chance(2, 5), fill)
            for _ in range(count)
        )


def hills(brush: Brush) -> str:
    """Return a kite over hills: for families."""
    p, x, y = brush.palette, brush.chance(90, 300), brush.chance(70, 120)
    return (
        brush.disc(400 - x, 130, brush.chance(52, 80), p.two)
        + brush.path("M0 290Q110 170 230 285T400 250V400H0Z", p.three)
        + brush.path(f"M0 350Q{brush.chance(120, 200):.0f} 240 400 340V400H0Z", p.one)
        + brush.path(f"M{x:.0f} {y:.0f}l42 46-42 70-42-70Z", p.ink)
        + brush.path(f"M{x:.0f} {y:.0f}l42 46h-84Z", p.ground, ' opacity=".35"')
        + brush.line(f"M{x:.0f} {y + 116:.0f}q-30 50 10 80t-30 90", p.ink, 3)
    )


def balloons(brush: Brush) -> str:
    """Return balloons: for animation."""
    p = brush.palette
    drawn = ""
    for place, colour in enumerate((p.one, p.two, p.three)):
        x, y, size = 95 + place * 105, brush.chance(110, 220), brush.chance(46, 68)
        drawn += brush.line(f"M{x} {y + size:.0f}Q{x + 24} 320 200 400", p.ink, 3)
        drawn += brush.path(f"M{x - 8} {y + size + 8:.0f}l8-12 8 12Z", colour)
        drawn += f'<ellipse cx="{x}" cy="{y:.0f}" rx="{size * 0.86:.0f}" ry="{size:.0f}" fill="{colour}"/>'
        drawn += brush.disc(x - size * 0.3, y - size * 0.38, size * 0.16, p.ground, ' opacity=".7"')
    return drawn


def castle(brush: Brush) -> str:
    """Return a castle under the moon: for fantasy."""
    p, x = brush.palette, brush.chance(110, 290)
    towers = "".join(
        brush.box(left, top, wide, 400 - top, colour)
        + brush.path(f"M{left - 8} {top}h{wide + 16}l-{wide / 2 + 8:.0f}-{wide * 1.15:.0f}Z", p.one)
        + brush.path(f"M{left + wide / 2 - 8:.0f} {top + 62}v-18a8 8 0 0116 0v18Z", p.two)
        for left, top, wide, colour in (
            (84, 250, 54, p.three),
            (262, 226, 56, p.three),
            (160, 190, 80, p.ink),
        )
    )
    return (
        brush.stars(14, p.two, below=200)
        + brush.disc(x, 108, 66, p.two)
        + brush.disc(x + 28, 94, 56, p.ground)
        + towers
        + brush.path("M0 372Q200 330 400 372V400H0Z", p.one)
    )


def planet(brush: Brush) -> str:
    """Return a planet with its ring: for science fiction."""
    p, y, tilt = brush.palette, brush.chance(170, 225), brush.chance(-28, 28)
    return (
        brush.stars(22, p.ink, below=390)
        + brush.disc(200, y, 112, p.one)
        + brush.path(f"M88 {y:.0f}a112 112 0 00224 0q-112 60-224 0Z", p.three)
        + f'<ellipse cx="200" cy="{y:.0f}" rx="178" ry="38" fill="none" stroke="{p.two}" stroke-width="13" '
        f'transform="rotate({tilt:.0f} 200 {y:.0f})"/>'
        + brush.path(f"M96 {y - 40:.0f}a112 112 0 01208 0q-104 54-208 0Z", p.one)
        + brush.disc(brush.chance(50, 350), 342, 24, p.two)
    )


def burst(brush: Brush) -> str:
    """Return rays and a falling shape: for action."""
    p, x, y = brush.palette, brush.chance(130, 270), brush.chance(230, 290)
    rays = "".join(
        brush.path(
            f"M{x:.0f} {y:.0f}L{-300 + 1000 * at / 9:.0f} -260h{54}Z", p.one if at % 2 else p.two
        )
        for at in range(10)
    )
    return (
        rays
        + brush.disc(x, y, 92, p.ink)
        + brush.disc(x, y, 58, p.two)
        + brush.path(f"M{x + 16:.0f} {y - 58:.0f}l-50 66h34l-16 50 50-66h-34Z", p.one)
        + brush.path("M0 350L400 306V400H0Z", p.three)
    )


def mountains(brush: Brush) -> str:
    """Return mountains and a path to the sun: for adventures."""
    p, peak = brush.palette, brush.chance(120, 280)
    return (
        brush.disc(peak + 50, 160, 84, p.two)
        + brush.path(f"M-40 330L{peak - 90:.0f} 120 {peak + 60:.0f} 330Z", p.three)
        + brush.path(f"M{peak - 90:.0f} 120l-38 60 30-10 16 18 22-20 24 8Z", p.ground)
        + brush.path(f"M{peak - 40:.0f} 330L{peak + 90:.0f} 190 {peak + 240:.0f} 330Z", p.one)
        + brush.box(0, 328, 400, 72, p.ink)
        + brush.path(f"M{peak + 20:.0f} 328h26q-60 26 40 36t-70 36h-90q90-34-10-44t104-28Z", p.two)
    )


def comedy(brush: Brush) -> str:
    """Return confetti, a bow tie and a smile: for comedies."""
    p = brush.palette
    confetti = "".join(
        brush.box(
            x := brush.chance(14, 370),
            y := brush.chance(10, 130),
            18,
            9,
            (p.one, p.two, p.three)[place % 3],
            f' transform="rotate({brush.chance(0, 180):.0f} {x:.0f} {y:.0f})"',
        )
        for place in range(18)
    )
    return (
        confetti
        + brush.disc(200, 226, 112, p.two)
        + brush.disc(160, 200, 13, p.ink)
        + brush.disc(240, 200, 13, p.ink)
        + brush.path("M134 236h132a66 60 0 01-132 0Z", p.ink)
        + brush.path("M160 268a48 36 0 0080 0 60 40 0 00-80 0Z", p.one)
        + brush.path("M200 362l-84-40v80Zm0 0l84-40v80Z", p.one)
        + brush.disc(200, 362, 20, p.three)
    )


def hearts(brush: Brush) -> str:
    """Return two moons that overlap over water: for romances."""
    p, gap = brush.palette, brush.chance(52, 74)
    waves = "".join(
        brush.line(f"M{30 - row * 14} {322 + row * 30}" + "q25-20 50 0t50 0" * 4, p.three, 7)
        for row in range(3)
    )
    return (
        brush.disc(200 - gap, 176, 106, p.one)
        + brush.disc(200 + gap, 176, 106, p.two)
        + brush.path(
            f"M200 {176 - (106**2 - gap**2) ** 0.5:.0f}A106 106 0 01200 {176 + (106**2 - gap**2) ** 0.5:.0f}"
            f"A106 106 0 01200 {176 - (106**2 - gap**2) ** 0.5:.0f}Z",
            p.ink,
        )
        + waves
    )


def blinds(brush: Brush) -> str:
    """Return a lamp behind blinds, and a long shadow: for crime and thrillers."""
    p, x = brush.palette, brush.chance(130, 270)
    dark = min(p.ink, p.ground)  # their first digits say which is darker
    slats = "".join(brush.box(40, 44 + row * 30, 320, 15, p.ink) for row in range(8))
    return (
        brush.box(0, 284, 400, 116, p.three)
        + brush.box(40, 40, 320, 244, p.two)
        + brush.disc(x, 170, 84, p.one)
        + slats
        + brush.path(
            f"M{x - 50:.0f} 216h100l-14-10-8-44h-56l-8 44Zm14 14a36 44 0 0072 0Zm-36 170q6-112 72-118 66 6 72 118Z",
            dark,
        )
    )


def keyhole(brush: Brush) -> str:
    """Return a keyhole with an eye: for mysteries."""
    p = brush.palette
    return (
        brush.box(76, 20, 248, 380, p.three)
        + brush.box(96, 40, 208, 360, p.one)
        + brush.path("M200 96a78 78 0 00-40 145l-32 122h144l-32-122a78 78 0 00-40-145Z", p.ink)
        + brush.path("M140 176q60-62 120 0-60 62-120 0Z", p.ground)
        + brush.disc(200 + brush.chance(-16, 16), 176, 25, p.two)
        + brush.disc(200, 176, 11, p.ink)
    )


def still_life(brush: Brush) -> str:
    """Return a bottle, a bowl and fruit on a table: for dramas."""
    p, flip = brush.palette, brush.chance() > 0.5
    drawn = (
        brush.disc(268, 128, brush.chance(60, 84), p.two)
        + brush.path("M96 130h36v58q34 20 34 62v86H62v-86q0-42 34-62Z", p.three)
        + brush.box(92, 112, 44, 22, p.ink)
        + brush.box(62, 262, 104, 40, p.ground, ' opacity=".8"')
        + brush.disc(226, 262, 34, p.one)
        + brush.disc(286, 268, brush.chance(28, 36), p.two)
        + brush.line("M228 230q4-22 22-28", p.ink, 5)
        + brush.path("M176 274h170q-8 62-62 62h-46q-54 0-62-62Z", p.ink)
        + brush.box(0, 336, 400, 64, p.one)
        + brush.box(0, 336, 400, 9, p.ink, ' opacity=".5"')
    )
    return f'<g transform="matrix(-1 0 0 1 400 0)">{drawn}</g>' if flip else drawn


def window(brush: Brush) -> str:
    """Return a chair by a window: for dramas, too."""
    p, sun = brush.palette, brush.chance(150, 250)
    return (
        brush.box(96, 36, 208, 230, p.two)
        + brush.disc(sun, 190, 56, p.one)
        + brush.path("M96 232q52-30 104 0t104-6v40H96Z", p.three)
        + f'<path d="M96 36h208v230H96ZM200 36v230M96 142h208" fill="none" stroke="{p.ink}" stroke-width="10"/>'
        + brush.path("M96 330L304 330 380 400H20Z", p.two, ' opacity=".55"')
        + brush.line("M250 232v84h74v76M250 316v76M324 316l12 0M250 262h0", p.ink, 11)
        + brush.line("M250 316h74", p.one, 16)
    )


def music(brush: Brush) -> str:
    """Return a record and bars of sound: for music and musicals."""
    p, x = brush.palette, brush.chance(150, 250)
    grooves = "".join(brush.ring(x, 176, radius, p.ground, 2) for radius in (120, 102, 84, 66))
    bars = "".join(
        brush.box(
            28 + place * 36,
            400 - (tall := brush.chance(24, 92)),
            22,
            tall,
            (p.two, p.one, p.three)[place % 3],
        )
        for place in range(10)
    )
    return (
        brush.disc(x, 176, 138, p.ink)
        + grooves
        + brush.disc(x, 176, 48, p.one)
        + brush.disc(x, 176, 8, p.ground)
        + bars
    )


def columns(brush: Brush) -> str:
    """Return arches: for history, biographies and wars."""
    p = brush.palette
    arches = "".join(
        brush.path(f"M{34 + place * 116} 340v-112a50 50 0 01100 0v112Z", colour)
        for place, colour in enumerate((p.one, p.ink, p.three))
    )
    return (
        brush.disc(brush.chance(110, 290), 112, brush.chance(58, 78), p.two)
        + brush.box(14, 150, 372, 190, p.two, ' opacity=".45"')
        + arches
        + brush.box(0, 340, 400, 18, p.ink)
        + brush.box(0, 358, 400, 42, p.one)
    )


def reels(brush: Brush) -> str:
    """Return reels and a beam of light: for all else."""
    p = brush.palette
    spokes = "".join(
        brush.disc(150 + 50 * dx, 168 + 50 * dy, 19, p.ground)
        for dx, dy in ((0, -1), (0.95, -0.31), (0.59, 0.81), (-0.59, 0.81), (-0.95, -0.31))
    )
    return (
        brush.path("M150 168L420 40V330Z", p.two)
        + brush.disc(150, 168, 98, p.one)
        + spokes
        + brush.disc(150, 168, 12, p.ink)
        + brush.disc(262, 292, brush.chance(50, 66), p.three)
        + brush.disc(262, 292, 14, p.ground)
        + brush.box(40, 350, 320, 12, p.ink)
    )


Art = Callable[[Brush], str]
# By genre, in English and in lower case. The first that a movie has decides; a title picks one of several.
ART: dict[str, tuple[Art, ...]] = {
    "music": (music,),
    "musical": (music,),
    "science fiction": (planet,),
    "mystery": (keyhole,),
    "western": (mountains,),
    "horror": (keyhole, blinds),
    "adventure": (mountains,),
    "fantasy": (castle,),
    "family": (hills, balloons),
    "animation": (balloons, hills),
    "crime": (blinds,),
    "thriller": (blinds,),
    "action": (burst,),
    "romance": (hearts,),
    "comedy": (comedy,),
    "biography": (columns,),
    "history": (columns,),
    "war": (columns,),
    "drama": (still_life, window),
}
